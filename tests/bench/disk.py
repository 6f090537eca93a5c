"""The disk below a daemon: as it is, or with an fsync that takes longer, or hangs (disk.cpp, compiled here)."""

import os
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


class Disk:
    """What a daemon is to be started with, so that its fsync takes so many microseconds more, from now on."""

    def __init__(self, work, micros=0):
        library = os.path.join(work, "disk.so")
        subprocess.run(["c++", "-std=c++20", "-O2", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "disk.cpp")],
                       check=True)
        self._told = os.path.join(work, "disk")
        self.takes(micros)
        self.environment = {"LD_PRELOAD": library, "KLAXON_SLOW_DISK": self._told}

    def takes(self, micros):
        with open(self._told, "r+b" if os.path.exists(self._told) else "wb") as file:
            file.write(struct.pack("=i", micros))

    def hangs(self):
        self.takes(-1)

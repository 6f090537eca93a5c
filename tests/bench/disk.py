"""The disk below a daemon: as it is, or with an fsync that takes longer, or hangs (disk.cpp, compiled here)."""

import functools
import os
import struct
import subprocess
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))


_compiling = threading.Lock()


@functools.cache
def _folder():
    """Compiled once, gone with this program."""
    folder = tempfile.TemporaryDirectory(prefix="klaxon-disk-")
    subprocess.run(["c++", "-std=c++20", "-O2", "-shared", "-fPIC", "-o", os.path.join(folder.name, "disk.so"),
                    os.path.join(HERE, "disk.cpp")], check=True)
    return folder


class Disk:
    """What a daemon is to be started with, so that its fsync takes so many microseconds more, from now on."""

    def __init__(self, work, micros=0):
        with _compiling:
            library = os.path.join(_folder().name, "disk.so")
        self._told = os.path.join(work, "disk")
        self.takes(micros)
        self.environment = {"LD_PRELOAD": library, "KLAXON_SLOW_DISK": self._told}

    def takes(self, micros):
        with open(self._told, "r+b" if os.path.exists(self._told) else "wb") as file:
            file.write(struct.pack("=i", micros))

    def hangs(self):
        self.takes(-1)

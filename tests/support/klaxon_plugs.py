"""USB modems that are plugged in and out under a real klaxond: umockdev plays udev and /sys, and the nodes in its /dev are
the PTYs of a simulated bank, or traps that note every byte that is written to them."""

import ctypes
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import tty

CONTROLLER = "/devices/pci0000:00/0000:00:14.0"
QUECTEL, SIERRA, UNKNOWN, FTDI = ("2c7c", "0125"), ("1199", "9071"), ("1234", "5678"), ("0403", "6001")


def available():
    try:
        ctypes.CDLL("libumockdev.so.0")
        return shutil.which("umockdev-wrapper") is not None
    except OSError:
        return False


class Trap:
    """A port that must never be written to, or one that says nothing."""

    def __init__(self):
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)

    def bytes(self):
        """All that was written to it so far."""
        found = b""
        while select.select([self._master], [], [], 0)[0]:
            found += os.read(self._master, 4096)
        return found

    def close(self):
        os.close(self._master)
        os.close(self._slave)


PRELOAD = "libumockdev-preload.so.0"


def serve_bed():
    """In a process of its own under umockdev: the library finds the devices it made only there. A JSON line a request."""
    library = ctypes.CDLL("libumockdev.so.0")
    library.umockdev_testbed_new.restype = ctypes.c_void_p
    library.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
    bed = ctypes.c_void_p(library.umockdev_testbed_new())
    print(library.umockdev_testbed_get_root_dir(bed).decode(), flush=True)
    for line in sys.stdin:
        what, *words = [word.encode() for word in json.loads(line)]
        if what == b"add":
            done = library.umockdev_testbed_add_from_string(bed, words[0], None)
        elif what == b"tell":
            done = library.umockdev_testbed_uevent(bed, *words) or True
        else:
            done = library.umockdev_testbed_remove_device(bed, words[0]) or True
        print("ok" if done else "refused", flush=True)


class Plugs:
    """A machine with one USB controller. `plug` a device at a chain of ports ("1.2"), with a tty for each interface."""

    def __init__(self):
        self._bed = subprocess.Popen([sys.executable, os.path.abspath(__file__)], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True, env=dict(os.environ, LD_PRELOAD=PRELOAD))
        self.root = self._bed.stdout.readline().strip()
        self._there = {}

    def environment(self):
        return dict(os.environ, UMOCKDEV_DIR=self.root, LD_PRELOAD=PRELOAD)

    @staticmethod
    def place(chain):
        return f"pci-0000:00:14.0-usb-0:{chain}"

    def plug(self, chain, ids, ports, first=0, driver="option", tell=True):
        """ports: interface number to the path of a PTY. Nodes are ttyUSB<first> and on, in the order of the interfaces."""
        device = f"{CONTROLLER}/usb1/1-{chain}"
        interfaces = len(ports) if driver != "option" else 5
        self._add([f"P: {device}", "E: SUBSYSTEM=usb", "E: DEVTYPE=usb_device", f"A: idVendor={ids[0]}",
                   f"A: idProduct={ids[1]}", f"A: bNumInterfaces= {interfaces}"])
        paths, ttys, links = [], [], []
        for number, (interface, target) in enumerate(sorted(ports.items()), first):
            name, at = f"ttyUSB{number}", f"{device}/1-{chain}:1.{interface}"
            self._add([f"P: {at}", "E: SUBSYSTEM=usb", "E: DEVTYPE=usb_interface", f"E: DRIVER={driver}",
                       f"A: bInterfaceNumber={interface:02x}", "A: bInterfaceClass=ff", "A: bInterfaceSubClass=ff",
                       "A: bInterfaceProtocol=ff"])
            self._add([f"P: {at}/{name}", "E: SUBSYSTEM=usb-serial", "A: port_number=0"])
            id_path = f"{self.place(chain)}:1.{interface}"
            by_path = f"/dev/serial/by-path/{id_path}-port0"
            # Without N: umockdev would make a PTY of its own, and never let go of the name.
            self._add([f"P: {at}/{name}/tty/{name}", "E: SUBSYSTEM=tty", f"E: DEVNAME=/dev/{name}",
                       f"E: ID_PATH={id_path}", f"E: ID_USB_DRIVER={driver}", f"E: DEVLINKS={by_path}"])
            for link, to in ((f"/dev/{name}", os.path.realpath(target)), (by_path, f"../../{name}")):
                os.makedirs(os.path.dirname(self.root + link), exist_ok=True)
                os.symlink(to, self.root + link)
                links.append(self.root + link)
            paths += [f"{at}/{name}/tty/{name}", f"{at}/{name}", at]
            ttys.append(f"{at}/{name}/tty/{name}")
        self._there[chain] = (ttys, paths + [device], links)
        if tell:
            self._tell(ttys, "add")
        return f"{self.place(chain)}"

    def unplug(self, chain):
        ttys, paths, links = self._there.pop(chain)
        for link in links:
            os.unlink(link)
        self._tell(ttys, "remove")
        for path in paths:
            self._ask("remove", f"/sys{path}")

    def _add(self, lines):
        self._ask("add", "\n".join(lines) + "\n\n")

    def _tell(self, ttys, action):
        for path in ttys:
            self._ask("tell", f"/sys{path}", action)

    def _ask(self, *words):
        self._bed.stdin.write(json.dumps(words) + "\n")
        self._bed.stdin.flush()
        if self._bed.stdout.readline() != "ok\n":
            raise AssertionError(f"umockdev refused {words}")

    def stop(self):
        self._bed.stdin.close()
        self._bed.wait(10)
        self._bed.stdout.close()
        shutil.rmtree(self.root, ignore_errors=True)


if __name__ == "__main__":
    serve_bed()

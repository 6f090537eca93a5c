"""The guest's disk and kernel: a Debian 12 that holds what the package depends on, and not the package itself. Made once for a
list of packages and kept below build/rig; each run works on a copy."""

import glob
import gzip
import hashlib
import lzma
import os
import re
import shutil
import stat
import subprocess
import tempfile

from klaxon_container import bootstrap, depends
from klaxon_wait import ROOT

CACHE = os.path.join(ROOT, "build", "rig")
SYSTEM = ["systemd", "systemd-sysv", "udev", "kmod", "iproute2", "qemu-guest-agent", "busybox-static"]
DISK_MIB = 1024
# What a boot would wait for and a test never looks at.
MASKED = ["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
          "fstrim.timer", "getty.target", "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service",
          "systemd-pcrphase.service", "systemd-pcrphase-sysinit.service", "systemd-pcrphase-initrd.service",
          "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-kernel-config.mount", "sys-fs-fuse-connections.mount",
          "dev-hugepages.mount", "dev-mqueue.mount", "proc-sys-fs-binfmt_misc.automount", "modprobe@drm.service",
          "modprobe@fuse.service", "modprobe@configfs.service", "modprobe@efi_pstore.service"]
# Of the kernel's modules, these folders: its own are 300 MiB.
MODULES = ["fs/ext4", "fs/jbd2", "fs/mbcache.ko", "fs/autofs", "lib", "crypto", "arch/x86/crypto", "drivers/virtio", "drivers/block/virtio_blk.ko",
           "drivers/net/virtio_net.ko", "drivers/net/net_failover.ko", "net/core", "drivers/char/virtio_console.ko",
           "drivers/char/hw_random", "drivers/usb/common", "drivers/usb/core", "drivers/usb/host", "drivers/usb/class",
           "drivers/usb/serial"]
FOR_THE_ROOT = ["virtio_pci", "virtio_blk", "ext4"]  # what the kernel needs to find its disk
# Run by mmdebstrap with the new root as $1: Debian's kernel, unpacked and not installed, so that no initramfs is made for it.
FETCH_KERNEL = r'''
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
name=$(apt-cache depends --important linux-image-amd64 | sed -n "s/^ *Depends: \(linux-image-[^ ]*\)$/\1/p" | head -n 1)
test -n "$name" && mkdir "$1.kernel" && cd "$1.kernel" && apt-get -q download "$name" && dpkg-deb --extract "$name"_*.deb .
'''
INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in {modules}; do /bin/busybox insmod /$module; done
/bin/busybox mount -t ext4 /dev/vda /root || exec /bin/busybox poweroff -f
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
"""


class Image:
    """Where the three files of a guest are."""

    def __init__(self, folder):
        self.disk, self.kernel, self.initrd = (os.path.join(folder, name) for name in ("disk", "vmlinux", "initrd"))


def image_for(deb):
    """The image with what this package depends on; made if it is not there yet."""
    packages = sorted({*SYSTEM, *depends(deb)})
    with open(__file__, "rb") as recipe:
        name = hashlib.sha256(" ".join(packages).encode() + recipe.read()).hexdigest()[:12]
    folder = os.path.join(CACHE, f"image-{name}")
    if not os.path.isdir(folder):
        for older in glob.glob(os.path.join(CACHE, "image-*")):
            shutil.rmtree(older)
        os.makedirs(folder + ".part")
        _make(Image(folder + ".part"), packages)
        os.rename(folder + ".part", folder)
    return Image(folder)


def _make(image, packages):
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        root = os.path.join(work, "root")
        bootstrap(root, packages, "--customize-hook=" + FETCH_KERNEL, timeout=900)
        _take_kernel(root, image)
        _settle(root)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, image.disk, f"{DISK_MIB}M"], check=True, capture_output=True)


def _take_kernel(root, image):
    unpacked = root + ".kernel"
    (boot,) = glob.glob(os.path.join(unpacked, "boot", "vmlinuz-*"))
    version = boot.rsplit("vmlinuz-", 1)[1]
    with open(boot, "rb") as packed, open(image.kernel, "wb") as file:
        file.write(unpacked_kernel(packed.read()))
    source = os.path.join(unpacked, "lib", "modules", version)
    target = os.path.join(root, "usr", "lib", "modules", version)
    os.makedirs(target)
    for name in glob.glob(os.path.join(source, "modules.*")):
        shutil.copy(name, target)
    for kept in MODULES:
        old, new = (os.path.join(folder, "kernel", kept) for folder in (source, target))
        os.makedirs(os.path.dirname(new), exist_ok=True)
        if os.path.isdir(old):
            shutil.copytree(old, new)
        elif os.path.exists(old):  # some are part of the kernel itself
            shutil.copy(old, new)
    subprocess.run(["chroot", root, "depmod", version], check=True)
    _write_initrd(root, target, image.initrd)


def unpacked_kernel(packed):
    """The ELF file in a bzImage, which QEMU starts by PVH: to unpack it in an emulated machine takes many seconds."""
    for magic, unpack in ((b"\xfd7zXZ\0", lzma.LZMADecompressor), (b"\x1f\x8b\x08", None)):
        at = packed.find(magic)
        if at >= 0:
            elf = unpack().decompress(packed[at:]) if unpack else gzip.decompress(packed[at:])
            if elf.startswith(b"\x7fELF"):
                return elf
    raise AssertionError("the kernel is packed in a way that is not known here")


def _write_initrd(root, modules, path):
    """busybox, the modules for the disk in their order, and a script: no initramfs-tools."""
    needs = {}
    with open(os.path.join(modules, "modules.dep")) as file:
        for line in file:
            name, _, rest = line.partition(":")
            needs[re.sub(r"\.ko.*", "", os.path.basename(name)).replace("-", "_")] = [name, *rest.split()]
    wanted = []
    # The checksum of ext4 is asked for by name when it is mounted, so it is no dependency of it.
    for name in [*FOR_THE_ROOT[:-1], "crc32c_generic", FOR_THE_ROOT[-1]]:
        wanted += [file for file in reversed(needs.get(name, [])) if file not in wanted]
    files = {"bin/busybox": _content(os.path.join(root, "bin", "busybox")),
             "init": INIT.format(modules=" ".join(map(os.path.basename, wanted))).encode()}
    files.update({os.path.basename(file): _content(os.path.join(modules, file)) for file in wanted})
    with open(path, "wb") as file:
        file.write(archive(["bin", "dev", "root"], files))


def _content(path):
    with open(path, "rb") as file:
        return file.read()


def archive(folders, files):
    """A cpio archive in the only form that the kernel reads."""
    def entry(name, mode, content=b""):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        return head + b"\0" * (-len(head) % 4) + content + b"\0" * (-len(content) % 4)
    whole, number = b"", 0
    for number, name in enumerate(folders, 1):
        whole += entry(name, stat.S_IFDIR | 0o755)
    for number, (name, content) in enumerate(files.items(), number + 1):
        whole += entry(name, stat.S_IFREG | 0o755, content)
    return whole + entry("TRAILER!!!", 0)


def _settle(root):
    """What would be different at each boot, or only take time."""
    def put(path, text):
        with open(os.path.join(root, path), "w") as file:
            file.write(text)
    put("etc/hostname", "klaxon-rig\n")
    put("etc/hosts", "127.0.0.1 localhost klaxon-rig\n::1 localhost\n")
    put("etc/machine-id", hashlib.sha256(b"klaxon-rig").hexdigest()[:32] + "\n")
    put("etc/systemd/journald.conf", "[Journal]\nStorage=volatile\nForwardToConsole=yes\nMaxLevelConsole=warning\n")
    for unit in MASKED:
        link = os.path.join(root, "etc", "systemd", "system", unit)
        if not os.path.lexists(link):
            os.symlink("/dev/null", link)
    shutil.rmtree(os.path.join(root, "var", "cache", "apt"), ignore_errors=True)
    shutil.rmtree(os.path.join(root, "var", "lib", "apt", "lists"), ignore_errors=True)

"""A Debian 12 with a systemd of its own, in a container: where packages are installed, upgraded and purged for real.

The root is made once by mmdebstrap and kept below build/; each container runs on a throw-away overlay of it, with no network
but its own loopback.
"""

import fcntl
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile

from klaxon_wait import BUILD, ROOT, stop, tail_of, wait_until

ROOTS = os.path.join(os.path.dirname(BUILD), "container")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
SYSTEM = ["systemd", "systemd-sysv", "udev"]
# Nothing in a container reads these, and half of the time goes into writing them.
LEFT_OUT = ["/usr/share/locale/*", "/usr/share/man/*", "/usr/share/doc/*", "/usr/share/zoneinfo/right/*"]


def package(folder):
    """A .deb of what was built, as `cpack` makes it; gives its path."""
    command = ["cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-G", "DEB", "-B", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    made = re.findall(r"^CPack: - package: (.*) generated\.$", done.stdout, re.M)
    if done.returncode != 0 or len(made) != 1:
        raise AssertionError(f"cpack: {done.returncode}\n{done.stdout}{done.stderr}")
    return made[0]


def renumbered(deb, version, folder):
    """The same package under another version."""
    tree = os.path.join(folder, "renumbered")
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    control = os.path.join(tree, "DEBIAN", "control")
    with open(control) as file:
        text = re.sub(r"^Version: .*$", f"Version: {version}", file.read(), flags=re.M)
    with open(control, "w") as file:
        file.write(text)
    made = os.path.join(os.path.dirname(deb), f"renumbered_{version}.deb")
    subprocess.run(["dpkg-deb", "--build", "-Znone", tree, made], check=True, capture_output=True)
    shutil.rmtree(tree)
    return made


def field(deb, name):
    return subprocess.run(["dpkg-deb", "--field", deb, name], capture_output=True, text=True, check=True).stdout.strip()


def depends(deb):
    """The names of the packages that a .deb needs, the first of each alternative."""
    return [re.match(r"[a-z0-9.+-]+", need.strip())[0] for need in field(deb, "Depends").split(",")]


def debian_sources():
    """The machine's own lines for Debian 12; mmdebstrap's default where it has none."""
    places = ["/etc/apt/sources.list", *glob.glob("/etc/apt/sources.list.d/*.list"),
              *glob.glob("/etc/apt/sources.list.d/*.sources")]
    found = []
    for place in filter(os.path.exists, places):
        with open(place) as file:
            text = file.read()
        if "bookworm" in text and ("debian-archive-keyring" in text or re.search(r"^deb .*debian.* main", text, re.M)):
            found.append(place)
    return found


def root_with(packages):
    """A root that holds these packages, what they depend on, and nothing else; made if it is not there yet."""
    wanted = sorted({*SYSTEM, *packages})
    name = hashlib.sha256(" ".join(wanted + LEFT_OUT).encode()).hexdigest()[:12]
    root = os.path.join(ROOTS, name)
    if os.path.isdir(root):
        return root
    shutil.rmtree(ROOTS, ignore_errors=True)  # those of other lists of packages, and halves
    os.makedirs(ROOTS)
    bootstrap(root + ".part", wanted, "--dpkgopt=path-include=/usr/share/doc/klaxon/*")
    os.rename(root + ".part", root)
    return root


def propagation():
    """Mounts of a name space of our own stay in it; but where / is no mount, in a plain chroot, that can't be asked for."""
    with open("/proc/self/mountinfo") as mounts:
        return "private" if any(line.split()[4] == "/" for line in mounts) else "unchanged"


def bootstrap(root, packages, *more, timeout=600):
    """A Debian 12 at root, with these packages and without what nobody reads there."""
    options = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    # Its mounts and processes are in name spaces of their own and end with it, whatever ends it: what removes a root that
    # was not finished must not find the machine's own /dev in it.
    done = subprocess.run(["unshare", "--mount", "--propagation", propagation(), "--pid", "--fork", "--kill-child",
                           "mmdebstrap", "--quiet", "--variant=essential", "--include=" + ",".join(packages),
                           "--dpkgopt=force-unsafe-io", '--aptopt=Acquire::Languages "none"',
                           '--aptopt=Acquire::Retries "3"', *options, *more, "bookworm", root, *debian_sources()],
                          capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError(f"mmdebstrap: {done.returncode}\n{done.stdout}{done.stderr}")


class Container:
    """One at a time on a machine: they would share a control group."""

    def __init__(self, root, work, share):
        self.log_path = os.path.join(work, f"container-{os.getpid()}.log")
        # It ends with us, whatever ends us.
        self._command = ["setpriv", "--pdeathsig", "TERM", "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network",
                         "--console=pipe", "--volatile=overlay", "--link-journal=no", "--resolv-conf=off",
                         "--timezone=off", f"--bind-ro={share}:/mnt", "--directory", root]
        self._process = self._lock = self.leader = None

    def _take_turn(self):
        self._lock = open(os.path.join(tempfile.gettempdir(), "klaxon-container.lock"), "w")
        wait_until(self._locked, 300, "another container on this machine to end", pause=0.2)

    def _locked(self):
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def once(self, command, seconds=60):
        """Runs a command in the root with no systemd there, as in a chroot."""
        self._take_turn()
        try:
            return subprocess.run([*self._command, "/bin/sh", "-ec", command], capture_output=True, text=True,
                                  errors="replace", timeout=seconds, stdin=subprocess.DEVNULL)
        finally:
            self._lock.close()

    def start(self):
        self._take_turn()
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen([*self._command, "--boot"], stdout=log, stderr=log,
                                             stdin=subprocess.DEVNULL, start_new_session=True)
        wait_until(self._running, 60, "systemd in the container", alive=self._process, log=self.log_path, pause=0.05)
        return self

    def _running(self):
        """nspawn's only child is the container's first process, after one that prepared it and is gone."""
        with open(f"/proc/{self._process.pid}/task/{self._process.pid}/children") as file:
            children = file.read().split()
        if len(children) != 1:
            return False
        self.leader = children[0]
        return self.run("systemctl is-system-running", check=False).stdout.strip() == "running"

    def _within(self, spaces, words, check, seconds):
        done = subprocess.run(["nsenter", "--target", self.leader, *spaces, *words], capture_output=True, text=True,
                              errors="replace", timeout=seconds, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"{words[-1]}: {done.returncode}\n{done.stdout}{done.stderr}\n{tail_of(self.log_path)}")
        return done

    def run(self, command, check=True, seconds=60):
        """A line of shell inside, as root."""
        return self._within(["--all", "--root", "--wd"], ["env", "-i", f"PATH={PATH}", "HOME=/root", "LC_ALL=C.UTF-8",
                                        "DEBIAN_FRONTEND=noninteractive", "/bin/sh", "-c", command], check, seconds)

    def out(self, command):
        return self.run(command).stdout.strip()

    def ask(self, url, token=None):
        """GET from inside its network: (status, body)."""
        words = ["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}"]
        if token:
            words += ["--header", f"Authorization: Bearer {token}"]
        body, _, status = self._within(["--net"], [*words, url], False, 20).stdout.rpartition("\n")
        return int(status or 0), body

    def unit(self, *names):
        """Properties of klaxond.service."""
        lines = self.out("systemctl show klaxond " + " ".join(f"-p {name}" for name in names)).splitlines()
        return dict(line.split("=", 1) for line in lines)

    def journal(self):
        return [json.loads(line) for line in self.out("journalctl -q -u klaxond -o json --no-pager").splitlines()]

    def stop(self):
        if self._process is None:
            return
        stop(self._process)  # SIGTERM: nspawn powers the container off
        self._lock.close()
        self._process = None

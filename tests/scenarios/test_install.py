"""The package, in a Debian with a systemd of its own: installed, watched, upgraded, purged."""

import json
import os
import re
import shutil
import subprocess
import unittest

from klaxon_container import Container, depends, field, package, renumbered, root_with
from klaxon_rig import work_dir
from klaxon_wait import ROOT, program, wait_until

URL = "http://127.0.0.1:8025"
INSTALL = "dpkg --install /mnt/{}"
TOKEN = "/var/lib/klaxon/admin.token"
# What a machine writes while it lives, whatever is installed on it.
OF_THE_MACHINE = re.compile(r"/(var/lib/dpkg|var/log|var/cache|var/tmp|tmp|run|proc|sys|dev|mnt)/|/var/lib/systemd/"
                            r"(random-seed|timers|catalog|timesync|coredump|rfkill|backlight|linger|ephemeral)|/etc/(passwd|group|shadow|"
                            r"gshadow)-?$|/etc/(subuid|subgid)-?$|/etc/\.(pwd|updated)|/etc/machine-id|/var/\.updated|/root/")


class Shop:
    """The package as it is built, and a later one; made once."""

    work = deb = later = None

    @classmethod
    def open(cls):
        cls.work = work_dir("install")
        cls.deb = package(os.path.join(cls.work, "debs"))
        cls.later = renumbered(cls.deb, "99.0", cls.work)

    @classmethod
    def close(cls):
        if not os.environ.get("KLAXON_KEEP"):
            shutil.rmtree(cls.work, ignore_errors=True)


def setUpModule():
    unittest.addModuleCleanup(Shop.close)
    Shop.open()


class Package(unittest.TestCase):
    """Without a container: what the package says of itself."""

    @classmethod
    def setUpClass(cls):
        cls.deb, cls.tree = Shop.deb, os.path.join(Shop.work, "tree")
        subprocess.run(["dpkg-deb", "--extract", cls.deb, cls.tree], check=True)

    def read(self, path):
        with open(os.path.join(self.tree, path)) as file:
            return file.read()

    def test_it_needs_what_the_programs_are_linked_with(self):
        needs = field(self.deb, "Depends")
        for library in ("libc6 (>=", "libsqlite3-0 (>=", "libserialport0", "libssl3", "libsystemd0", "systemd |"):
            self.assertIn(library, needs)
        with open(os.path.join(ROOT, "config", "VERSION")) as file:
            self.assertEqual(file.readline().strip(), field(self.deb, "Version"))

    def test_settings_are_a_conffile_and_readable_by_few(self):
        listed = subprocess.run(["dpkg-deb", "--ctrl-tarfile", self.deb], capture_output=True, check=True).stdout
        done = subprocess.run(["tar", "-xO", "./conffiles"], input=listed, capture_output=True, check=True)
        self.assertEqual(b"/etc/klaxon/klaxon.toml\n", done.stdout)
        mode = os.stat(os.path.join(self.tree, "etc/klaxon/klaxon.toml")).st_mode
        self.assertEqual(0o640, mode & 0o777)

    def test_the_installed_settings_are_the_example_but_for_the_first_token(self):
        with open(os.path.join(ROOT, "config", "klaxon.toml")) as file:
            example = file.read().splitlines()
        installed = self.read("etc/klaxon/klaxon.toml").splitlines()
        changed = [new for old, new in zip(example, installed, strict=True) if old != new]
        self.assertEqual(1, len(changed))
        self.assertIn(f'bootstrap_token_file = "{TOKEN}"', changed[0])

    def test_the_sandbox_is_strict(self):
        unit = os.path.join(self.tree, "usr/lib/systemd/system/klaxond.service")
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", unit],
                              capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_manual_pages_are_well_formed(self):
        pages = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(self.tree, "usr/share/man"))
                 for name in names]
        self.assertEqual(["klaxon-modembank.1", "klaxon.1", "klaxon.toml.5", "klaxond.8"],
                         sorted(map(os.path.basename, pages)))
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *pages], capture_output=True, text=True)
        self.assertEqual((0, ""), (done.returncode, done.stdout))

    def test_manual_pages_name_every_command_option_and_key(self):
        for name, page, sought in (
                ("klaxon", "man1/klaxon.1", r"^  ((?:--)?[a-z][a-z-]+) "),
                ("klaxon-modembank", "man1/klaxon-modembank.1", r"^  (--[a-z-]+)"),
                ("klaxond", "man8/klaxond.8", r"(--[a-z-]+)")):
            shown = subprocess.run([program(name), "--help"], capture_output=True, text=True)
            text = self.read(os.path.join("usr/share/man", page))
            words = set(re.findall(sought, shown.stdout + shown.stderr, re.M))
            self.assertGreater(len(words), 3, name)
            for word in words:
                wanted = rf"\bFl -?{word[1:]}\b" if word.startswith("--") else rf"^\.It Cm .*\b{word}\b"
                with self.subTest(page=page, word=word):
                    self.assertRegex(text, re.compile(wanted, re.M))
        text = self.read("usr/share/man/man5/klaxon.toml.5")
        for key in set(re.findall(r"^(?:# )?([a-z_]+) = ", self.read("etc/klaxon/klaxon.toml"), re.M)):
            with self.subTest(key=key):
                self.assertRegex(text, re.compile(rf"^\.It Va {key} ", re.M))

    def complete(self, *words):
        script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _klaxon;'
                  ' printf "%s\\n" "${COMPREPLY[@]}"')
        path = os.path.join(self.tree, "usr/share/bash-completion/completions/klaxon")
        environment = dict(os.environ, PATH=f"{os.path.dirname(program('klaxon'))}:{os.environ['PATH']}")
        done = subprocess.run(["bash", "-c", script, path, "klaxon", *words], env=environment, capture_output=True, text=True)
        self.assertEqual("", done.stderr)
        return done.stdout.split()

    def test_completion_offers_what_the_program_knows(self):
        shown = subprocess.run([program("klaxon"), "--help"], capture_output=True, text=True).stdout
        commands = re.findall(r"^  ([a-z-]+) ", shown.split("Subcommands:")[1], re.M)
        self.assertEqual(commands, self.complete(""))
        self.assertEqual(["queue"], self.complete("que"))
        self.assertEqual(["unlock"], self.complete("--json", "keyword", "un"))
        self.assertEqual(["alert"], self.complete("send", "--lane", "a"))
        self.assertIn("--valid-for", self.complete("send", "+447700900123", "--va"))
        self.assertIn("--token-file", self.complete("queue", "--t"))


class InContainer(unittest.TestCase):
    """One container for a class, on the package's own dependencies and nothing else."""

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can run a container")
        cls.box = Container(root_with(depends(Shop.deb)), Shop.work, os.path.dirname(Shop.deb))
        tried = cls.box.once("true")
        if tried.returncode != 0:
            raise unittest.SkipTest(f"systemd-nspawn does not run on this machine: {tried.stderr.strip()}")
        cls.addClassCleanup(cls.box.stop)
        cls.prepare()

    @classmethod
    def prepare(cls):
        cls.box.start()
        cls.install(Shop.deb)

    @classmethod
    def install(cls, deb):
        cls.box.run(INSTALL.format(os.path.basename(deb)))
        cls.serving()

    @classmethod
    def serving(cls):
        wait_until(lambda: cls.box.ask(f"{URL}/healthz")[0] == 200, 20, "/healthz", log=cls.box.log_path)

    def klaxon(self, command):
        return self.box.out(f"KLAXON_TOKEN=$(cat {TOKEN}) klaxon {command}")


class Installed(InContainer):
    def test_it_serves_with_a_token_from_the_machine(self):
        self.assertEqual("active", self.box.out("systemctl is-active klaxond"))
        self.assertEqual("enabled", self.box.out("systemctl is-enabled klaxond"))
        self.assertEqual(401, self.box.ask(f"{URL}/v1/queue")[0])
        token = self.box.out(f"cat {TOKEN}")
        self.assertEqual(200, self.box.ask(f"{URL}/v1/queue", token)[0])
        self.assertIn("alert", self.klaxon("queue"))

    def test_places_have_the_right_owners(self):
        shown = self.box.out("stat -c '%n %U:%G %a' /etc/klaxon /etc/klaxon/* /var/lib/klaxon " + TOKEN).splitlines()
        self.assertEqual(["/etc/klaxon root:klaxon 750", "/etc/klaxon/klaxon.toml root:klaxon 640",
                          "/etc/klaxon/pins root:klaxon 750", "/etc/klaxon/secrets root:klaxon 750",
                          "/etc/klaxon/tls root:klaxon 750", "/var/lib/klaxon klaxon:klaxon 750", f"{TOKEN} klaxon:klaxon 600"], shown)
        self.assertEqual("klaxon dialout", self.box.out("id -nG klaxon"))
        pid = self.box.unit("MainPID")["MainPID"]
        self.assertEqual("klaxon", self.box.out(f"stat -c %U /proc/{pid}"))

    def test_a_certificate_for_the_machine_is_there(self):
        shown = self.box.out("stat -c '%n %U:%G %a' /etc/klaxon/tls/*").splitlines()
        self.assertEqual(["/etc/klaxon/tls/klaxon.crt root:klaxon 644", "/etc/klaxon/tls/klaxon.key root:klaxon 640"], shown)
        names = self.box.out("openssl x509 -in /etc/klaxon/tls/klaxon.crt -noout -ext subjectAltName")
        for name in ("DNS:localhost", "IP Address:127.0.0.1", f"DNS:{self.box.out('uname -n')}"):
            self.assertIn(name, names)

    def test_the_unit_has_nothing_to_complain_of(self):
        self.assertEqual("", self.box.out("systemd-analyze verify --man=no klaxond.service 2>&1"))

    def test_udev_understands_the_rule(self):
        read = self.box.out("udevadm test --action=add /sys/class/tty/console 2>&1").splitlines()
        self.assertEqual(["Reading rules file: /usr/lib/udev/rules.d/60-klaxon-modems.rules"],
                         [line for line in read if "60-klaxon-modems" in line])

    def test_it_tells_systemd_how_it_is(self):
        told = self.box.unit("Type", "StatusText", "WatchdogUSec")
        self.assertEqual("notify", told["Type"])
        self.assertEqual("30s", told["WatchdogUSec"])
        self.assertRegex(told["StatusText"], r"^0 of 0 modems ready, 0 messages wait; no SIM can send$")

    def test_the_log_is_in_the_journal_with_priorities_and_no_time_of_its_own(self):
        lines = [line for line in self.box.journal() if line.get("_COMM") == "klaxond"]
        self.assertTrue(lines)
        for line in lines:
            self.assertEqual("klaxond", line["SYSLOG_IDENTIFIER"])
            self.assertEqual("journal", line["_TRANSPORT"])
            self.assertNotRegex(line["MESSAGE"], r"^\d{4}-\d\d-\d\dT")
        wanted = [line for line in lines if line["MESSAGE"].startswith("listening on 127.0.0.1:8025")]
        self.assertEqual({"6"}, {line["PRIORITY"] for line in wanted})

    def test_a_loop_that_hangs_is_killed_and_begun_anew(self):
        self.box.run("mkdir -p /run/systemd/system/klaxond.service.d && "
                     "printf '[Service]\\nWatchdogSec=1\\n' >/run/systemd/system/klaxond.service.d/quick.conf && "
                     "systemctl daemon-reload && systemctl restart klaxond")
        self.addCleanup(self.box.run, "rm -r /run/systemd/system/klaxond.service.d && systemctl daemon-reload && "
                                      "systemctl restart klaxond")
        self.serving()
        before = self.box.unit("MainPID", "NRestarts")
        self.box.run(f"kill -STOP {before['MainPID']}")
        wait_until(lambda: self.box.unit("NRestarts")["NRestarts"] != before["NRestarts"], 20, "a restart", pause=0.1)
        self.serving()
        self.assertNotEqual(before["MainPID"], self.box.unit("MainPID")["MainPID"])
        self.assertIn("Watchdog timeout", self.box.out("journalctl -q --no-pager -u klaxond"))
        # One that turns is left alone, longer than its watch is.
        alive = self.box.unit("MainPID", "NRestarts")
        fed = self.box.unit("WatchdogTimestampMonotonic")["WatchdogTimestampMonotonic"]
        wait_until(lambda: int(self.box.unit("WatchdogTimestampMonotonic")["WatchdogTimestampMonotonic"])
                   > int(fed) + 2_000_000, 20, "two watches' worth of signs of life", pause=0.1)
        self.assertEqual(alive, self.box.unit("MainPID", "NRestarts"))

    def test_the_page_about_it_holds(self):
        with open(os.path.join(ROOT, "docs", "install.md")) as file:
            blocks = re.findall(r"^```console\n(.*?)^```", file.read(), re.M | re.S)
        commands = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("# ")]
        self.assertGreater(len(commands), 10)
        self.box.run("cp -p /etc/klaxon/klaxon.toml /root/before.toml")
        self.addCleanup(self.box.run, "cp -p /root/before.toml /etc/klaxon/klaxon.toml && systemctl restart klaxond")
        done = self.box.run("set -ex\n" + "\n".join(
            command + ("\nuntil klaxon queue >/dev/null 2>&1; do :; done" if command.split()[:2] in (
                ["systemctl", "restart"], ["systemctl", "start"]) else "") for command in commands), check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("secrets read again", self.box.out("journalctl -q --no-pager -u klaxond"))


class Life(InContainer):
    """From the first installation to the purge, with modems of the simulated bank behind the sandbox."""

    @classmethod
    def prepare(cls):
        cls.box.start()

    def files(self):
        found = self.box.out("find / -xdev").splitlines()
        return {path for path in found if not OF_THE_MACHINE.match(path)}

    def add_modem(self):
        self.box.run("systemd-run --quiet --unit=bank --uid=klaxon --property=RuntimeDirectory=bank "
                     "klaxon-modembank --modems 1 --dir /run/bank --submit-latency 10ms --command-latency 1ms")
        self.box.run("printf '\\n[[modem]]\\nport = \"/run/bank/modem0\"\\n' >>/etc/klaxon/klaxon.toml && "
                     "systemctl restart klaxond")
        self.serving()

    def finds_lines_by_field(self):
        """As docs/operations.md says: a modem's lines by the field that names it, and no others."""
        found = self.box.out("journalctl -q -u klaxond KLAXON_MODEM=modem0 -o json --no-pager").splitlines()
        lines = [json.loads(line) for line in found]
        self.assertEqual([], [line["MESSAGE"] for line in lines if not line["MESSAGE"].startswith("modem0: ")])
        ready = [line for line in lines if " -> ready" in line["MESSAGE"]]
        self.assertRegex(ready[0]["KLAXON_SIM"], r"^89[0-9]{16,18}$")
        self.assertEqual({"6"}, {line["PRIORITY"] for line in ready})

    def test_from_installation_to_purge(self):
        before = self.files()
        self.install(Shop.deb)
        self.add_modem()
        wait_until(lambda: "ready" in self.klaxon("modems"), 30, "a modem ready")
        self.klaxon('send --wait 20s +447700900123 "Through the sandbox"')
        self.finds_lines_by_field()
        settings, token = self.box.out("cat /etc/klaxon/klaxon.toml"), self.box.out(f"cat {TOKEN}")
        certificate = self.box.out("cat /etc/klaxon/tls/*")

        pid = self.box.unit("MainPID")["MainPID"]
        self.install(Shop.later)
        self.assertNotEqual(pid, self.box.unit("MainPID")["MainPID"])
        self.assertEqual("99.0", self.box.out("dpkg-query -W -f '${Version}' klaxon"))
        self.assertEqual(settings, self.box.out("cat /etc/klaxon/klaxon.toml"))
        self.assertEqual(token, self.box.out(f"cat {TOKEN}"))
        self.assertEqual(certificate, self.box.out("cat /etc/klaxon/tls/*"))
        self.assertIn("Through the sandbox", self.box.ask(f"{URL}/v1/messages", token)[1])
        self.box.run("systemctl disable --quiet klaxond")
        self.install(Shop.later)
        self.assertEqual("disabled", self.box.run("systemctl is-enabled klaxond", check=False).stdout.strip())

        self.box.run("systemctl stop bank; echo 7391 >/etc/klaxon/secrets/outage.pin; dpkg --remove klaxon")
        self.assertEqual("inactive", self.box.run("systemctl is-active klaxond", check=False).stdout.strip())
        self.assertEqual(token, self.box.out(f"cat {TOKEN}"))
        self.box.run("dpkg --purge klaxon")
        self.assertEqual(set(), self.files() - before)
        left = self.box.run("grep -rl klaxon /etc /var/lib/systemd --exclude='*-' --exclude=99mmdebstrap", check=False)
        self.assertEqual("", left.stdout)
        self.assertEqual(2, self.box.run("getent passwd klaxon", check=False).returncode)
        self.assertEqual("", self.box.run("dpkg-query -l klaxon | grep '^[a-z][a-z]  klaxon'", check=False).stdout)


class WithoutSystemd(InContainer):
    @classmethod
    def prepare(cls):
        pass

    def test_it_is_put_in_place_and_taken_away_where_no_systemd_runs(self):
        done = self.box.once(INSTALL.format(os.path.basename(Shop.deb)) + " 2>&1; id -nG klaxon; stat -c '%U %a' /var/lib/klaxon;"
                             " systemctl is-enabled klaxond; dpkg --purge klaxon; ! getent passwd klaxon;"
                             " test ! -e /var/lib/klaxon; test ! -e /etc/klaxon; echo gone")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?s)klaxon dialout\nklaxon 750\nenabled\n.*gone\n$")

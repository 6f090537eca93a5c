"""What the sources promise about themselves: who includes what, no loose ends, scripts that parse, no file that grew."""

import os
import re
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = (".h", ".cpp")
PASSED_OVER = ("build", ".git", ".cache", "__pycache__")

# The C++20 standard library's headers that may appear in at/ and drivers/, but for their <cxxx> twins.
STANDARD = set("""algorithm any array atomic barrier bit bitset charconv chrono compare complex concepts deque exception
    expected filesystem forward_list functional initializer_list iomanip ios iosfwd iostream istream iterator limits list
    map memory memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex set span
    sstream stack stdexcept streambuf string string_view system_error thread tuple type_traits typeindex typeinfo
    unordered_map unordered_set utility valarray variant vector version""".split())


def files(*suffixes, under=""):
    for folder, folders, names in os.walk(os.path.join(ROOT, under)):
        folders[:] = [f for f in folders if not f.startswith(PASSED_OVER)]
        for name in sorted(names):
            if not suffixes or name.endswith(suffixes):
                path = os.path.join(folder, name)
                yield os.path.relpath(path, ROOT), path


def read(path):
    with open(path, errors="replace") as file:
        return file.read()


def includes(under):
    for name, path in files(*SOURCE, under=under):
        for number, line in enumerate(read(path).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                yield f"{name}:{number}", name, match[1] == "<", match[2]


class Includes(unittest.TestCase):
    def refuse(self, under, wrong):
        bad = [f"{where} includes {header}" for where, name, angled, header in includes(under)
               if wrong(name, angled, header)]
        self.assertEqual([], bad)

    def test_at_includes_std_and_itself_alone(self):
        """But for the one library that knows grapheme clusters, in one file."""
        self.refuse("at", lambda name, angled, header: not (
            header.startswith("at/") if not angled else
            header in STANDARD or re.fullmatch(r"c[a-z]+[0-9]*", header) or
            (name, header) == ("at/grapheme.cpp", "utf8proc.h")))

    def test_only_one_file_includes_utf8proc(self):
        self.refuse("", lambda name, angled, header: "utf8proc" in header and name != "at/grapheme.cpp")

    def test_drivers_includes_std_at_and_itself_alone(self):
        self.refuse("drivers", lambda name, angled, header: not (
            header.startswith(("at/", "drivers/")) if not angled else
            header in STANDARD or re.fullmatch(r"c[a-z]+[0-9]*", header)))

    def test_only_the_store_includes_sqlite(self):
        self.refuse("", lambda name, angled, header: "sqlite3" in header and not name.startswith(
            ("daemon/store/", "tests/")))

    def test_only_hw_includes_libserialport(self):
        self.refuse("", lambda name, angled, header: "libserialport" in header and not name.startswith("hw/"))

    def test_only_the_daemon_includes_asio_beast_and_spdlog(self):
        self.refuse("", lambda name, angled, header: header.startswith(
            ("boost/asio", "boost/beast", "spdlog/")) and not name.startswith(("daemon/", "tests/")))

    def test_only_two_files_include_cli11(self):
        """Each that does costs 20 s of every cold build."""
        self.refuse("", lambda name, angled, header: header.startswith("CLI/") and name not in (
            "daemon/cli/command.cpp", "hw/modembank/options.cpp"))

    def test_pure_rooms_of_the_daemon_stay_pure(self):
        for room in ("daemon/dispatch", "daemon/inbox", "daemon/automation"):
            self.refuse(room, lambda name, angled, header: header.startswith(
                ("boost/asio", "boost/beast", "spdlog/", "sqlite3", "unistd", "sys/", "fcntl")))

    def test_no_room_looks_up(self):
        """at <- drivers <- daemon -> hw; nothing below the daemon includes it."""
        for room in ("at", "drivers", "hw", "config"):
            self.refuse(room, lambda name, angled, header: header.startswith("daemon/"))


class Loose(unittest.TestCase):
    def test_nothing_is_left_to_do_later(self):
        words = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
        bad = [f"{name}:{number}: {line.strip()}" for name, path in files()
               for number, line in enumerate(read(path).splitlines(), 1)
               if words.search(line) and not re.search(r"X{4}", line)]
        self.assertEqual([], bad)

    def test_shell_scripts_parse(self):
        scripts = [path for name, path in files(under="script") if read(path).startswith("#!/bin/bash")]
        scripts.append(os.path.join(ROOT, ".ci", "run"))
        self.assertGreater(len(scripts), 3)
        for script in scripts:
            with self.subTest(script=os.path.relpath(script, ROOT)):
                done = subprocess.run(["bash", "-n", script], capture_output=True, text=True)
                self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_every_room_has_a_short_readme(self):
        for room in ("at", "drivers", "hw", "hw/modembank", "daemon", "config", "tests"):
            with self.subTest(room=room):
                path = os.path.join(ROOT, room, "README.md")
                self.assertTrue(os.path.exists(path))

    def test_links_between_the_papers_lead_somewhere(self):
        for name, path in files(".md"):
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(path)):
                if "://" not in target and not target.startswith("mailto:"):
                    with self.subTest(paper=name, target=target):
                        self.assertTrue(os.path.exists(os.path.join(os.path.dirname(path), target)))


if __name__ == "__main__":
    unittest.main()

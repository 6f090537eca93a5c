"""The demo holds, and every ```sh block of README.md and docs/*.md works when pasted against it."""

import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

from klaxon_rig import has_failed, work_dir
from klaxon_wait import ROOT, stop, tail_of, wait_until

LONG = True
PAGES = [os.path.join(ROOT, "README.md"), *sorted(glob.glob(os.path.join(ROOT, "docs", "*.md")))]


def blocks(path):
    """(line, text) of each ```sh block; blocks of other kinds (```console, ```toml) are for reading only."""
    found, start, lines = [], 0, []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            if start and line.startswith("```"):
                found.append((start, "".join(lines)))
                start, lines = 0, []
            elif start:
                lines.append(line)
            elif re.fullmatch(r"```sh\s*", line):
                start = number + 1
    return found


class Docs(unittest.TestCase):
    failures = 0

    @classmethod
    def setUpClass(cls):
        cls.work = work_dir("docs")
        cls.folder = os.path.join(cls.work, "demo")
        cls.log = os.path.join(cls.work, "demo.log")
        with open(cls.log, "wb") as log:
            cls.demo = subprocess.Popen([sys.executable, os.path.join(ROOT, "script", "show.py")], stdout=log, stderr=log,
                                        stdin=subprocess.DEVNULL, env=dict(os.environ, KLAXON_DEMO_DIR=cls.folder))
        cls.addClassCleanup(cls.end)
        wait_until(lambda: "Ctrl-C ends it" in tail_of(cls.log), 120, "the demo to hold", alive=cls.demo, log=cls.log)

    @classmethod
    def end(cls):
        status = stop(cls.demo, signal.SIGINT)
        if status == 0 and not cls.failures:
            shutil.rmtree(cls.work, ignore_errors=True)
        else:
            print(f"the demo ended with {status}; logs in {cls.work}")

    def tearDown(self):
        type(self).failures += has_failed(self)

    def test_the_demo_said_what_it_did(self):
        with open(self.log) as file:
            said = file.read()
        for word in ("8 of 8 modems ready", "delivered", "over 8 SIMs", "25 of 25 delivered", "no broadcast, no answer",
                     "It all held"):
            self.assertIn(word, said)

    def run_page(self, path):
        script, name = ['. "$KLAXON_DEMO_DIR/env"', "set -euo pipefail"], os.path.relpath(path, ROOT)
        for line, text in blocks(path):
            script += [f"echo '== {name}:{line}' >&2", text]
        environment = dict(os.environ, KLAXON_DEMO_DIR=self.folder, TMPDIR=self.work)
        done = subprocess.run(["bash", "-c", "\n".join(script)], cwd=ROOT, env=environment, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL)
        self.assertEqual(0, done.returncode, f"{name}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def add_page(path):
    def test(self):
        self.run_page(path)
    name = os.path.splitext(os.path.relpath(path, ROOT))[0].replace("/", "_").replace("-", "_").lower()
    setattr(Docs, f"test_page_{name}", test)


for page in PAGES:
    if os.path.exists(page) and blocks(page):
        add_page(page)

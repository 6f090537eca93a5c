#!/usr/bin/env python3
"""Runs the unit suites (through ctest) and the scenarios, three modules at a time, which mostly wait, and counts every test.

run.py [--quick] [NAME…]   a NAME chooses the modules whose path holds it; `unit` the CppUTest suites.
A module with ALONE = True measures time: nothing runs beside it. One with LONG = True is left out by --quick.
Set KLAXON_KEEP=1 to keep every test's logs, KLAXON_SEED=N to replay a failure's random choices.
"""

import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PLACES = ("", "*", os.path.join("..", "crash"))  # where modules lie
MODULE_DEADLINE = 900
SUITES_DEADLINE = 900


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, status):
        name = {"ok": "passed", "skipped": "skipped"}.get(status, "failed")
        setattr(self, name, getattr(self, name) + 1)


class LineResult(unittest.TestResult):
    """One JSON line per test on `out`, for the parent."""

    def __init__(self, out):
        super().__init__()
        self._out = out
        self._began = 0.0
        self._bad = False

    def _say(self, test, status, text=""):
        line = {"test": test.id(), "status": status, "text": text, "seconds": time.monotonic() - self._began}
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()

    def startTest(self, test):
        super().startTest(test)
        self._began, self._bad = time.monotonic(), False

    def addSuccess(self, test):
        self._say(test, "ok")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say(test, "skipped", reason)

    def _failed(self, test, error):
        self._say(test, "FAILED", self._exc_info_to_string(error, test))

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._failed(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        if not self._began:
            self._began = time.monotonic()
        self._failed(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._failed(subtest, error)


def run_module(path, descriptor):
    """In the child: the tests of one file."""
    sys.path[:0] = [os.path.join(ROOT, "tests", "support"), os.path.dirname(path), HERE]
    name = os.path.splitext(os.path.basename(path))[0]
    suite = unittest.defaultTestLoader.loadTestsFromName(name)
    with os.fdopen(descriptor, "w") as out:
        result = LineResult(out)
        suite.run(result)
    return 0 if result.wasSuccessful() else 1


def start_module(path):
    """In the parent: runs one file in a process of its own; gives (path, result lines, other output, seconds)."""
    began = time.monotonic()
    read_end, write_end = os.pipe()
    child = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--module", path, str(write_end)],
                             pass_fds=[write_end], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             stdin=subprocess.DEVNULL, text=True, errors="replace")
    os.close(write_end)
    with concurrent.futures.ThreadPoolExecutor(1) as reader, os.fdopen(read_end) as results:
        lines = reader.submit(results.read)
        try:
            output, _ = child.communicate(timeout=MODULE_DEADLINE)
        except subprocess.TimeoutExpired:
            child.terminate()
            output, _ = child.communicate()
            output += f"\nended after {MODULE_DEADLINE} s"
        tests = [json.loads(line) for line in lines.result().splitlines()]
    if child.returncode != 0 and all(t["status"] != "FAILED" for t in tests):
        tests.append({"test": os.path.basename(path), "status": "FAILED", "seconds": 0,
                      "text": f"the module ended with {child.returncode}"})
    return path, tests, output, time.monotonic() - began


def report(counts, result):
    path, tests, output, seconds = result
    print(f"-- {os.path.relpath(path, HERE)} ({seconds:.1f} s)")
    for test in tests:
        counts.add(test["status"])
        print(f"   {test['status']:8} {test['test'].split('.', 1)[-1]} ({test['seconds']:.1f} s)")
        if test["status"] == "skipped":
            print(f"            {test['text']}")
        elif test["text"]:
            print("\n".join("      | " + line for line in test["text"].splitlines()))
    if output.strip():
        print("\n".join("      : " + line for line in output.rstrip().splitlines()))
    sys.stdout.flush()


def run_suites(counts):
    """The CppUTest programs. A suite that dies before it could count is one failure."""
    build = os.environ.get("KLAXON_SUITES", os.path.join(ROOT, "build", "asan"))
    began = time.monotonic()
    done = subprocess.run(["ctest", "--test-dir", build, "-j2", "-V", "--timeout", "300"], text=True,
                          stdin=subprocess.DEVNULL, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=SUITES_DEADLINE)
    good = re.findall(r"^\d+: OK \((\d+) tests", done.stdout, re.M)
    bad = re.findall(r"^\d+: Errors \((\d+) failures, (\d+) tests", done.stdout, re.M)
    died = re.findall(r"^\s*\d+/\d+ Test\s+#\d+:\s+(\S+).*\*\*\*(.*?)\s+[\d.]+ sec$", done.stdout, re.M)
    counts.passed += sum(map(int, good)) + sum(int(tests) - int(failures) for failures, tests in bad)
    failed = sum(int(failures) for failures, _ in bad) + max(0, len(died) - len(bad))
    if failed == 0 and (done.returncode != 0 or not good):
        failed = 1
    counts.failed += failed
    print(f"-- unit suites ({time.monotonic() - began:.1f} s)")
    for name, seconds in re.findall(r"Test\s+#\d+:\s+(\S+).*Passed\s+([\d.]+) sec", done.stdout):
        print(f"   ok       {name} ({seconds} s)")
    if failed:
        print("\n".join("      : " + line for line in done.stdout.splitlines()
                        if not re.match(r"^\d+: TEST\(.*\) - \d+ ms$", line)))
    sys.stdout.flush()


def marked(path, mark):
    with open(path) as file:
        return re.search(rf"^{mark} = True$", file.read(), re.M) is not None


def main(arguments):
    if arguments[:1] == ["--module"]:
        return run_module(arguments[1], int(arguments[2]))
    quick = "--quick" in arguments
    names = [a for a in arguments if not a.startswith("--")]
    modules = sorted(path for place in PLACES for path in glob.glob(os.path.join(HERE, place, "test_*.py")))
    if names:
        modules = [m for m in modules if any(n in os.path.relpath(m, HERE) for n in names)]
    if quick:
        modules = [m for m in modules if not marked(m, "LONG")]
    began, counts = time.monotonic(), Counts()
    if not names or "unit" in names:
        run_suites(counts)
    alone = [m for m in modules if marked(m, "ALONE")]
    for module in alone:
        report(counts, start_module(module))
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        together = sorted((m for m in modules if m not in alone), key=lambda m: not marked(m, "LONG"))
        for done in concurrent.futures.as_completed([pool.submit(start_module, m) for m in together]):
            report(counts, done.result())
    print(f"all of it took {time.monotonic() - began:.0f} s")
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    print(f"{counts.passed} passed, {counts.failed} failed{skipped}")
    return 0 if counts.failed == 0 and counts.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

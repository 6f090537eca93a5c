#!/usr/bin/env python3
"""Every figure that Klaxon is judged by, as one table: `script/bench`, on a machine that has nothing else to do.

all.py [--quick] [--ram] [--json FILE] [GROUP…]     a GROUP is one or more rows; without any, all of them, some 20 minutes
--ram keeps the databases in memory (/dev/shm) and has every fsync take 0.3 ms: for a machine whose disk takes longer
than the marks are for.
--quick runs every row small, some at once: it shows that all of it still runs, and its figures mean nothing.
Whatever was lost or doubled ends it with an error; a mark that is missed does not.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

import appliance
import backlog
import bank_use
import coming_back
import disk
import doors_load
import inbound_latency
import kills
import keyword_latency
import machine
import marks
import slow_disk

RAM_FSYNC = 240   # µs; with what it takes to wake up, 0.3 ms

MEASUREMENTS = [
    ("share", bank_use.share(64, False)), ("share", bank_use.share(64, True)),
    ("share", bank_use.share(256, False)), ("share", bank_use.share(256, True)),
    ("no-time", bank_use.no_time(8, 60_000)), ("no-time", bank_use.no_time(64, 120_000)),
    ("inbound", inbound_latency.idle), ("inbound", inbound_latency.pushed), ("inbound", inbound_latency.sending),
    ("keyword", keyword_latency.idle), ("keyword", keyword_latency.backlog),
    ("kills", kills.under_load),
    ("coming-back", coming_back.replugged), ("coming-back", coming_back.silent), ("coming-back", coming_back.rebooted),
    ("coming-back", coming_back.lost_answer),
    ("small-sim", coming_back.small_sim),
    ("http", doors_load.accept), ("http", doors_load.lists), ("http", doors_load.beside_lists),
    ("backlog", backlog.cost),
    ("slow-disk", slow_disk.slow), ("hung-disk", slow_disk.hung),
]
GROUPS = list(dict.fromkeys(group for group, _ in MEASUREMENTS))


def one(group, measurement, work, quick):
    """Its figures, or the error it ended with."""
    folder, began = tempfile.mkdtemp(dir=work), time.monotonic()
    try:
        found = measurement(folder, quick)
    except Exception:  # the other rows are worth having
        return {}, f"{group}: logs in {folder}\n{traceback.format_exc()}"
    finally:
        print(f"{group}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    return found, None


def run(groups, work, quick):
    """Gives (figures, errors)."""
    chosen = [(group, measurement) for group, measurement in MEASUREMENTS if group in groups]
    if quick:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:  # the longest are the last of all
            results = list(pool.map(lambda row: one(*row, work, quick), reversed(chosen)))
    else:  # in this thread, so that Ctrl-C ends what was started
        results = [one(*row, work, quick) for row in chosen]
    figures = {name: value for found, _ in results for name, value in found.items()}
    errors = [error for _, error in results if error]
    return figures | {f"peak_{name}": value for name, value in appliance.PEAKS.items()}, errors


def table(figures, judged):
    """The rows that there are figures for, as Markdown; unless they are judged, without their marks."""
    rows = [("what", "Klaxon", "must", "met", "`script/bench …`")]
    for mark in marks.MARKS:
        if mark.key not in figures:
            continue
        good = marks.met(mark, figures[mark.key]) if judged else None
        must = "" if good is None else f"{mark.must} {marks.shown(mark.limit, mark.unit)}"
        rows.append((mark.what.replace("  ", "· ") if mark.what.startswith("  ") else mark.what,
                     marks.shown(figures[mark.key], mark.unit), must, {True: "yes", False: "NO", None: ""}[good], mark.group))
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--ram", action="store_true")
    parser.add_argument("--json", metavar="FILE", help="the figures by name, too")
    options = parser.parse_args()
    unknown = set(options.groups) - set(GROUPS)
    if unknown:
        parser.error(f"no such rows: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    work = tempfile.mkdtemp(prefix="klaxon-bench-", dir="/dev/shm" if options.ram else os.environ.get("KLAXON_TEST_DIR"))
    if options.ram:
        appliance.stand_on(disk.Disk(work, RAM_FSYNC), RAM_FSYNC)
    ground = machine.described(work, appliance.GROUND["environment"], 20 if options.quick else 1000)
    began, stolen, busy = time.monotonic(), machine.stolen(), machine.busy()
    figures, errors = run(options.groups or GROUPS, work, options.quick)
    took = time.monotonic() - began
    print("\n".join(table(figures, not options.quick)), "", *ground, sep="\n")
    print(f"meanwhile: {took:.0f} s, {machine.busy() - busy:.0f} s of processor in all, "
          f"{machine.stolen() - stolen:.1f} s kept by the host")
    if options.quick:
        print("quick: it all runs; the figures mean nothing")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)
    for error in errors:
        print(error, file=sys.stderr)
    if not errors:
        shutil.rmtree(work, ignore_errors=True)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

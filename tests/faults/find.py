#!/usr/bin/env python3
"""Shows that the simulation bites: every deliberate fault of faults.toml has to break a promise that it notices.

find.py [ID…] [--seeds N] [--jobs N] [--seconds N] [--sound N]

The daemon is built once with all faults in it, each behind a switch (build/faults). Without any of them switched on, the first
lives have to keep every promise: the switches alone change nothing. Then each fault is switched on for one life after the other
until one breaks a promise. One line a fault; the exit code is 1 if any was not found.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time

import catalogue

WORK = os.path.join(catalogue.ROOT, "build", "faults")
TREE = os.path.join(WORK, "tree")
SIMULATION = os.path.join(TREE, "build", "release", "simulation")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="these faults alone")
    parser.add_argument("--seeds", type=int, default=300, help="lives per fault at most (300)")
    parser.add_argument("--seconds", type=int, default=900, help="for each fault at most (900)")
    parser.add_argument("--sound", type=int, default=20, help="lives without a fault (20)")
    parser.add_argument("--jobs", type=int, default=2, help="at once (2)")
    return parser.parse_args()


def build(faults, jobs):
    catalogue.lay_out(TREE, faults)
    log = os.path.join(WORK, "build.log")
    with open(log, "w", encoding="utf-8") as out:
        for step in (["cmake", "--preset", "release"],
                     ["cmake", "--build", "--preset", "release", "-j", str(jobs), "--target", "simulation"]):
            if subprocess.run(step, cwd=TREE, stdout=out, stderr=out, check=False).returncode != 0:
                sys.exit(f"faults: the build failed, see {log}\n" + "".join(catalogue.read(log)[-4000:]))


def live(fault, seeds, seconds):
    """(seed, what was said) of the first broken promise; (None, why there is none)."""
    environment = {**os.environ, "KLAXON_FAULT": str(fault)}
    command = [SIMULATION, "--seed", "1", "--seeds", str(seeds), "--no-shrink"]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return None, f"no promise broken within {seconds} s"
    broken = re.search(r"^seed (\d+) broke a promise:\n *(.*)", done.stdout, re.M)
    if done.returncode == 1 and broken:
        return int(broken[1]), broken[2]
    if done.returncode == 0:
        return None, f"{seeds} lives kept every promise"
    return None, f"the program ended by itself, code {done.returncode}: {done.stderr.strip()[-200:]}"


def sentence(said):
    first = re.split(r"(?<=[a-z])[.;] | at \d+; ", said)[0]
    return first if len(first) <= 120 else first[:117] + "..."


def main():
    options = arguments()
    faults = catalogue.load()
    wrong = catalogue.complaints(faults)
    unknown = set(options.ids) - {fault.id for fault in faults}
    if wrong or unknown:
        sys.exit("\n".join(wrong + [f"there is no fault {id}" for id in sorted(unknown)]))
    began = time.monotonic()
    build(faults, options.jobs)
    print(f"built with {len(faults)} faults in {time.monotonic() - began:.0f} s", flush=True)
    seed, said = live(0, options.sound, options.seconds)
    if seed is not None or not said.endswith("kept every promise"):
        sys.exit(f"without a fault: seed {seed}: {said}")
    print(f"without a fault {said}", flush=True)

    chosen = [fault for fault in faults if not options.ids or fault.id in options.ids]
    missed = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {pool.submit(live, fault.id, options.seeds, options.seconds): fault for fault in chosen}
        for run in concurrent.futures.as_completed(runs):
            fault, (seed, said) = runs[run], run.result()
            if seed is None:
                missed.append(fault.id)
                print(f"{fault.id} {fault.room:10} NOT FOUND   {fault.what}: {said}", flush=True)
            else:
                lives = "1st life" if seed == 1 else f"{seed} lives"
                print(f"{fault.id} {fault.room:10} {lives:11} {fault.what}: {sentence(said)}", flush=True)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} faults were found, {time.monotonic() - began:.0f} s")
    if missed:
        sys.exit("not found: " + " ".join(str(id) for id in sorted(missed)))


if __name__ == "__main__":
    main()

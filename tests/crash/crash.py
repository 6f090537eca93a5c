#!/usr/bin/env python3
"""kill -9 at random moments under load: what was promised is checked against what reached the air.

crash.py [--rounds 500] [--seed N] [--dir DIR]
Four simulated modems send and receive all the time. In each round klaxond is killed at a random moment and started
again; in every fifth it is killed once more before a second has passed, and in one life of four some of the SIMs store
first. At the end the queue drains, and then:
  lost      accepted (202) and not on the air, and not in doubt
  doubled   a segment on the air twice though its message was never in doubt
  inbound   a text that the network took and that is not in the inbox exactly once
  stuck     a modem that does not send any more
Each must be none. Keys: a POST that was cut off is repeated with its Idempotency-Key and must count once.
What settled the doubts is counted: evidence of which kind, or the rule of lane alert, or nothing yet.
"""

import argparse
import collections
import os
import random
import re
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from klaxon_rig import Bank, Daemon, wait_until  # noqa: E402
from load import Load  # noqa: E402

MODEMS = 4
AGAIN = 0.2       # the share of rounds that kill twice
STORE_FIRST = 4   # in one life of so many some SIMs store first
# What the log says of a settled doubt, and which kind of evidence that is.
KINDS = (("+CMGS came late", "late +CMGS"), ("a late +CMGS", "late +CMGS"), ("a late refusal", "late +CMGS"),
         ("still in data entry", "ESC answered by OK"), ("a status report", "status report"),
         ("count did not move", "TP-MR count"), ("slot on the SIM", "slot"), ("never stored on the SIM", "slot"))


class Pace:
    """When the kills come, in seconds after the start; about 0.6 of it the modems are not ready yet."""

    def __init__(self, early, late, ahead):
        self.early, self.late, self.ahead = early, late, ahead

    def moment(self, chance):
        return chance.uniform(0.05, self.early) if chance.random() < 0.25 else chance.uniform(self.early, self.late)


LONG, SHORT = Pace(1.0, 3.0, 60), Pace(0.8, 1.6, 40)


def pass_time(seconds):
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= end, seconds + 10, "the moment of the kill", pause=0.005)


def choose_store_first(daemon, number, chance):
    some = chance.sample(range(MODEMS), 2) if number % STORE_FIRST == 1 else []
    daemon.settings.pop("sim", None)
    if some:
        daemon.settings["sim"] = [{"modem": f"modem{k}", "submit": "store-first"} for k in some]
    return bool(some)


def kill(bank, daemon, load):
    """Gives how many messages waited, and how many submits were on the wire."""
    waiting = load.waiting()
    busy = sum(m["state"] in ("submitting", "prompt") for m in bank.status())
    daemon.kill9()
    if waiting <= 0:
        raise AssertionError("a kill met no work")
    return waiting, busy


def rounds(bank, daemon, load, count, chance, pace, say):
    seen = collections.Counter()
    for number in range(count):
        moment = pace.moment(chance)
        pass_time(moment)
        waiting, busy = kill(bank, daemon, load)
        seen["met"] += busy > 0
        seen["store-first"] += choose_store_first(daemon, number, chance)
        daemon.start()
        again = chance.random() < AGAIN
        if again:
            pass_time(chance.uniform(0.0, 0.8))
            kill(bank, daemon, load)
            daemon.start()
            seen["twice"] += 1
        say(f"round {number + 1}: killed after {moment:.2f} s{' and again' if again else ''}, {waiting} waiting, "
            f"{busy} submits on the wire, {load.air.segments} sent, {len(load.injected)} received")
    if seen["met"] < count / 3:
        raise AssertionError(f"only {seen['met']} of {count} kills met a submit on the wire")
    return seen


def kinds_of(log):
    """What settled each message's doubt last, as the log says; of a message that was sent again, that."""
    kinds, repeated = {}, set()
    for line in log.splitlines():
        settled = re.search(r"message (m\d+)\b.*doubt settled, (?:not )?sent: (.*)", line)
        if settled:
            kinds[settled[1]] = next((kind for words, kind in KINDS if words in settled[2]), settled[2])
        again = re.search(r"message (m\d+)\b.*no evidence in time, sent again", line)
        if again:
            repeated.add(again[1])
    return kinds, repeated


def doubts_of(messages, log):
    """The figures of all that was ever in doubt."""
    kinds, repeated = kinds_of(log)
    ended = collections.Counter()
    for message in messages:
        if message["in_doubt_at"] is None:
            continue
        identity = message["id"]
        if message["state"] == "unknown":
            ended["still unknown"] += 1
        elif identity in repeated:
            ended["repeated by the lane's rule"] += 1
        else:  # a kill may have cut the line off the log
            ended["by " + kinds.get(identity, "evidence that the log lacks")] += 1
    doubts = sum(ended.values())
    settled = doubts - ended["still unknown"] - ended["repeated by the lane's rule"]
    figures = {"in doubt once": doubts, "settled by evidence": settled}
    figures.update({f"- {kind}": ended[kind] for kind in sorted(ended) if kind.startswith("by ")})
    for kind in ("repeated by the lane's rule", "still unknown"):
        figures[kind] = ended[kind]
    return figures


def check(daemon, load):
    """Gives the report as a dict of lists, all of which should be empty, and the figures."""
    found = {"lost": [], "doubled": [], "inbound": [], "unfinished": []}
    messages = {m["id"]: m for m in daemon.listed("/v1/messages")}
    load.air.look()
    for number, (identity, segments) in load.accepted.items():
        message = messages.get(identity)
        if message is None:
            found["lost"].append(f"{identity} is not known any more")
            continue
        doubt = message["in_doubt_at"] is not None
        if message["state"] not in ("submitted", "delivered", "unknown"):
            found["unfinished"].append(f"{identity} {message['state']} {message['error']}")
        for segment in range(1, segments + 1):
            times = load.air.times[number, segment]
            if times == 0 and not doubt:
                found["lost"].append(f"{identity} part {segment} {message['state']}")
            if times == 0 and message["state"] in ("submitted", "delivered"):
                found["lost"].append(f"{identity} part {segment} is called {message['state']}")
            if times > 1 and not doubt:
                found["doubled"].append(f"{identity} part {segment}: {times} times")
    by_ref = collections.Counter(m["ref"] for m in messages.values())
    found["doubled"] += [f"ref {ref} has {count} messages" for ref, count in by_ref.items() if ref and count > 1]
    received = collections.Counter(i["text"] for i in daemon.listed("/v1/inbox"))
    for text in load.injected:
        if received[text] != 1:
            found["inbound"].append(f"{text[:30]!r}: {received[text]} times")
    figures = {"accepted": len(load.accepted), "cut off": load.cut_off, "inbound": len(load.injected),
               "segments on the air": load.air.segments}
    return found, {**figures, **doubts_of(messages.values(), daemon.log())}


def stuck(daemon):
    """Every modem still sends a message that is bound to it."""
    failed = []
    for modem in range(MODEMS):
        iccid = daemon.get(f"/v1/modems/modem{modem}")["iccid"]
        message = daemon.send(f"+44770099990{modem}", "still there", sim=iccid)
        try:
            daemon.reaches(message["id"], ("submitted", "delivered"), 15)
        except AssertionError as error:
            failed.append(f"modem{modem}: {str(error)[:200]}")
    return failed


def at_rest(daemon):
    """Nothing is owed any more: what lane alert repeats, it does ten seconds after the last start."""
    daemon.drained(120)
    wait_until(lambda: all(m["lane"] != "alert" for m in daemon.listed("/v1/messages", state="unknown")), 30,
               "the rule of lane alert to decide", log=daemon.log_path)
    daemon.drained(60)


def run(work, count, seed, say=print, pace=LONG):
    """Gives (findings, figures); findings are lists of text by kind."""
    chance = random.Random(seed)
    bank = Bank(work, MODEMS, submit_latency="80ms..400ms", command_latency="5ms",
                options=["--seed", str(seed), "--report-delay", "200ms"])
    daemon = Daemon(work, bank)
    load = None
    try:
        bank.start()
        daemon.start().ready(MODEMS)
        load = Load(bank, daemon, seed + 1, pace.ahead)
        load.start()
        wait_until(lambda: len(load.accepted) >= pace.ahead, 30, "the load to build up")
        seen = rounds(bank, daemon, load, count, chance, pace, say)
        load.pause.set()
        wait_until(load.settled, 30, "every POST to have its answer")
        load.end()
        daemon.ready(MODEMS, 60)
        at_rest(daemon)
        daemon.inbox(len(load.injected), 60)
        found, figures = check(daemon, load)
        found["problems"] = load.problems
        found["stuck"] = stuck(daemon)
        figures["kills with a submit on the wire"] = f"{seen['met']} of {count}"
        figures["rounds that killed twice"] = seen["twice"]
        figures["lives with SIMs that store first"] = seen["store-first"]
        return found, figures
    finally:
        if load:
            load.end()
        daemon.stop()
        bank.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--dir", help="where the logs go; else a new directory, kept on failure")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    work = options.dir or tempfile.mkdtemp(prefix="klaxon-crash-")
    os.makedirs(work, exist_ok=True)
    print(f"seed {options.seed}, logs in {work}", flush=True)
    began = time.monotonic()
    found, figures = run(work, options.rounds, options.seed, lambda line: print(line, flush=True))
    for name, value in figures.items():
        print(f"{name}: {value}")
    bad = {kind: lines for kind, lines in found.items() if lines}
    for kind, lines in bad.items():
        print(f"{kind}: {len(lines)}\n  " + "\n  ".join(lines[:20]))
    print(f"{options.rounds} rounds in {time.monotonic() - began:.0f} s: {'FAILED' if bad else 'nothing lost, nothing doubled'}")
    if not bad and not options.dir:
        shutil.rmtree(work, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

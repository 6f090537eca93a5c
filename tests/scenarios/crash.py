#!/usr/bin/env python3
"""kill -9 at random moments under load: what was promised is checked against what reached the air.

crash.py [--rounds 50] [--seed N] [--dir DIR]
Four simulated modems send and receive all the time. In each round klaxond is started, killed at a random moment and
started again. At the end the queue drains, and then:
  lost      accepted (202) and not on the air, and not in doubt
  doubled   a segment on the air twice though its message was never in doubt
  inbound   a text that the network took and that is not in the inbox exactly once
  stuck     a modem that does not send any more
Each must be none. Keys: a POST that was cut off is repeated with its Idempotency-Key and must count once.
"""

import argparse
import collections
import os
import random
import re
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from klaxon_rig import Bank, Daemon, wait_until  # noqa: E402

MODEMS = 4
AHEAD = 60  # so many accepted messages may wait: every kill meets work


class Load(threading.Thread):
    """Posts messages and injects texts until told to stop; knows what was promised."""

    def __init__(self, bank, daemon, seed):
        super().__init__(daemon=True)
        self.bank, self.chance = bank, random.Random(seed)
        self.daemon_ = daemon
        self.accepted = {}   # number in the text -> (id, segments)
        self.injected = {}   # text -> modem
        self.cut_off = 0     # POSTs whose answer never came
        self.problems = []
        self._pending = []   # (key, body, number) whose fate is not known
        self._next = 0
        self._ending = threading.Event()
        self._unknown = set()
        self._asked = self._inject_at = 0.0
        self.pause = threading.Event()

    def body(self):
        self._next += 1
        n = self._next
        words = f"m{n}; " * (1 if self.chance.random() < 0.85 else 60)
        lane = self.chance.choices(["alert", "urgent", "normal", "bulk"], [1, 2, 5, 2])[0]
        return n, {"to": f"+4477{n:08d}", "text": words[:290].strip(), "lane": lane, "ref": str(n)}

    def post(self, key, body, number):
        try:
            answer = self.daemon_.call("POST", "/v1/messages", body, headers={"Idempotency-Key": key}, timeout=5)
        except OSError:
            self.cut_off += 1
            self._pending.append((key, body, number))
            return False
        if answer.status == 202:
            self.accepted[number] = (answer.json["id"], answer.json["segments"])
            return True
        if answer.status != 503:
            self.problems.append(f"{number}: {answer}")
            return True
        self._pending.append((key, body, number))
        return False

    def post_new(self):
        number, body = self.body()
        self.post(f"crash-{number}", body, number)

    def waiting(self):
        """How many accepted messages are neither on the air nor in doubt."""
        done = {int(s["da"][5:]) for s in self.bank.submits()} | self._unknown
        return sum(number not in done for number in list(self.accepted))

    def ask_unknown(self):
        if time.monotonic() - self._asked < 0.5:
            return
        try:
            listed = self.daemon_.listed("/v1/messages", state="unknown")
        except (OSError, AssertionError):
            return
        self._asked = time.monotonic()
        self._unknown = {int(m["ref"]) for m in listed if m["ref"]}

    def run(self):
        while not self._ending.is_set():
            retry, self._pending = self._pending, []
            good = all([self.post(*request) for request in retry])
            self.ask_unknown()
            if good and not self.pause.is_set() and self.waiting() < AHEAD:
                for _ in range(5):
                    self.post_new()
            else:
                self._ending.wait(0.02)
                if good and not self.pause.is_set() and self.chance.random() < 0.3:
                    self.post_new()  # so that some request is cut off by the kill
            if not self.pause.is_set() and time.monotonic() >= self._inject_at:
                self._inject_at = time.monotonic() + self.chance.uniform(0.05, 0.25)
                self.inject()

    def inject(self):
        n = len(self.injected)
        text = f"inbound {n}." if self.chance.random() < 0.8 else f"inbound {n}. " + "long " * 60 + "end"
        modem = self.chance.randrange(MODEMS)
        self.bank.inject(modem, f"+447700{800000 + n:06d}", text)
        self.injected[text] = modem

    def settled(self):
        """No POST is without its answer."""
        return not self._pending

    def end(self):
        self._ending.set()
        self.join(30)



def rounds(bank, daemon, load, count, chance, say):
    met_submit = 0
    for number in range(count):
        # Sometimes while it still starts, mostly in the middle of the work.
        moment = chance.uniform(0.05, 1.0) if chance.random() < 0.25 else chance.uniform(1.0, 3.0)
        end = time.monotonic() + moment
        wait_until(lambda: time.monotonic() >= end, 10, "the moment of the kill", pause=0.005)
        waiting = load.waiting()
        busy = sum(m["state"] in ("submitting", "prompt") for m in bank.status())
        daemon.kill9()
        met_submit += busy > 0
        say(f"round {number + 1}: killed after {moment:.2f} s, {waiting} waiting, {busy} submits on the wire, "
            f"{len(bank.submits())} sent, {len(load.injected)} received")
        if waiting <= 0:
            raise AssertionError("a kill met no work")
        daemon.start()
    if met_submit < count / 3:
        raise AssertionError(f"only {met_submit} of {count} kills met a submit on the wire")
    return met_submit


def check(bank, daemon, load):
    """Gives the report as a dict of lists; all of them should be empty."""
    found = {"lost": [], "doubled": [], "inbound": [], "unfinished": []}
    messages = {m["id"]: m for m in daemon.listed("/v1/messages")}
    on_air = collections.Counter()
    for submit in bank.submits():
        number = re.search(r"\bm(\d+);", submit["text"])
        if number:
            on_air[int(number[1]), (submit["segment"] or {"seq": 1})["seq"]] += 1
    for number, (identity, segments) in load.accepted.items():
        message = messages.get(identity)
        if message is None:
            found["lost"].append(f"{identity} is not known any more")
            continue
        doubt = message["in_doubt_at"] is not None
        if message["state"] not in ("submitted", "delivered", "unknown"):
            found["unfinished"].append(f"{identity} {message['state']} {message['error']}")
        for segment in range(1, segments + 1):
            times = on_air[number, segment]
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
    doubts = [m for m in messages.values() if m["in_doubt_at"]]
    figures = {"accepted": len(load.accepted), "cut off": load.cut_off, "in doubt once": len(doubts),
               "still unknown": sum(m["state"] == "unknown" for m in doubts), "inbound": len(load.injected),
               "segments on the air": sum(on_air.values())}
    return found, figures


def run(work, count, seed, say=print):
    """Gives (findings, figures); findings are lists of text by kind."""
    chance = random.Random(seed)
    bank = Bank(work, MODEMS, submit_latency="80ms..400ms", command_latency="5ms",
                options=["--seed", str(seed), "--report-delay", "200ms"])
    daemon = Daemon(work, bank)
    load = None
    try:
        bank.start()
        daemon.start().ready(MODEMS)
        load = Load(bank, daemon, seed + 1)
        load.start()
        wait_until(lambda: len(load.accepted) >= AHEAD, 30, "the load to build up")
        met = rounds(bank, daemon, load, count, chance, say)
        load.pause.set()
        wait_until(load.settled, 30, "every POST to have its answer")
        load.end()
        daemon.ready(MODEMS, 60)
        daemon.drained(120)
        daemon.inbox(len(load.injected), 60)
        found, figures = check(bank, daemon, load)
        found["problems"] = load.problems
        found["stuck"] = stuck(bank, daemon)
        figures["kills with a submit on the wire"] = f"{met} of {count}"
        return found, figures
    finally:
        if load:
            load.end()
        daemon.stop()
        bank.stop()


def stuck(bank, daemon):
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--dir", help="where the logs go; else a new directory, kept on failure")
    options = parser.parse_args()
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

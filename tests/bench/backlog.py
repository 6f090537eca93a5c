"""What a long queue costs: one more text to send, one more to accept, a start, and lists above a million rows."""

import contextlib
import datetime
import json
import os
import re
import sqlite3

import doors_load
from appliance import LeanBank, appliance, expect, largest_memory, post_lists, processor, wait_until

MILLION = 1_000_000   # the bound of the queue


def _numbers(count):
    return [f"+4470{n:08d}" for n in range(count)]


def _filled(work, name, count):
    """A data_dir with that many texts queued, all to different numbers."""
    folder = os.path.join(work, name)
    with appliance(work, data_dir=folder) as (_, daemon):
        post_lists(daemon, _numbers(count), text="one of many", report=False)
    return folder


def _as_sent(data_dir):
    """Marks what is queued as sent, while no daemon runs: a bank would take minutes. Without counts it counts from none."""
    with contextlib.closing(sqlite3.connect(os.path.join(data_dir, "klaxon.db"))) as db:
        db.execute("UPDATE messages SET state=2 WHERE state=0 AND due_ms=0")
        db.execute("DELETE FROM meta WHERE name='counts'")
        db.commit()


def _log_moment(log):
    """Unix milliseconds at which the first modem was ready."""
    line = re.search(r"^(\S+) info \S+: \w+ -> ready", log, re.M)
    expect(line, "no modem became ready")
    return datetime.datetime.fromisoformat(line[1].replace("Z", "+00:00")).timestamp() * 1000


def _send(work, data_dir, count, extra):
    """Starts on that queue, sends `count` texts; gives µs of processor for one, and ms from ready to the first on the air."""
    with appliance(work, 8, LeanBank, data_dir=data_dir, ready=False, submit_latency="0ms",
                   command_latency="0ms") as (bank, daemon):
        def sent(wanted):
            wait_until(lambda: bank.sent() >= wanted, 300, f"{wanted} on the air", alive=daemon.process,
                       log=daemon.log_path, pause=0.02)
            return bank.sent(), processor(daemon.process.pid)
        begin, end = sent(count // 10), sent(count)
        with open(bank.air_path, encoding="utf-8") as lines:
            first = json.loads(lines.readline())["at_ms"]
        found = {f"send{extra}": 1e6 * (end[1] - begin[1]) / (end[0] - begin[0]),
                 f"first_text{extra}": first - _log_moment(daemon.log()), f"resident{extra}": largest_memory(daemon.process.pid)}
    with open(bank.air_path, encoding="utf-8") as lines:
        numbers = [json.loads(line)["da"] for line in lines]
    expect(len(numbers) == len(set(numbers)), "a text was on the air twice")
    return found


def _accept(work, data_dir, seconds, first, extra):
    with appliance(work, data_dir=data_dir) as (_, daemon):
        got = doors_load.post(daemon, "single", seconds, first)
    accepted = got["requests"] - got["refused"]
    expect(accepted > 0, "nothing was accepted")
    return {f"take{extra}": 1e6 * got["cpu"] / got["requests"], f"take_rate{extra}": accepted / got["seconds"],
            f"take_refused{extra}": got["refused"]}


def cost(work, quick):
    """For the table: processor time for a text at a long queue against a short one, dispatched and accepted; the start."""
    much, few, send, seconds = (5000, 100, 1000, 1) if quick else (MILLION, 1000, 120_000, 2)
    found = {}
    for extra, queued in (("_short", few + send), ("_long", much)):
        folder = _filled(work, f"queue{extra}", queued)
        found |= _send(work, folder, send, extra)
        found |= _accept(work, folder, seconds, 5, extra)
    expect(found["take_refused_short"] == found["take_refused_long"] == 0, "POSTs were refused below the queue's bound")
    _as_sent(folder)
    with appliance(work, data_dir=folder) as (_, daemon):
        got = doors_load.post(daemon, "list", 1 if quick else 6, 6, 16)
    found["lists_above"] = 1000 * (got["requests"] - got["refused"]) / got["seconds"]
    return found | {"dispatch_ratio": found["send_long"] / found["send_short"],
                    "accept_ratio": found["take_long"] / found["take_short"], "start_million": found["first_text_long"]}

"""How much of what the radio allows a bank of simulated modems gets, and what that costs the processor and memory.

A modem can send one text in a command's time (the prompt) and a submit's. The steady share is that against the time
between its texts, from its first to its last; the share since enqueueing counts what had been on the air at the end.
"""

import collections
import json
import time

from appliance import COMMAND, LeanBank, appliance, expect, post_lists, processor, wait_until

WINDOW = 45.0


def _numbers(count):
    return [f"+4477{80000000 + n:08d}" for n in range(count)]


def measure(work, modems=8, messages=200, submit=2.0, reports=False, window=WINDOW, environment=None):
    """Gives a dict: ratios and texts by modem, all texts and the numbers they went to, seconds, MiB."""
    step = submit + COMMAND
    with appliance(work, modems, environment=environment, submit_latency=f"{submit * 1000:.0f}ms",
                   command_latency=f"{COMMAND * 1000:.0f}ms") as (bank, daemon):
        before, began = processor(daemon.process.pid), time.monotonic()
        post_lists(daemon, _numbers(messages), text="message", report=reports)
        wait_until(lambda: len(bank.submits()) >= messages, 60 + 2 * step * messages / modems, "all on the air",
                   alive=daemon.process, log=daemon.log_path, pause=0.2)
        if reports:
            wait_until(lambda: len(bank.events("report")) >= messages, 30, "all reports", pause=0.2)
        daemon.drained(20)
        used, resident = processor(daemon.process.pid) - before, daemon.resident()
        at, numbers = collections.defaultdict(list), collections.Counter()
        for event in bank.submits():
            at[event["modem"]].append(event["at_mono_ms"] / 1000)
            numbers[event["da"]] += 1
        early = sum(moment <= began + window for moments in at.values() for moment in moments)
    return {"ratios": {m: step * (len(t) - 1) / (t[-1] - t[0]) for m, t in at.items() if len(t) > 1},
            "shares": {m: len(t) for m, t in at.items()}, "distinct": len(numbers), "submits": sum(numbers.values()),
            "since_enqueueing": early * step / (window * modems), "cpu": used, "resident": resident}


def _mean(values):
    return sum(values) / len(values)


def share(modems, reports):
    """A measurement for the table: a bank of so many at 2 s a submit, with or without status reports."""
    def run(work, quick):
        submit, each, window = (0.1, 5, 0.4) if quick else (2.0, 24, WINDOW)
        count = 4 if quick else modems
        got = measure(work, count, count * each, submit, reports, window)
        expect(got["distinct"] == got["submits"] == count * each, f"{got['submits']} texts to {got['distinct']} numbers")
        name = f"{modems}{'_reports' if reports else ''}"
        return {f"share_{name}": _mean(got["ratios"].values()), f"slowest_{name}": min(got["ratios"].values()),
                f"window_{name}": got["since_enqueueing"], f"cpu_{name}": 1000 * got["cpu"] / (count * each),
                f"resident_{name}": got["resident"]}
    return run


def middle_rate(path):
    """Texts a second on the air, without the first and the last tenth."""
    with open(path, encoding="utf-8") as lines:
        at = sorted(json.loads(line)["at_mono_ms"] for line in lines)
    low, high = len(at) // 10, len(at) * 9 // 10
    return 1000 * (high - low) / max(at[high] - at[low], 0.001)


def no_time(modems, messages):
    """A measurement for the table: modems and a radio that answer at once."""
    def run(work, quick):
        count = 2000 if quick else messages
        with appliance(work, modems, LeanBank, submit_latency="0ms", command_latency="0ms") as (bank, daemon):
            before = processor(daemon.process.pid)
            post_lists(daemon, _numbers(count), text="message", report=False)
            wait_until(lambda: bank.sent() >= count, 300, "all on the air", alive=daemon.process, log=daemon.log_path,
                       pause=0.2)
            daemon.drained(20)
            used = processor(daemon.process.pid) - before
            with open(bank.air_path, encoding="utf-8") as lines:
                numbers = collections.Counter(json.loads(line)["da"] for line in lines)
            expect(len(numbers) == count == sum(numbers.values()),
                   f"{sum(numbers.values())} texts to {len(numbers)} numbers, not {count}")
            return {f"no_time_{modems}": middle_rate(bank.air_path), f"no_time_cpu_{modems}": 1e6 * used / count}
    return run

"""Modems that go away and come back, answers that never come, and a SIM that is too small: how long, and at what cost.

Back is a modem when a text of the backlog is begun on it again: AT+CMGS, by the bank's own clock.
"""

import collections
import time

from appliance import COMMAND, appliance, expect, median, post_lists, processor, wait_until

SICK = ("modem0", "modem1")   # one of each family that the bank simulates
BACKLOG = "backlog"


def _sending(work, submit, **options):
    return appliance(work, 4, submit_latency=f"{submit * 1000:.0f}ms", command_latency="10ms", **options)


def _backlog(bank, daemon, count):
    post_lists(daemon, [f"+4478{n:08d}" for n in range(count)], text=BACKLOG, lane="bulk", report=False)
    wait_until(lambda: len(bank.submits()) >= 2 * bank.modems, 30, "the backlog to flow", log=daemon.log_path)


def _now():
    return time.monotonic() * 1000


def _begun(bank, modem, since):
    return [e["at_mono_ms"] for e in bank.events("cmgs", modem=modem) if e["at_mono_ms"] > since]


def _back(bank, daemon, since, seconds):
    """Seconds from `since` until each of the sick modems begins a text again."""
    wait_until(lambda: all(_begun(bank, modem, since) for modem in SICK), seconds, "the modems to send again",
               log=daemon.log_path, pause=0.05)
    return [(_begun(bank, modem, since)[0] - since) / 1000 for modem in SICK]


def _each_once(bank, daemon):
    doubtful = {m["to"] for m in daemon.listed("/v1/messages") if m["in_doubt_at"]}
    twice = [n for n, times in collections.Counter(s["da"] for s in bank.submits()).items() if times > 1]
    expect(not set(twice) - doubtful, f"on the air twice without a doubt: {twice}")


def replugged(work, quick):
    tries, away, submit = (1, 0.3, 0.1) if quick else (4, 4, 0.5)
    took, burnt = [], []
    with _sending(work, submit) as (bank, daemon):
        _backlog(bank, daemon, 500)
        for _ in range(tries):
            bank.unplug(0), bank.unplug(1)
            before, began = processor(daemon.process.pid), time.monotonic()
            wait_until(lambda: time.monotonic() - began > away, away + 5, "the modems to be away", pause=0.05)
            burnt.append((processor(daemon.process.pid) - before) / (time.monotonic() - began))
            since = _now()
            bank.plug(0), bank.plug(1)
            took += _back(bank, daemon, since, 60)
        _each_once(bank, daemon)
    return {"replugged": max(took), "replugged_median": median(took), "replugged_core": max(burnt)}


def silent(work, quick):
    seconds, submit = (1, 0.1) if quick else (20, 0.5)
    with _sending(work, submit) as (bank, daemon):
        _backlog(bank, daemon, 500)
        for modem in (0, 1):
            bank.fault(modem, "silence", seconds)
        took = _back(bank, daemon, _now() + 1000 * seconds, seconds + 300)
        _each_once(bank, daemon)
    return {"silent": max(took)}


def rebooted(work, quick):
    tries, off, submit = (1, 1, 0.1) if quick else (4, 3, 0.5)
    took = []
    with _sending(work, submit) as (bank, daemon):
        _backlog(bank, daemon, 500)
        for _ in range(tries):
            for modem in (0, 1):
                bank.fault(modem, "reboot", off)
            took += _back(bank, daemon, _now() + 1000 * off, off + 300)  # it says RDY when it is on again
        _each_once(bank, daemon)
    return {"rebooted": max(took), "rebooted_median": median(took)}


def lost_answer(work, quick):
    """The text is out, its +CMGS never comes and no status report either: what becomes of it in lanes normal and alert."""
    lanes = ("normal",) if quick else ("normal", "alert")
    with _sending(work, 0.1, extra={"policy": {"submit_overdue": "1s"}} if quick else None) as (bank, daemon):
        sent = {}
        for n, lane in enumerate(lanes):
            number = f"+44770090910{n}"
            bank.report(number, "silent")
            for modem in range(bank.modems):
                bank.fault(modem, "lost-answer", 1)
            sent[lane] = daemon.send(number, "is it out?", lane=lane)
            wait_until(lambda: daemon.message(sent[lane]["id"])["in_doubt_at"], 90, f"the doubt of lane {lane}",
                       log=daemon.log_path, pause=0.1)
            for modem in range(bank.modems):
                bank.fault(modem, "clear")
        if "alert" in sent:
            wait_until(lambda: len(bank.submits(da=sent["alert"]["to"])) > 1, 60, "the alert's repetition",
                       log=daemon.log_path)
        times = {lane: len(bank.submits(da=message["to"])) for lane, message in sent.items()}
        state = daemon.message(sent["normal"]["id"])["state"]
        expect(state == "unknown", f"a doubt without evidence is {state}")
        expect(times.get("alert", 2) == 2, f"the alert was on the air {times.get('alert')} times")
    return {"lost_answer_again": times["normal"] - 1}


def _busy(bank, begin, end, half, modems):
    """How much of begin to end those modems had a text under way, of all that there is."""
    used = 0.0
    for submit in bank.submits():
        if submit["modem"] in modems:
            last = submit["at_mono_ms"] + half
            used += max(0.0, min(end, last) - max(begin, last - 2 * half - 1000 * COMMAND))
    return used / (len(modems) * (end - begin))


def small_sim(work, quick):
    """40 texts at once for a modem whose SIM holds 10, while all send."""
    count, submit = (15, 0.2) if quick else (40, 2.0)
    with _sending(work, submit, options=["--slots", "10"]) as (bank, daemon):
        _backlog(bank, daemon, 1000)
        begin = _now()
        for n in range(count):
            bank.inject(0, f"+447700{800000 + n:06d}", f"inbound {n}")
        texts = [item["text"] for item in daemon.inbox(count, 120)]
        end = _now()
        expect(sorted(texts) == sorted(f"inbound {n}" for n in range(count)), f"{len(texts)} texts, not {count} once each")
        wait_until(lambda: bank.submits()[-1]["at_mono_ms"] > end + 1500 * submit, 30, "the submits under way to end")
        everybody = [f"modem{n}" for n in range(bank.modems)]
        return {"small_sim": _busy(bank, begin, end, 500 * submit, everybody),
                "small_sim_itself": _busy(bank, begin, end, 500 * submit, everybody[:1]),
                "small_sim_seconds": (end - begin) / 1000}

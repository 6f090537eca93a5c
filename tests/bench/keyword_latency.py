"""From a keyword's text to the texts of its broadcast: on an idle bank, and beside a bulk backlog.

Both moments come from the simulated bank's own clock.
"""

import os

from appliance import appliance, expect, median, post_lists, wait_until

STAFF = "+4477009082"


def oncall(n):
    """Who texts in at try n: our answers to one number are bounded."""
    return f"+447700908{n:03d}"


def prepare(daemon, people, tries):
    path = os.path.join(daemon.work, "directory.toml")
    staff = ", ".join(f'"{STAFF}{n:02d}"' for n in range(people))
    callers = ", ".join(f'"{oncall(n)}"' for n in range(tries))
    with open(path, "w") as file:
        file.write(f'[[group]]\nname = "all-staff"\nmembers = [{staff}]\n[[keyword]]\nword = "OUTAGE"\n'
                   f'from = [{callers}]\nsecret = "pin:file:outage.pin"\naction = "broadcast"\ngroup = "all-staff"\n'
                   'text = "{{args}}"\nlane = "alert"\nreport = false\ncooldown = "0s"\n')
    daemon.secret("outage.pin", "7391")
    daemon.klaxon("apply", path)


def call_out(bank, daemon, n, people):
    """Texts the keyword to one modem and waits for its broadcast; gives its words."""
    words = f"try {n} mail is down"
    bank.inject(n % bank.modems, oncall(n), f"OUTAGE! 7391 {words}")
    wait_until(lambda: len(bank.submits(text=words)) >= people, 30, f"all of try {n}", log=daemon.log_path)
    return words


def one_try(bank, daemon, n):
    """Gives milliseconds from the reading of the text to the first AT+CMGS of its broadcast."""
    read = len(bank.events("cmgr"))
    words = call_out(bank, daemon, n, bank.modems)
    keyword = [e for e in bank.events("cmgr")[read:] if e["modem"] == f"modem{n % bank.modems}"][0]["at_mono_ms"]
    starts = []
    for submit in bank.submits(text=words):
        before = [e["at_mono_ms"] for e in bank.events("cmgs", modem=submit["modem"])
                  if e["at_mono_ms"] <= submit["at_mono_ms"]]
        starts.append(before[-1])
    return min(starts) - keyword


def each_once(bank, tries, people):
    for n in range(tries):
        sent = bank.submits(text=f"try {n} mail is down")
        expect(len(sent) == people == len({s["da"] for s in sent}), f"try {n}: {len(sent)} texts for {people} people")


def beside_backlog(work, tries, backlog, modems=8):
    """Milliseconds of every try, from the +CMGR answer to the first AT+CMGS, while the bank sends `backlog` texts."""
    with appliance(work, modems, submit_latency="300ms", command_latency="10ms") as (bank, daemon):
        prepare(daemon, modems, tries)
        post_lists(daemon, [f"+4478{n:08d}" for n in range(backlog)], text="bulk", lane="bulk", report=False)
        wait_until(lambda: len(bank.submits(text="bulk")) >= 2 * modems, 30, "the backlog to flow")
        found = [one_try(bank, daemon, n) for n in range(tries)]
        each_once(bank, tries, modems)
        return found


def idle(work, quick):
    """For the table: milliseconds from the text's arrival in the modem to the end of the 1st and of the 20th submit."""
    tries, people, submit = (2, 20, 50) if quick else (12, 20, 300)
    first, last = [], []
    with appliance(work, 4, submit_latency=f"{submit}ms", command_latency="10ms") as (bank, daemon):
        prepare(daemon, people, tries)
        for n in range(tries):
            came = len(bank.events("deliver"))
            words = call_out(bank, daemon, n, people)
            begun = bank.events("deliver")[came]["at_mono_ms"]
            # A submit is on the air when half of its time is over; counted is its end, when the modem says so.
            ends = sorted(s["at_mono_ms"] + submit / 2 for s in bank.submits(text=words))
            first.append(ends[0] - begun)
            last.append(ends[-1] - begun)
            wait_until(lambda: bank.submits(da=oncall(n)), 30, "the counts to the sender", log=daemon.log_path)
            wait_until(lambda: all(m["state"] == "idle" for m in bank.status()), 30, "an idle bank")
        each_once(bank, tries, people)
    return {"keyword_first": median(first), "keyword_last": median(last), "keyword_last_worst": max(last)}


def backlog(work, quick):
    found = beside_backlog(work, *((3, 1000) if quick else (40, 10000)))
    return {"keyword_beside_backlog": median(found), "keyword_beside_backlog_worst": max(found)}

"""From a text's arrival in a modem to the first answer of the API that shows it."""

import http.client
import json
import random
import threading
import time

from appliance import COMMAND, appliance, expect, median, percentile, post_lists, wait_until


class Reader(threading.Thread):
    """Asks for what is new in the inbox, a thousand times a second, over one connection; notes when it first saw a text."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self._connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {daemon.token}"}
        self._ending = threading.Event()
        self.seen = {}
        self.twice = []

    def run(self):
        after = ""
        while not self._ending.wait(0.001):
            self._connection.request("GET", "/v1/inbox?limit=100" + after, headers=self._headers)
            items = json.loads(self._connection.getresponse().read())["items"]
            now = time.monotonic() * 1000
            for item in items:
                if item["text"] in self.seen:
                    self.twice.append(item["text"])
                self.seen[item["text"]] = now
                after = "&after=" + item["id"]

    def end(self):
        self._ending.set()
        self.join(30)


def _deliveries(bank, sent, how="deliver"):
    """The moments at which the modem had each text, by text: the bank numbers what it took in the order of `sent`."""
    return {sent[e["inbound"]]: e for e in bank.events(how) if e["inbound"] in sent}


def _take(bank, reader, modem, n, sent, how="deliver"):
    text = f"inbound {n}"
    came = len(bank.events(how))
    bank.inject(modem, f"+447700{800000 + n:06d}", text)
    event = wait_until(lambda: bank.events(how)[came:], 30, f"{text} in the modem", pause=0.002)[-1]
    sent[event["inbound"]] = text
    return text


def _check(reader, count):
    expect(len(reader.seen) == count and not reader.twice,
           f"{len(reader.seen)} of {count} texts in the inbox, {len(reader.twice)} of them again")


def _alone(work, quick, how, extra=None):
    """Milliseconds of each text, nothing else to do."""
    count, sent, chance = (10 if quick else 250), {}, random.Random(5)
    with appliance(work, 4 if quick else 8, extra=extra, command_latency="10ms",
                   options=["--delivery-latency", "5ms"]) as (bank, daemon):
        reader = Reader(daemon)
        reader.start()
        for n in range(count):
            text = _take(bank, reader, n % bank.modems, n, sent, how)
            wait_until(lambda: text in reader.seen, 30, f"{text} in the inbox", log=daemon.log_path, pause=0.002)
            threading.Event().wait(chance.uniform(0.02, 0.06))
        reader.end()
        took = [reader.seen[text] - event["at_mono_ms"] for text, event in _deliveries(bank, sent, how).items()]
        _check(reader, count)
        expect(how == "deliver" or not bank.events("rp_error"), "a text was not acknowledged in time")
    return took


def idle(work, quick):
    """For the table: stored on the SIM, read from there."""
    took = _alone(work, quick, "deliver")
    return {"inbound_idle": median(took), "inbound_idle_p99": percentile(took, 0.99)}


def pushed(work, quick):
    """For the table: handed over by +CMT, acknowledged by +CNMA."""
    took = _alone(work, quick, "route", {"sim_defaults": {"receive": "direct"}})
    return {"inbound_pushed": median(took), "inbound_pushed_p99": percentile(took, 0.99)}


def _submit_ends(bank, modem, moment, half):
    """When the submit that `modem` has in flight at `moment` ends, or the moment itself."""
    for submit in bank.submits(modem=modem):
        end = submit["at_mono_ms"] + half
        if end - 2 * half - 1000 * COMMAND <= moment <= end:
            return end
    return moment


def sending(work, quick):
    """For the table: milliseconds, less what the submit in flight on that modem still took, while all modems send."""
    count, submit, gap = (8, 200, 0.05) if quick else (100, 2000, 0.4)
    sent, chance = {}, random.Random(6)
    with appliance(work, 4 if quick else 8, submit_latency=f"{submit}ms", command_latency="10ms",
                   options=["--delivery-latency", "5ms"]) as (bank, daemon):
        post_lists(daemon, [f"+4478{n:08d}" for n in range(2000)], text="backlog", lane="bulk", report=False)
        wait_until(lambda: len(bank.submits()) >= 2 * bank.modems, 30, "the backlog to flow", log=daemon.log_path)
        reader = Reader(daemon)
        reader.start()
        for n in range(count):
            _take(bank, reader, n % bank.modems, n, sent)
            threading.Event().wait(gap * chance.uniform(0.5, 1.5))
        wait_until(lambda: len(reader.seen) >= count, 30, "all in the inbox", log=daemon.log_path)
        reader.end()
        whole, beyond = [], []
        for text, event in _deliveries(bank, sent).items():
            came = event["at_mono_ms"]
            whole.append(reader.seen[text] - came)
            beyond.append(reader.seen[text] - _submit_ends(bank, event["modem"], came, submit / 2))
        _check(reader, count)
    return {"inbound_sending": median(beyond), "inbound_sending_p99": percentile(beyond, 0.99),
            "inbound_sending_whole": median(whole), "inbound_sending_whole_p99": percentile(whole, 0.99)}

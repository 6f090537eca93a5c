"""How many messages the API takes, each on disk before its 202, and how long an alert and a reader wait meanwhile.

wrk is who asks: 64 connections that stay open, every body different (posts.lua).
"""

import http.client
import json
import os
import subprocess
import time

from appliance import HERE, appliance, expect, median, percentile, processor, rows_of, wait_until


def _command(daemon, kind, seconds, connections, first, of_a_list=1000):
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", os.path.join(HERE, "posts.lua"),
            daemon.url, "--", daemon.token, kind, str(first), str(of_a_list)]


def _figures(output):
    return json.loads(output.strip().splitlines()[-1])


def post(daemon, kind, seconds, first, connections=64):
    """Lets wrk post for so long; gives its figures, and the daemon's processor seconds as "cpu"."""
    before = processor(daemon.process.pid)
    done = subprocess.run(_command(daemon, kind, seconds, connections, first), capture_output=True, text=True,
                          timeout=seconds + 60, check=True)
    got = _figures(done.stdout)
    got["cpu"] = processor(daemon.process.pid) - before
    expect(got["cut_off"] == 0, f"{got['cut_off']} requests without an answer")
    return got


def kept(data_dir, accepted, each=1, connections=64):
    """What was answered with 202 is there; wrk leaves without the last answers, so a little more may be."""
    rows = rows_of(data_dir)
    expect(accepted * each <= rows <= (accepted + 2 * connections) * each, f"{rows} rows for {accepted} answers of {each}")


def accept(work, quick):
    seconds, found = 1 if quick else 10, {}
    for kind, first in (("single", 1), ("keyed", 2)):
        with appliance(work) as (_, daemon):
            got = post(daemon, kind, seconds, first)
        expect(got["refused"] == 0, f"{got['refused']} POSTs refused")
        kept(daemon.data_dir, got["requests"])
        found |= {f"accept_{kind}": got["requests"] / got["seconds"], f"accept_{kind}_p99": got["p99"],
                  f"accept_{kind}_cpu": 1e6 * got["cpu"] / got["requests"]}
    return found


def lists(work, quick):
    with appliance(work) as (_, daemon):
        got = post(daemon, "list", 1 if quick else 6, 3, 16)
    taken = got["requests"] - got["refused"]
    kept(daemon.data_dir, taken, 1000, 16)
    return {"lists_fresh": 1000 * taken / got["seconds"], "lists_fresh_p99": got["p99"]}


class Prober:
    """One connection that asks for one thing after the other, and how long each answer took."""

    def __init__(self, daemon):
        self._connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {daemon.token}", "Content-Type": "application/json"}
        self.took = {"alert": [], "get": []}

    def ask(self, name, method, path, body=None, expected=200):
        began = time.monotonic()
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        read = answer.read()
        self.took[name].append(1000 * (time.monotonic() - began))
        expect(answer.status == expected, f"{method} {path}: {answer.status} {read[:200]}")
        return read


def beside_lists(work, quick):
    seconds = 1 if quick else 8
    with appliance(work) as (_, daemon):
        path = "/v1/messages/" + daemon.send("+447700900123", "who is read")["id"]
        flood = subprocess.Popen(_command(daemon, "list", seconds, 64, 4), stdout=subprocess.PIPE, text=True)
        prober, alerts = Prober(daemon), 0
        while flood.poll() is None:
            alerts += 1
            prober.ask("alert", "POST", "/v1/messages", expected=202, body=json.dumps(
                {"to": f"+4479{alerts:08d}", "text": f"alert {alerts}", "lane": "alert", "report": False}))
            prober.ask("get", "GET", path)
        got = _figures(flood.stdout.read())
        flood.stdout.close()
        # What is listed ends before a list that is still being taken; wrk left some of those behind.
        wait_until(lambda: daemon.listed("/v1/messages", to=f"+4479{alerts:08d}"), 30, "the last alert to be listed")
    taken = got["requests"] - got["refused"]
    rows = rows_of(daemon.data_dir)
    expect(rows >= 1000 * taken + alerts + 1, f"{rows} rows for {taken} lists and {alerts} alerts")
    return {"alert_beside_lists": percentile(prober.took["alert"], 0.99), "get_beside_lists": percentile(prober.took["get"], 0.99),
            "alert_beside_lists_median": median(prober.took["alert"]), "get_beside_lists_median": median(prober.took["get"]),
            "lists_beside": 1000 * taken / got["seconds"]}

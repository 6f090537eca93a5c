"""The same work on a disk whose fsync takes 20 ms more, and on one that hangs."""

import json
import threading
import time

import bank_use
import doors_load
from appliance import appliance, expect, percentile, usual_fsync, wait_until
from disk import Disk

SLOWER = 20_000      # µs
DEADLINE = 2.0       # seconds; policy.disk_deadline as shipped


def slow(work, quick):
    """For the table: POSTs a second and the bank's share."""
    disk = Disk(work, usual_fsync() + SLOWER)
    with appliance(work, environment=disk.environment) as (_, daemon):
        got = doors_load.post(daemon, "single", 1 if quick else 8, 7)
    expect(got["refused"] == 0, f"{got['refused']} POSTs refused")
    doors_load.kept(daemon.data_dir, got["requests"])
    submit, modems, each, window = (0.2, 4, 4, 0.6) if quick else (2.0, 64, 24, bank_use.WINDOW)
    sent = bank_use.measure(work, modems, modems * each, submit, False, window, disk.environment)
    expect(sent["distinct"] == sent["submits"] == modems * each, "a text was lost or doubled on a slow disk")
    return {"slow_accept": got["requests"] / got["seconds"], "slow_accept_p50": got["p50"], "slow_accept_p99": got["p99"],
            "slow_share": sent["since_enqueueing"], "slow_steady": sum(sent["ratios"].values()) / modems}


def _reads_until(prober, path, ended):
    while not ended.wait(0.002):
        prober.ask("get", "GET", path)


def hung(work, quick):
    """For the table: an alert while the disk hangs, beyond `policy.disk_deadline`; what is read meanwhile; and nothing lost."""
    disk, deadline = Disk(work, usual_fsync()), 0.5 if quick else DEADLINE
    with appliance(work, 4, environment=disk.environment, submit_latency="100ms", command_latency="10ms",
                   options=["--report-delay", "100ms"],
                   extra={"policy": {"disk_deadline": f"{1000 * deadline:.0f}ms"}}) as (bank, daemon):
        before = daemon.send("+447700900121", "before it hangs")
        daemon.reaches(before["id"], "delivered")
        reading, ended = doors_load.Prober(daemon), threading.Event()
        reader = threading.Thread(target=_reads_until, args=(reading, f"/v1/messages/{before['id']}", ended))
        disk.hangs()
        reader.start()
        asked, writing = time.monotonic(), doors_load.Prober(daemon)
        answer = json.loads(writing.ask("alert", "POST", "/v1/messages", expected=202, body=json.dumps(
            {"to": "+447700900122", "text": "it hangs", "lane": "alert"})))
        expect(answer.get("durable") is False, f"an answer from memory has to say so: {answer}")
        wait_until(lambda: bank.submits(da="+447700900122"), 20, "the alert on the air", log=daemon.log_path)
        begun = [e["at_mono_ms"] for e in bank.events("cmgs") if e["at_mono_ms"] > asked * 1000][0]
        ended.set()
        reader.join()
        disk.takes(usual_fsync())
        wait_until(lambda: daemon.call("GET", "/readyz", token=False).status == 200, 30, "/readyz", log=daemon.log_path)
        alert = wait_until(lambda: daemon.listed("/v1/messages", to="+447700900122"), 30, "the alert in the list")[0]
        daemon.reaches(alert["id"], "delivered")
        expect(len(bank.submits(da="+447700900122")) == 1, "the alert was not on the air once")
    return {"hung_alert": begun - asked * 1000 - 1000 * deadline, "hung_answer": writing.took["alert"][0] - 1000 * deadline,
            "hung_read": percentile(reading.took["get"], 0.99)}

#!/usr/bin/env python3
"""The demo itself; script/demo installs and builds first. Every figure it prints was read from the API or from the log of
the simulated air; a step that does not hold ends it with an error."""

import argparse
import collections
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from klaxon_rig import Bank, Daemon, wait_until  # noqa: E402
from klaxon_wait import BUILD  # noqa: E402

MODEMS, BACKLOG, STAFF = 8, 400, 25
ONCALL, STRANGER, PIN = "+447700900101", "+447700900666", "7391"
NEWS = "mail is down until 09:30"
DIRECTORY = """[[group]]
name = "it-oncall"
members = ["{oncall}", "+447700900102"]

[[group]]
name = "all-staff"
members = [
{staff}
]

[[keyword]]
word = "OUTAGE"
from = ["group:it-oncall"]
secret = "pin:file:outage.pin"
action = "broadcast"
group = "all-staff"
text = "IT outage: {{{{args}}}}"
lane = "alert"
"""


class Failed(Exception):
    pass


def hold(condition, what):
    if not condition:
        raise Failed(what)


def say(text=""):
    print(text, flush=True)


class Show:
    def __init__(self, folder):
        self.folder = folder
        self.bank = Bank(folder, MODEMS, submit_latency="800ms", command_latency="10ms")
        self.daemon = Daemon(folder, self.bank)
        self.step_number = 0

    def step(self, title):
        self.step_number += 1
        say(f"\n{self.step_number}. {title}")

    def run(self, command, shown=None):
        """Runs a line of shell as a person would type it, and gives what it printed."""
        say(f"   $ {shown or command}")
        done = subprocess.run(["bash", "-c", command], env=self.environment(), text=True, capture_output=True,
                              timeout=60)
        hold(done.returncode == 0, f"`{command}` ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def environment(self):
        return dict(os.environ, KLAXON_URL=self.daemon.url, KLAXON_TOKEN=self.daemon.token,
                    KLAXON_BANK=self.bank.control_path, PATH=f"{BUILD}:{os.environ['PATH']}")

    def write_env(self):
        path = os.path.join(self.folder, "env")
        with open(path, "w") as file:
            file.write(f"export KLAXON_URL={self.daemon.url} KLAXON_BANK={shlex.quote(self.bank.control_path)}\n"
                       f"export KLAXON_DEMO_DIR={shlex.quote(self.folder)}\n"
                       f"export KLAXON_TOKEN=$(cat {shlex.quote(self.daemon.token_file)})\n"
                       f"PATH={shlex.quote(BUILD)}:$PATH\n")
        return path

    def start(self):
        self.step(f"A simulated bank of {MODEMS} modems on PTYs, and klaxond on it")
        self.bank.start()
        self.daemon.secret("outage.pin", PIN)
        os.chmod(os.path.join(self.daemon.secrets_dir, "outage.pin"), 0o600)
        began = time.monotonic()
        self.daemon.start().ready(MODEMS)
        say(f"   {MODEMS} of {MODEMS} modems ready after {time.monotonic() - began:.1f} s: "
            f"{self.bank.dir}/modem0 to modem{MODEMS - 1}")

    def delivered(self, identity, number, text):
        message = self.daemon.reaches(identity, "delivered")
        air = self.bank.submits(da=number)
        hold([a["text"] for a in air] == [text], f"the air shows {air} for {number}")
        hold(len(self.bank.events("report")) > 0, "no status report was seen")
        say(f"   {identity}: on the air once over {message['modem']} (SIM {message['sim']}), TP-MR "
            f"{message['parts'][0]['tp_mr']}; report: {message['state']} at {message['delivered_at']}")

    def send(self):
        self.step("A message by curl, and its delivery report")
        body = json.dumps({"to": "+447700900123", "text": "Hello from curl"})
        answer = json.loads(self.run(
            'curl -fsS -H "Authorization: Bearer $KLAXON_TOKEN" -H "Content-Type: application/json" '
            f"-d '{body}' $KLAXON_URL/v1/messages"))
        self.delivered(answer["id"], "+447700900123", "Hello from curl")
        self.step("The same by `klaxon send`")
        answer = json.loads(self.run('klaxon --json send +447700900124 "Hello from the command line"'))
        self.delivered(answer["id"], "+447700900124", "Hello from the command line")

    def apply(self):
        self.step("Two groups and the keyword OUTAGE, written as text")
        path = os.path.join(self.folder, "directory.toml")
        staff = ",\n".join(f'  "+4477009002{n:02d}"' for n in range(STAFF))
        with open(path, "w") as file:
            file.write(DIRECTORY.format(oncall=ONCALL, staff=staff))
        for line in self.run(f"klaxon apply {shlex.quote(path)}").splitlines():
            say(f"   {line}")
        groups = {g["name"]: len(g["members"]) for g in self.daemon.get("/v1/groups")["items"]}
        hold(groups == {"it-oncall": 2, "all-staff": STAFF}, f"groups are {groups}")

    def fill_up(self):
        self.step(f"A bulk backlog of {BACKLOG} messages")
        numbers = [f"+4477008{n:05d}" for n in range(BACKLOG)]
        made = self.daemon.post("/v1/messages", {"to": numbers, "text": "Our newsletter is out", "lane": "bulk",
                                                 "report": False})["items"]
        hold(len(made) == BACKLOG, f"{len(made)} were accepted")
        wait_until(lambda: len(self.bank.submits(text="Our newsletter is out")) >= MODEMS, 20, "bulk to flow")
        say(self.run("klaxon queue").rstrip())

    def outage(self):
        self.step(f"{ONCALL}, of it-oncall, texts: OUTAGE {PIN} {NEWS}")
        text = f"IT outage: {NEWS}"
        self.bank.inject(3, ONCALL, f"OUTAGE {PIN} {NEWS}")
        wait_until(lambda: len(self.bank.submits(text=text)) >= STAFF, 60, f"{STAFF} texts on the air",
                   log=self.daemon.log_path)
        counts = wait_until(lambda: self.bank.submits(da=ONCALL), 20, "the counts for the sender")[0]["text"]
        sent = self.bank.submits(text=text)
        hold(len({s["da"] for s in sent}) == len(sent) == STAFF, f"{len(sent)} texts on the air for {STAFF} people")
        sims = collections.Counter(s["modem"] for s in sent)
        hold(len(sims) == MODEMS, f"only {len(sims)} of {MODEMS} SIMs sent: {dict(sims)}")
        bulk = self.bank.submits(text="Our newsletter is out")
        first, last = sent[0]["at_mono_ms"], sent[-1]["at_mono_ms"]
        between = sum(first < s["at_mono_ms"] < last for s in bulk)
        hold(between <= MODEMS, f"{between} bulk messages went out in the middle of the broadcast")
        hold(len(bulk) < BACKLOG, "the backlog was empty, so nothing was overtaken")
        came = self.bank.events("deliver", modem="modem3")[0]["at_mono_ms"]
        say(f"   {len(sent)} texts to {len({s['da'] for s in sent})} people over {len(sims)} SIMs, "
            f"{min(sims.values())} to {max(sims.values())} each; the first {(first - came) / 1000:.1f} s and the last "
            f"{(last - came) / 1000:.1f} s after the keyword came in")
        say(f"   {between} bulk messages that were on the wire already came out in between; "
            f"{BACKLOG - len(bulk)} of {BACKLOG} still wait")
        say(f"   texted back to {ONCALL}: {counts}")
        broadcast, = self.daemon.get("/v1/broadcasts")["items"]
        state = wait_until(lambda: self.all_delivered(broadcast["id"]), 30, "the reports", log=self.daemon.log_path)
        say(f"   broadcast {broadcast['id']}: {state['counts']['delivered']} of {state['total']} delivered")

    def all_delivered(self, identity):
        broadcast = self.daemon.get(f"/v1/broadcasts/{identity}")
        return broadcast if broadcast["counts"]["delivered"] == STAFF else None

    def refused(self, title, sender, words, shown):
        self.step(title)
        inbox, audit = len(self.daemon.listed("/v1/inbox")), len(self.daemon.listed("/v1/audit"))
        lines = len(self.daemon.log().splitlines())
        air = len(self.bank.submits(da=sender))
        self.bank.inject(5, sender, words)
        item = self.daemon.inbox(inbox + 1)[-1]
        hold(item["text"] == shown, f"the inbox shows {item['text']!r}")
        audited = wait_until(lambda: self.daemon.listed("/v1/audit")[audit:], 10, "a line in the audit")
        logged = wait_until(lambda: [line for line in self.daemon.log().splitlines()[lines:]
                                     if "keyword" in line.lower()], 10, "a line in the log")
        hold(len(self.daemon.get("/v1/broadcasts")["items"]) == 1, "it started a broadcast")
        hold(len(self.bank.submits(da=sender)) == air, "it was answered")
        say(f"   inbox: {item['text']}")
        say(f"   audit: {audited[-1]['action']} {audited[-1]['detail']}")
        say(f"   log:   {logged[-1]}")
        say("   no broadcast, no answer")

    def play(self):
        self.start()
        self.send()
        self.apply()
        self.fill_up()
        self.outage()
        self.refused(f"The same text from {STRANGER}, a stranger", STRANGER, f"OUTAGE {PIN} {NEWS}",
                     f"OUTAGE •••• {NEWS}")
        self.refused(f"{ONCALL} again, with a wrong PIN", ONCALL, f"OUTAGE 0815 {NEWS}", f"OUTAGE •••• {NEWS}")

    def farewell(self):
        say(f"""
It all held. The API: {self.daemon.url}   the token: {self.daemon.token_file}
Logs, configuration and the log of the air: {self.folder}
In another shell, from the checkout, after `. {self.write_env()}`:
   klaxon send +447700900123 "a message of my own"
   klaxon queue
   script/bank inject modem0 {ONCALL} 'OUTAGE! {PIN} mail is back'
Ctrl-C ends it.""")

    def stop(self):
        self.daemon.stop()
        self.bank.stop()


def clear(folder):
    """An earlier show's files would be counted as this one's."""
    os.makedirs(folder, exist_ok=True)
    for name in ("data", "bank"):
        shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    for name in ("air.jsonl", "trace.jsonl", "admin.token", "klaxond.log", "modembank.log", "env"):
        if os.path.exists(os.path.join(folder, name)):
            os.unlink(os.path.join(folder, name))


def arguments():
    parser = argparse.ArgumentParser(prog="script/demo", description="Klaxon on a simulated bank of 8 modems.")
    parser.add_argument("--once", action="store_true", help="end after the show; non-zero if any of it failed")
    return parser.parse_args()


def main():
    options = arguments()
    given = os.environ.get("KLAXON_DEMO_DIR")
    if given:
        clear(given)
    folder = given or tempfile.mkdtemp(prefix="klaxon-demo-", dir="/tmp")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    show, status, held = Show(folder), 1, False
    try:
        show.play()
        held = True
        if options.once:
            say("\nIt all held.")
        else:
            show.farewell()
            signal.pause()
        status = 0
    except (Failed, AssertionError, subprocess.TimeoutExpired, OSError) as error:
        say(f"\nFAILED: {error}\nLogs: {folder}")
    except KeyboardInterrupt:
        status = 0 if held else 130
    finally:
        show.stop()
        if status == 0 and not given:
            shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())

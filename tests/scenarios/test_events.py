"""The stream of events as strangers read it, through crashes; conversations and their context."""

import json
import os
import signal
import socket
import subprocess
import threading
import unittest

from klaxon_description import DESCRIPTION
from klaxon_rig import RigCase, SharedRigCase, program
from klaxon_wait import stop, wait_until

ANA, BEN = "+34600111222", "+34600111333"


def events_of(text):
    """The events of a stream, read by the standard's rules and by none of ours: (id, type, data)."""
    found, identity = [], ""
    for block in text.replace("\r\n", "\n").split("\n\n")[:-1]:
        kind, data = "message", []
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "id":
                identity = value
            elif name == "event":
                kind = value
            elif name == "data":
                data.append(value)
        if data:
            found.append((identity, kind, json.loads("\n".join(data))))
    return found, identity


class Curl:
    """curl -N into a file, until it is stopped or the daemon goes."""

    def __init__(self, daemon, path, query="", last=None, token=None):
        command = ["curl", "-sN", "-D", path + ".head", "-o", path, daemon.url + "/v1/events" + query,
                   "-H", f"Authorization: Bearer {token or daemon.token}"]
        if last:
            command += ["-H", f"Last-Event-ID: {last}"]
        self.path = path
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def text(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def events(self):
        events = events_of(self.text())[0]
        for _, _, data in events:
            DESCRIPTION.check_event(data)
        return events

    def follows(self):
        """Waits until the stream has begun."""
        wait_until(lambda: ": klaxon\n\n" in self.text(), 10, "the stream to begin")
        return self

    def stop(self):
        stop(self.process, signal.SIGTERM, 5)


class Streams(SharedRigCase):
    modems = 2

    def follow(self, **more):
        curl = Curl(self.daemon, os.path.join(self.work, f"{self._testMethodName}-{len(os.listdir(self.work))}"), **more)
        self.addCleanup(curl.stop)
        return curl.follows()

    def token(self, *scopes):
        return self.daemon.post("/v1/tokens", {"name": "-".join(scopes), "scopes": list(scopes)})["token"]

    def test_every_change_of_a_message_in_order(self):
        curl = self.follow()
        with open(curl.path + ".head", encoding="ascii") as file:
            head = file.read().lower()
        self.assertIn("content-type: text/event-stream", head)
        message = self.daemon.send(ANA, "hello")["id"]

        def states():
            return [data["message"]["state"] for _, kind, data in curl.events()
                    if kind == "message" and data["message"]["id"] == message]
        wait_until(lambda: "delivered" in states(), 20, "the report's event")
        self.assertEqual(["queued", "submitting", "submitted", "delivered"], states())
        ids = [int(identity[1:]) for identity, _, _ in curl.events()]
        self.assertEqual(list(range(ids[0], ids[0] + len(ids))), ids)
        last = [data["message"] for _, kind, data in curl.events() if kind == "message"][-1]
        self.assertEqual(self.daemon.message(message), last, "the event shows what the API shows")

    def test_texts_are_for_those_who_may_read_them(self):
        reader, inbox = self.follow(token=self.token("read")), self.follow(token=self.token("read", "inbox"))
        self.bank.inject(0, BEN, "between the two of us")
        wait_until(lambda: any(kind == "inbox" for _, kind, _ in reader.events() + inbox.events()) and
                   any(kind == "inbox" for _, kind, _ in reader.events()), 20, "the text's event")
        wait_until(lambda: "between the two of us" in inbox.text(), 5, "the text itself")
        self.assertNotIn("between the two", reader.text())
        self.assertIn(BEN, reader.text())
        self.assertEqual(403, self.daemon.call("GET", "/v1/events", token=self.token("inbox")).status)

    def test_a_modem_that_goes_is_told(self):
        curl = self.follow()
        self.bank.unplug(1)
        try:
            wait_until(lambda: any(kind == "modem" and data["modem"]["id"] == "modem1" and data["modem"]["state"] == "absent"
                                   for _, kind, data in curl.events()), 20, "the modem's event")
        finally:
            self.bank.plug(1)
        self.daemon.ready(2)

    def test_an_id_that_is_not_there_gets_a_gap_first(self):
        self.daemon.send(ANA, "one")
        for query, last in (("", "e999999999"), ("?after=e999999999", None), ("", "whatever this is")):
            curl = self.follow(query=query, last=last)
            first = wait_until(lambda curl=curl: curl.events(), 10, "the first event")
            self.assertEqual("gap", first[0][1])
            self.assertEqual("e0", first[0][0])
            wait_until(lambda curl=curl: len(curl.events()) > 2, 10, "what there is")
            self.assertEqual("e1", curl.events()[1][0])
        curl = self.follow(query="?after=e0")
        wait_until(lambda: curl.events(), 10, "events from the beginning")
        self.assertEqual("e1", curl.events()[0][0])

    def test_streams_are_many_bounded_and_in_nobodys_way(self):
        request = f"GET /v1/events?after=e0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.daemon.token}\r\n\r\n"
        streams = []
        try:
            for _ in range(200):
                streams.append(socket.create_connection(("127.0.0.1", self.daemon.port), timeout=10))
                streams[-1].sendall(request.encode())
            for stream in streams:
                self.assertIn(b" 200 ", stream.recv(100))
            refused = self.daemon.call("GET", "/v1/events")
            self.assertEqual(503, refused.status)
            self.assertIn("Retry-After", refused.headers)
            # Nobody reads any of them from here on, and work goes on.
            for n in range(20):
                identity = self.daemon.send(ANA, f"while many listen {n}")["id"]
            self.daemon.reaches(identity, "delivered")
        finally:
            for stream in streams:
                stream.close()
        wait_until(lambda: self.daemon.call("HEAD", "/v1/events").status == 200, 10, "room for a stream")

    def test_the_command_follows(self):
        process = subprocess.Popen([program("klaxon"), "events", "--json", "--after", "e0", "--limit", "5"], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=dict(os.environ, KLAXON_URL=self.daemon.url, KLAXON_TOKEN=self.daemon.token))
        out, err = process.communicate(timeout=20)
        self.assertEqual((0, ""), (process.returncode, err))
        self.assertEqual([f"e{n}" for n in range(1, 6)], [json.loads(line)["id"] for line in out.splitlines()])

    def test_a_conversation_has_both_directions_and_its_context(self):
        number = "+34600111444"
        ticket = {"ticket": "T-1", "step": 2}
        first = self.daemon.send(number, "Is the pump running?", context=ticket)
        self.assertEqual(ticket, first["context"])
        self.daemon.send(number, "Please answer.")
        self.daemon.reaches(first["id"], "delivered")
        self.bank.inject(0, number, "It is")
        path = "/v1/conversations/" + number
        items = wait_until(lambda: (lambda found: found if len(found) == 3 else None)(self.daemon.listed(path)), 20,
                           "three items")
        self.assertEqual(["out", "out", "in"], [item["direction"] for item in items])
        self.assertEqual((number, ticket), (items[2]["conversation"], items[2]["context"]))
        self.assertEqual(ticket, self.daemon.listed("/v1/inbox", **{"from": number})[0]["context"])
        self.daemon.send(number, "Thanks")
        self.assertEqual(["Thanks"], [i["text"] for i in self.daemon.get(path, after=items[2]["id"])["items"]])
        self.assertEqual(["It is"], [i["text"] for i in self.daemon.get(path, after=items[1]["id"], limit=1)["items"]])
        listed = {item["number"]: item for item in self.daemon.listed("/v1/conversations")}
        self.assertEqual(items[2]["id"], listed[number]["last_in"])
        self.assertIn("It is", self.daemon.klaxon("conversation", number).stdout)
        self.assertEqual(422, self.daemon.call("POST", "/v1/messages", {"to": number, "text": "x", "context": {"x": "y" * 2048}}).status)


class Crashes(RigCase):
    def test_no_hole_and_no_double_over_kill_9(self):
        bank, daemon = self.rig(modems=4)
        received, last, ended = [], None, threading.Event()
        pieces = []

        def follow():
            nonlocal last
            while not ended.is_set():
                curl = Curl(daemon, os.path.join(self.work, f"stream-{len(pieces)}"), query="?after=e0", last=last)
                pieces.append(curl)
                while curl.process.poll() is None and not ended.wait(0.02):
                    pass
                curl.stop()
                found, identity = events_of(curl.text())
                received.extend(found)
                last = identity or last
                ended.wait(0.05)

        follower = threading.Thread(target=follow)
        follower.start()
        self.addCleanup(lambda: (ended.set(), follower.join(10)))
        accepted = []
        for _ in range(3):
            for n in range(25):
                accepted.append(daemon.send(f"+3460022{n:04d}", "through crashes")["id"])
            bank.inject(0, BEN, f"text {len(accepted)}")
            daemon.kill9()
            daemon.start().ready(4)
        daemon.drained()
        messages = {m["id"]: m["state"] for m in daemon.listed("/v1/messages")}
        inbox = [item["id"] for item in wait_until(lambda: daemon.inbox(3), 30, "the texts")]
        wait_until(lambda: len(messages) == len({d["message"]["id"] for p in pieces for _, k, d in p.events()
                                                 if k == "message"}), 20, "the last events")
        daemon.stop()
        ended.set()
        follower.join(10)
        ids = [int(identity[1:]) for identity, _, _ in received]
        self.assertEqual(list(range(1, len(ids) + 1)), ids)
        self.assertGreaterEqual(len(pieces), 4, "the stream was cut off by each crash")
        self.assertNotIn("gap", {kind for _, kind, _ in received})
        begun = [d["message"]["id"] for _, k, d in received if k == "message" and d["message"]["state"] == "queued"
                 and d["message"]["attempts"] == 0]
        self.assertTrue(set(accepted) <= set(begun))
        self.assertEqual(sorted(inbox), sorted(d["inbox"]["id"] for _, k, d in received if k == "inbox"))
        final = {d["message"]["id"]: d["message"]["state"] for _, k, d in received if k == "message"}
        self.assertEqual(set(messages), set(final))


if __name__ == "__main__":
    unittest.main()

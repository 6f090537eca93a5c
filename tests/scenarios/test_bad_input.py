"""Bad input gets the answer that names what is wrong, and the daemon goes on. Half of it through curl, a stranger's client."""

import json
import os
import socket
import subprocess

from klaxon_rig import SharedRigCase, program, RigCase


class BadInput(SharedRigCase):
    modems = 1

    def tearDown(self):
        self.assertEqual(200, self.daemon.call("GET", "/healthz", token=False).status)
        super().tearDown()

    def refuse(self, status, body, pointer=None, path="/v1/messages", method="POST", **more):
        answer = self.daemon.call(method, path, body, **more)
        self.assertEqual(status, answer.status, answer)
        self.assertEqual("application/problem+json", answer.headers.get("Content-Type", "").split(";")[0])
        problem = answer.json
        self.assertEqual(status, problem["status"])
        self.assertTrue(problem["title"])
        if pointer:
            self.assertIn(pointer, [e["pointer"] for e in problem["errors"]], answer)
        return problem

    def curl(self, *arguments, stdin=None):
        """Gives (status, body) as curl sees them."""
        done = subprocess.run(
            ["curl", "-sS", "--max-time", "60", "-o", "-", "-w", "\n%{http_code}", "-H",
             f"Authorization: Bearer {self.daemon.token}", "-H", "Content-Type: application/json", *arguments],
            input=stdin, capture_output=True, timeout=90)
        body, _, status = done.stdout.decode(errors="replace").rpartition("\n")
        return int(status), body

    def test_not_json(self):
        for body in (b"", b"{", b"to=1&text=2", b"[1,2", b'{"to": "+447700900123",}', b"\x00\x01", b'"text"' + b"}"):
            with self.subTest(body=body):
                self.refuse(400, body)

    def test_not_utf8_by_curl(self):
        path = os.path.join(self.work, "latin1.json")
        with open(path, "wb") as file:
            file.write(b'{"to": "+447700900123", "text": "caf\xe9"}')
        status, body = self.curl("--data-binary", f"@{path}", f"{self.daemon.url}/v1/messages")
        self.assertEqual(400, status, body)
        self.assertIn("UTF-8", body)

    def test_json_that_is_no_message(self):
        for body in (b"[]", b"null", b"17", b'"text"'):
            with self.subTest(body=body):
                self.assertIn(self.daemon.call("POST", "/v1/messages", body).status, (400, 422))
        deep = b"[" * 5000 + b"]" * 5000
        self.assertIn(self.daemon.call("POST", "/v1/messages", deep).status, (400, 422))

    def test_a_key_twice(self):
        answer = self.daemon.call("POST", "/v1/messages",
                                  b'{"to": "+447700900123", "text": "one", "text": "two"}')
        self.assertIn(answer.status, (400, 422), answer)

    def test_every_wrong_field_is_named_at_once(self):
        problem = self.refuse(422, {"to": "+44 nonsense", "text": "x", "lane": "express", "valid_for": "soon",
                                    "flash": "yes", "txet": "typo"}, "/to")
        pointers = {e["pointer"] for e in problem["errors"]}
        self.assertLessEqual({"/to", "/lane", "/valid_for", "/flash", "/txet"}, pointers)

    def test_single_fields(self):
        good = {"to": "+447700900123", "text": "x"}
        cases = [
            ({"text": "x"}, "/to"), ({"to": "+447700900123"}, "/text"), ({**good, "data": "00"}, "/data"),
            ({**good, "to": []}, "/to"), ({**good, "to": 447700900123}, "/to"), ({**good, "to": "+12"}, "/to"),
            ({**good, "to": "+1234567890123456"}, "/to"), ({**good, "to": ["+447700900123", "x"]}, "/to/1"),
            ({**good, "text": ""}, "/text"), ({**good, "text": None}, "/text"), ({**good, "text": 5}, "/text"),
            ({"to": good["to"], "data": "0"}, "/data"), ({"to": good["to"], "data": "zz"}, "/data"),
            ({**good, "lane": 1}, "/lane"), ({**good, "encoding": "utf8"}, "/encoding"),
            ({**good, "valid_for": "0s"}, "/valid_for"), ({**good, "valid_for": 60}, "/valid_for"),
            ({**good, "send_at": "tomorrow"}, "/send_at"), ({**good, "send_at": "2199-01-01T00:00:00Z"}, "/send_at"),
            ({**good, "send_at": "2001-01-01T00:00:00Z"}, "/send_at"), ({**good, "sim": "no such"}, "/sim"),
            ({**good, "in_doubt": "maybe"}, "/in_doubt"), ({**good, "report": 1}, "/report"),
        ]
        for body, pointer in cases:
            with self.subTest(body=body):
                self.refuse(422, body, pointer)

    def test_a_text_of_100000_characters(self):
        problem = self.refuse(422, {"to": "+447700900123", "text": "x" * 100000}, "/text")
        self.assertIn("segments", json.dumps(problem))

    def test_a_body_of_30_mb_by_curl(self):
        path = os.path.join(self.work, "big.json")
        with open(path, "wb") as file:
            file.write(b'{"to": "+447700900123", "text": "' + b"x" * (30 << 20) + b'"}')
        status, body = self.curl("--data-binary", f"@{path}", f"{self.daemon.url}/v1/messages")
        self.assertEqual(413, status, body)
        self.assertLess(self.daemon.resident(), 100)
        # The same without its length told beforehand.
        with open(path, "rb") as file:
            done = subprocess.run(["curl", "-sS", "--max-time", "60", "-o", os.devnull, "-w", "%{http_code}", "-H",
                                   f"Authorization: Bearer {self.daemon.token}", "-H", "Transfer-Encoding: chunked",
                                   "-H", "Content-Type: application/json", "--data-binary", "@-",
                                   f"{self.daemon.url}/v1/messages"], stdin=file, capture_output=True, timeout=90)
        self.assertEqual("413", done.stdout.decode(), done.stderr)
        self.assertLess(self.daemon.resident(), 100)

    def test_other_content_types(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            with self.subTest(kind=kind):
                self.refuse(415, b"to=x", headers={"Content-Type": kind})

    def test_unknown_paths_and_methods(self):
        for path in ("/", "/v1", "/v1/", "/v1/nothing", "/v1/messages/m0", "/v1/messages/x" * 20, "/v1/alerts",
                     "/v1/messages/../tokens", "/console", "/v1/messages/m999999999999999999999"):
            with self.subTest(path=path):
                self.assertEqual(404, self.daemon.call("GET", path).status)
        answer = self.daemon.call("PUT", "/v1/messages", {})
        self.assertEqual(405, answer.status)
        self.assertIn("Allow", answer.headers)

    def test_broken_http(self):
        for request in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n",
                        b"GET /healthz HTTP/1.1\r\n" + b"X: " + b"y" * 100000 + b"\r\n\r\n",
                        b"POST /v1/messages HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                        b"POST /v1/messages HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"):
            with self.subTest(request=request[:40]):
                with socket.create_connection(("127.0.0.1", self.daemon.port), 10) as connection:
                    connection.settimeout(10)
                    connection.sendall(request)
                    connection.shutdown(socket.SHUT_WR)
                    answer = b""
                    try:
                        while chunk := connection.recv(65536):
                            answer += chunk
                    except ConnectionResetError:
                        pass
                    self.assertFalse(answer.startswith(b"HTTP/1.1 2"), answer[:80])

    def test_many_connections_that_say_nothing(self):
        silent = [socket.create_connection(("127.0.0.1", self.daemon.port), 10) for _ in range(200)]
        try:
            self.assertEqual(200, self.daemon.call("GET", "/healthz", token=False).status)
        finally:
            for connection in silent:
                connection.close()


class Tokens(SharedRigCase):
    modems = 1

    def test_without_a_token(self):
        for token in (False, "nonsense", "x" * 5000):
            with self.subTest(token=str(token)[:10]):
                self.assertEqual(401, self.daemon.call("GET", "/v1/messages", token=token).status)
        self.assertEqual(200, self.daemon.call("GET", "/healthz", token=False).status)
        self.assertEqual(200, self.daemon.call("GET", "/readyz", token=False).status)

    def test_scopes(self):
        made = self.daemon.post("/v1/tokens", {"name": "sender", "scopes": ["send"]})
        sender = made["token"]
        body = {"to": "+447700900123", "text": "x"}
        self.assertEqual(202, self.daemon.call("POST", "/v1/messages", body, token=sender).status)
        self.assertEqual(403, self.daemon.call("POST", "/v1/messages", {**body, "lane": "alert"}, token=sender).status)
        for method, path in (("GET", "/v1/inbox"), ("GET", "/v1/tokens"), ("GET", "/v1/audit"), ("GET", "/v1/sims")):
            with self.subTest(path=path):
                self.assertEqual(403, self.daemon.call(method, path, token=sender).status)
        self.assertNotIn(sender, self.daemon.call("GET", "/v1/tokens").body)
        answer = self.daemon.call("DELETE", f"/v1/tokens/{made['id']}")
        self.assertIn(answer.status, (200, 204), answer)
        self.assertEqual(401, self.daemon.call("POST", "/v1/messages", body, token=sender).status)
        answer = self.daemon.call("POST", "/v1/tokens", {"name": "bad", "scopes": ["fly"]})
        self.assertEqual(422, answer.status, answer)

    def test_the_token_file_is_for_its_owner(self):
        self.assertEqual(0o600, os.stat(self.daemon.token_file).st_mode & 0o777)


class Configuration(RigCase):
    def checked(self, text, mode=0o600):
        path = os.path.join(self.work, "bad.toml")
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        done = subprocess.run([program("klaxond"), "--check-config", "--config", path], capture_output=True, text=True,
                              timeout=20)
        return done.returncode, done.stderr.replace(path, "FILE")

    def test_every_reason_at_once_with_its_place(self):
        status, said = self.checked('data_dir = 5\ndaly_limit = 3\n[policy]\nmax_attempts = "many"\n'
                                    'submit_timeout = "60"\n[sim_defaults]\ndaly_limit = 3\n')
        self.assertEqual(2, status, said)
        for place in ("FILE:1:", "FILE:2:", "FILE:4:", "FILE:5:", "FILE:7:"):
            self.assertIn(place, said)
        self.assertIn("daily_limit", said)

    def test_not_toml(self):
        status, said = self.checked("[http\nlisten = 1\n")
        self.assertEqual(2, status)
        self.assertRegex(said, r"FILE:1:\d+:")

    def test_a_missing_file(self):
        done = subprocess.run([program("klaxond"), "--check-config", "--config", self.work + "/none.toml"],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual(2, done.returncode)
        self.assertIn("none.toml", done.stderr)

    def test_plaintext_beyond_loopback_is_refused(self):
        status, said = self.checked('[http]\nlisten = ["0.0.0.0:8025"]\n')
        self.assertEqual(2, status)
        self.assertIn("FILE:2:", said)

    def test_a_pin_for_everybody_to_read_is_refused(self):
        text = '[[sim]]\niccid = "8944100000000000001"\npin = "1234"\n'
        self.assertEqual(2, self.checked(text, 0o644)[0])
        self.assertEqual((0, ""), self.checked(text, 0o600))

    def test_the_daemon_does_not_start_on_a_bad_file(self):
        path = os.path.join(self.work, "bad.toml")
        with open(path, "w") as file:
            file.write("daly_limit = 3\n")
        done = subprocess.run([program("klaxond"), "--config", path], capture_output=True, text=True, timeout=20)
        self.assertNotEqual(0, done.returncode)
        self.assertIn(f"{path}:1:", done.stderr)

    def test_versions(self):
        version = open(os.path.join(os.path.dirname(__file__), "..", "..", "config", "VERSION")).read().strip()
        for name in ("klaxond", "klaxon", "klaxon-modembank"):
            done = subprocess.run([program(name), "--version"], capture_output=True, text=True, timeout=20)
            self.assertEqual((0, f"{name} {version}"), (done.returncode, done.stdout.strip()))

"""HTTPS: judged by curl and openssl's s_client, and by the klaxon command."""

import http.client
import os
import signal
import socket
import ssl
import subprocess

from klaxon_rig import Daemon, RigCase, free_port, program, wait_until
from klaxon_wait import loopback_name

DAY = 86_400


def make_certificate(folder, name="first", days=90, hosts="DNS:localhost,IP:127.0.0.1"):
    """A self-signed pair as the package's installation makes it; gives (certificate, key)."""
    pair = [os.path.join(folder, f"{name}.{kind}") for kind in ("crt", "key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName={hosts}", "-out", pair[0], "-keyout",
                    pair[1]], check=True, capture_output=True)
    os.chmod(pair[1], 0o640)
    return pair


class SecureDaemon(Daemon):
    def __init__(self, work, certificate, key):
        super().__init__(work, extra={"http": {"tls_certificate": certificate, "tls_key": key}})
        self.settings["http"].update(listen=[f"127.0.0.1:{self.port}"], bootstrap_token_file=self.token_file)
        self.url = f"https://127.0.0.1:{self.port}"
        self.certificate = certificate

    def connection(self, timeout):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout,
                                           context=ssl.create_default_context(cafile=self.certificate))


class Tls(RigCase):
    def setUp(self):
        super().setUp()
        self.pair = make_certificate(self.work)
        self.daemon = self.ends(SecureDaemon(self.work, *self.pair)).start()

    def curl(self, *arguments, ca=None):
        return subprocess.run(["curl", "-sS", "--max-time", "20", "--cacert", ca or self.pair[0], *arguments],
                              capture_output=True, text=True, timeout=30)

    def s_client(self, *arguments):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.daemon.port}", *arguments],
                              input="", capture_output=True, text=True, timeout=30)
        return done.stdout + done.stderr

    def shown_subject(self):
        return self.s_client("-brief").split("Peer certificate: ")[1].splitlines()[0]

    def test_curl_believes_it_and_a_large_list_comes_whole(self):
        health = self.curl(f"{self.daemon.url}/healthz", "-w", " %{http_code} %{ssl_verify_result}")
        self.assertTrue(health.stdout.endswith(" 200 0"), health)
        self.daemon.post("/v1/messages", {"to": [f"+4477001{n:05d}" for n in range(3000)], "text": "many " * 20})
        got = self.curl("-H", f"Authorization: Bearer {self.daemon.token}", f"{self.daemon.url}/v1/messages?limit=1000",
                        f"{self.daemon.url}/v1/queue", "-w", "%{num_connects}")
        self.assertEqual(1000, got.stdout.count('"id"'))
        self.assertTrue(got.stdout.rstrip().endswith("0"), "the second request used the first's connection")
        strange = make_certificate(self.work, "strange")
        self.assertEqual(60, self.curl(f"{self.daemon.url}/healthz", ca=strange[0]).returncode)

    def test_protocols_and_ciphers(self):
        for version, cipher in (("-tls1_2", "ECDHE"), ("-tls1_3", "TLS_")):
            said = self.s_client(version, "-brief")
            self.assertIn("CONNECTION ESTABLISHED", said)
            self.assertRegex(said, rf"Ciphersuite: {cipher}\S*(GCM|POLY1305)")
        for wrong in (["-tls1_1"], ["-tls1_2", "-cipher", "AES128-SHA:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"]):
            self.assertNotIn("CONNECTION ESTABLISHED", self.s_client(*wrong, "-brief"))

    def test_plain_http_is_told_where_it_is(self):
        plain = self.curl(f"http://127.0.0.1:{self.daemon.port}/healthz", "-w", "%{http_code}")
        self.assertTrue(plain.stdout.endswith("400"), plain)
        self.assertIn("this port speaks HTTPS", plain.stdout)
        for octets in (b"\x00\x01nonsense\r\n\r\n", b"\x16\x03\x01\x00\x05hello\x15\x03\x01\x00\x02\x02\x00", b"SSH-2.0-x\r\n"):
            with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=10) as line:
                line.sendall(octets)
                wait_until(lambda: self.ended(line), 10, "the connection's end")
        self.assertTrue(self.daemon.healthy())
        self.assertIn("klaxon_tls_handshakes_failed_total 4", self.daemon.call("GET", "/metrics").body)

    @staticmethod
    def ended(line):
        try:
            return line.recv(4096) == b""
        except ConnectionResetError:
            return True

    def test_half_open_handshakes_delay_nobody_and_are_cut_off(self):
        hello = ssl.MemoryBIO()
        half = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            half.do_handshake()
        octets = hello.read()
        lines = [socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30) for _ in range(200)]
        for number, line in enumerate(lines):
            self.addCleanup(line.close)
            line.sendall(octets[:number % len(octets)])
        self.assertTrue(self.daemon.healthy())
        for line in lines:
            wait_until(lambda: self.ended(line), 30, "a half-open handshake to be cut off")
        self.assertTrue(self.daemon.healthy())

    def reload(self, wanted):
        before = self.daemon.log().count(wanted)
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.daemon.log().count(wanted) > before, 10, wanted, log=self.daemon.log_path)

    def test_a_renewed_certificate_counts_from_the_next_connection_on(self):
        open_one = self.daemon.connection(20)
        open_one.request("GET", "/healthz")
        open_one.getresponse().read()
        renewed = make_certificate(self.work, "renewed")
        os.replace(renewed[0], self.pair[0])  # half of a renewal: no pair
        self.reload("is not the key of")
        self.assertIn("CN = first", self.shown_subject())
        os.replace(renewed[1], self.pair[1])
        self.reload("TLS as CN=renewed")
        self.assertIn("CN = renewed", self.shown_subject())
        open_one.request("GET", "/healthz")
        self.assertEqual(200, open_one.getresponse().status)
        open_one.close()
        with open(self.pair[0], "w") as file:
            file.write("broken\n")
        self.reload("holds no certificate in PEM")
        self.assertIn("CN = renewed", self.shown_subject())

    def test_a_certificate_near_its_end_is_told(self):
        self.assertNotIn("renew it", self.daemon.log())
        for source, target in zip(make_certificate(self.work, "short", days=20), self.pair):
            os.replace(source, target)
        self.reload("renew it and reload")
        ends = [line for line in self.daemon.call("GET", "/metrics").body.splitlines()
                if line.startswith("klaxon_tls_certificate_ends_seconds ")]
        seconds = float(ends[0].split()[1])
        issued = os.stat(self.pair[0]).st_mtime
        self.assertAlmostEqual(issued + 20 * DAY, seconds, delta=60)

    def klaxon(self, *arguments, **environment):
        return subprocess.run([program("klaxon"), *arguments], capture_output=True, text=True, timeout=60,
                              env={"PATH": os.environ["PATH"], "KLAXON_TOKEN": self.daemon.token, **environment})

    def test_the_command_verifies_whom_it_talks_to(self):
        named = f"https://{loopback_name()}:{self.daemon.port}"
        for arguments, environment in ((["--ca", self.pair[0]], {}), ([], {"KLAXON_CA": self.pair[0]}),
                                       (["--insecure"], {})):
            for url in (named, self.daemon.url):
                done = self.klaxon("queue", "--url", url, *arguments, **environment)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertIn("alert", done.stdout)
        strange = make_certificate(self.work, "strange")
        other_name = make_certificate(self.work, "elsewhere", hosts="DNS:elsewhere")
        for arguments, words in (([], "not trusted: self-signed certificate"), (["--ca", strange[0]], "not trusted"),
                                 (["--ca", self.pair[1]], "holds no certificate"),
                                 (["--ca", "/nowhere"], "holds no certificate")):
            done = self.klaxon("queue", "--url", named, *arguments)
            self.assertEqual((3, ""), (done.returncode, done.stdout), arguments)
            self.assertIn(words, done.stderr)
        for source, target in zip(other_name, self.pair):
            os.replace(source, target)
        self.reload("TLS as CN=elsewhere")
        done = self.klaxon("queue", "--url", named, "--ca", self.pair[0])
        self.assertEqual(3, done.returncode)
        self.assertIn("its certificate is not for that name", done.stderr)


class Settings(RigCase):
    def check(self, **http):
        daemon = Daemon(self.work, extra={"http": http})
        daemon.write_config()
        done = subprocess.run([program("klaxond"), "--check-config", "--config", daemon.config_path], capture_output=True,
                              text=True, timeout=30)
        with open(daemon.config_path) as file:
            lines = file.read().splitlines()
        return done, daemon.config_path, lines

    def test_what_cannot_be_used_is_named_with_its_line(self):
        certificate, key = make_certificate(self.work)
        other = make_certificate(self.work, "other")
        open_key = make_certificate(self.work, "open")
        os.chmod(open_key[1], 0o644)
        os.chmod(other[0], 0o640)
        for pair, named, why in (((certificate, "/nowhere/x.key"), "tls_key", "No such file"),
                                 (("/nowhere/x.crt", key), "tls_certificate", "No such file"),
                                 ((certificate, other[1]), "tls_key", "is not the key of"),
                                 ((key, key), "tls_certificate", "holds no certificate"),
                                 ((certificate, other[0]), "tls_key", "holds no key"),
                                 ((certificate, self.work), "tls_key", "is a directory"),
                                 (tuple(open_key), "tls_key", "can be read by everybody")):
            with self.subTest(pair=pair):
                done, path, lines = self.check(tls_certificate=pair[0], tls_key=pair[1])
                self.assertEqual(2, done.returncode, done.stderr)
                line = next(n for n, text in enumerate(lines, 1) if text.startswith(named))
                self.assertRegex(done.stderr, rf"^{path}:{line}:\d+: {named}: .*{why}")
        done, _, _ = self.check(tls_certificate=certificate, tls_key=key, listen=[f"0.0.0.0:{free_port()}"])
        self.assertEqual((0, ""), (done.returncode, done.stderr))

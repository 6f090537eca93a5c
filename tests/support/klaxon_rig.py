"""A whole appliance for a test: klaxond with a configuration of its own over a simulated bank, and its API.

    class Sending(RigCase):
        def test_it(self):
            bank, daemon = self.rig(modems=2)
            message = daemon.send("+447700900123", "hello")
            daemon.settled(message["id"])

Logs, configuration and air log lie in one directory per test; it is kept and named when the test fails.
"""

import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.parse

from klaxon_bank import Bank
from klaxon_description import DESCRIPTION
from klaxon_wait import (ROOT, cpu_seconds, free_port, program, resident_mib, stop, tail_of,  # noqa: F401
                         wait_until)

FINAL = ("delivered", "failed", "expired", "cancelled")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


def toml(table, prefix=""):
    """A nested dict as TOML: tables as [a], lists of dicts as [[a]]."""
    plain, deep = [], []
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            deep.append(f"[{name}]\n" + toml(value, name + "."))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            deep += [f"[[{name}]]\n" + toml(item, name + ".") for item in value]
        else:
            plain.append(f"{key} = {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(plain) + "".join(deep)


class Daemon:
    """klaxond on a free port. `extra` is merged over the configuration written for the bank's ports."""

    def __init__(self, work, bank=None, extra=None, data_dir=None):
        self.work = work
        self.data_dir = data_dir or os.path.join(work, "data")
        self.config_path = os.path.join(work, "klaxon.toml")
        self.log_path = os.path.join(work, "klaxond.log")
        self.token_file = os.path.join(work, "admin.token")
        self.secrets_dir = os.path.join(work, "secrets")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.environment = None
        self._token = None
        self.runtime_dir = os.path.join(work, "run")  # as the service manager gives one: it outlives the process
        os.makedirs(self.secrets_dir, exist_ok=True)
        os.makedirs(self.runtime_dir, exist_ok=True)
        self.settings = {
            "data_dir": self.data_dir,
            "http": {"listen": [f"127.0.0.1:{self.port}"], "bootstrap_token_file": self.token_file},
            # A build machine's disk may well hang for two seconds, which would be taken for one that is away.
            # What is plugged into the machine that runs the tests is none of theirs.
            "discovery": {"enabled": False},
            "policy": {"secrets_dir": self.secrets_dir, "disk_deadline": "10s"},
            "modem": [{"port": bank.port(k)} for k in range(bank.modems)] if bank else [],
        }
        for key, value in (extra or {}).items():
            if isinstance(value, dict):
                self.settings.setdefault(key, {}).update(value)
            else:
                self.settings[key] = value

    def write_config(self):
        with open(self.config_path, "w") as file:
            file.write(toml(self.settings))

    def start(self, wait=True):
        self.write_config()
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([program("klaxond"), "--config", self.config_path], stdout=log,
                                        stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, cwd=ROOT,
                                        env={"RUNTIME_DIRECTORY": self.runtime_dir, **(self.environment or os.environ)})
        log.close()
        if wait:
            wait_until(self.healthy, 20, "/healthz", alive=self.process, log=self.log_path)
        return self

    def healthy(self):
        try:
            return self.call("GET", "/healthz", token=False).status == 200
        except OSError:
            return False

    def ready(self, sims=1, seconds=30):
        """Waits until that many SIMs can send."""
        def counted():
            return sum(m["state"] == "ready" for m in self.get("/v1/modems")["items"]) >= sims
        wait_until(counted, seconds, f"{sims} modems ready", alive=self.process, log=self.log_path)
        return self

    @property
    def token(self):
        if self._token is None:
            with open(self.token_file) as file:
                self._token = file.read().strip()
        return self._token

    def call(self, method, path, body=None, token=None, headers=None, timeout=30):
        """One request as a stranger would make it. token: None is the admin's, False is none.

        Its answer is held against /openapi.json.
        """
        lines = {}
        if token is not False:
            lines["Authorization"] = f"Bearer {token or self.token}"
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            body = body.encode() if isinstance(body, str) else body
            lines["Content-Type"] = "application/json"
        lines.update(headers or {})
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body, lines)
            got = connection.getresponse()
            answer = Answer(got.status, dict(got.getheaders()), got.read().decode(errors="replace"))
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
        DESCRIPTION.check_answer(method, path, body, answer.status, answer.headers, answer.body)
        return answer

    def connection(self, timeout):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def get(self, path, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        answer = self.call("GET", path)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer}")
        return answer.json

    def post(self, path, body=None, expect=(200, 201, 202), **more):
        answer = self.call("POST", path, body, **more)
        if answer.status not in expect:
            raise AssertionError(f"POST {path}: {answer}")
        return answer.json if answer.body else None

    def send(self, to, text, **fields):
        return self.post("/v1/messages", {"to": to, "text": text, **fields}, expect=(202,))

    def message(self, identity):
        return self.get(f"/v1/messages/{identity}")

    def listed(self, path, **query):
        """Every item of a list, page by page."""
        items, after = [], None
        while True:
            page = self.get(path, limit=1000, **query, **({"after": after} if after else {}))
            items += page["items"]
            after = page["next"]
            if after is None:
                return items

    def reaches(self, identity, state, seconds=20):
        states = (state,) if isinstance(state, str) else state

        def there():
            message = self.message(identity)
            return message if message["state"] in states else None
        return wait_until(there, seconds, f"message {identity} {state}", alive=self.process, log=self.log_path)

    def inbox(self, count, seconds=20):
        """Waits for at least that many inbound texts."""
        def there():
            items = self.listed("/v1/inbox")
            return items if len(items) >= count else None
        return wait_until(there, seconds, f"{count} texts in the inbox", alive=self.process, log=self.log_path)

    def drained(self, seconds=60):
        """Waits until nothing is queued or being submitted."""
        def empty():
            return not self.get("/v1/messages", state="queued", limit=1)["items"] and \
                not self.get("/v1/messages", state="submitting", limit=1)["items"]
        wait_until(empty, seconds, "an empty queue", alive=self.process, log=self.log_path, pause=0.1)

    def secret(self, name, value):
        with open(os.path.join(self.secrets_dir, name), "w") as file:
            file.write(value + "\n")

    def klaxon(self, *arguments, check=True, stdin=None):
        """The command-line client against this daemon."""
        environment = dict(os.environ, KLAXON_URL=self.url, KLAXON_TOKEN=self.token)
        done = subprocess.run([program("klaxon"), *arguments], env=environment, input=stdin, text=True,
                              capture_output=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"klaxon {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def resident(self):
        return resident_mib(self.process.pid)

    def kill9(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self, seconds=25):
        return stop(self.process, signal.SIGTERM, seconds)


def work_dir(name):
    base = os.environ.get("KLAXON_TEST_DIR", tempfile.gettempdir())
    os.makedirs(base, exist_ok=True)
    return tempfile.mkdtemp(prefix=f"klaxon-{name}-", dir=base)


def has_failed(case):
    """Whether a test, or a part of it, has failed so far; for its own clean-up to ask."""
    result = case._outcome.result
    return any(getattr(test, "test_case", test) is case for test, _ in result.errors + result.failures)


def _seed():
    return int(os.environ.get("KLAXON_SEED", random.SystemRandom().randrange(1 << 32)))


class RigCase(unittest.TestCase):
    """A test with banks and daemons of its own. Everything it started is ended, by its own process id."""

    def setUp(self):
        self.work = work_dir(self._testMethodName)
        self.seed = _seed()
        self.random = random.Random(self.seed)
        self._started = []
        self.addCleanup(self._end)

    def rig(self, modems=2, extra=None, ready=None, data_dir=None, **bank_options):
        bank = self.ends(Bank(self.work, modems, **bank_options)).start()
        daemon = self.ends(Daemon(self.work, bank, extra, data_dir)).start()
        if ready != 0:
            daemon.ready(modems if ready is None else ready)
        return bank, daemon

    def ends(self, thing):
        """Has `thing`, which has stop(), ended with the test."""
        self._started.append(thing)
        return thing

    def _end(self):
        for thing in reversed(self._started):
            thing.stop()
        if os.environ.get("KLAXON_KEEP") or has_failed(self):
            print(f"{self.id()}: logs in {self.work}, seed {self.seed}", flush=True)
        else:
            shutil.rmtree(self.work, ignore_errors=True)


class SharedRigCase(unittest.TestCase):
    """Tests that share one bank and daemon: set `modems`, `extra`, `bank_options`; use self.bank, self.daemon."""

    modems = 2
    extra = None
    bank_options = {}
    _failures = 0

    @classmethod
    def setUpClass(cls):
        cls.work = work_dir(cls.__name__)
        cls.bank = Bank(cls.work, cls.modems, **cls.bank_options)
        cls.daemon = Daemon(cls.work, cls.bank, cls.extra)
        cls.addClassCleanup(cls._end)
        cls.bank.start()
        try:
            cls.prepare()
            cls.daemon.start().ready(cls.modems)
        except BaseException:
            cls._failures += 1
            raise

    @classmethod
    def prepare(cls):
        """Before the daemon starts: secrets and the like."""

    def tearDown(self):
        type(self)._failures += has_failed(self)

    @classmethod
    def _end(cls):
        cls.daemon.stop()
        cls.bank.stop()
        if cls._failures or os.environ.get("KLAXON_KEEP"):
            print(f"{cls.__name__}: logs in {cls.work}", flush=True)
        else:
            shutil.rmtree(cls.work, ignore_errors=True)

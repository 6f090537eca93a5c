"""Work without end for a daemon that is killed: what was promised, and what of it has reached the air."""

import collections
import json
import random
import threading
import time

from klaxon_wait import Tail


class Air:
    """How often each segment has reached the air: a number for each, and no line is read twice."""

    def __init__(self, bank):
        self._tail = Tail(bank.air_path)
        self._lock = threading.Lock()
        self.times = collections.Counter()  # (number in the address, TP-UDH's sequence) -> times
        self.segments = 0

    def look(self):
        """Gives the numbers of what is new."""
        with self._lock:
            fresh = set()
            for line in self._tail.lines():
                submit = json.loads(line)
                number = int(submit["da"][5:])
                self.times[number, (submit["segment"] or {"seq": 1})["seq"]] += 1
                self.segments += 1
                fresh.add(number)
            return fresh


class Load(threading.Thread):
    """Posts messages and injects texts until told to stop; knows what was promised.

    About `ahead` accepted messages wait at any time, so that every kill meets work, however long the run is.
    """

    def __init__(self, bank, daemon, seed, ahead):
        super().__init__(daemon=True)
        self.bank, self.daemon_, self.air = bank, daemon, Air(bank)
        self.chance = random.Random(seed)
        self.ahead = ahead
        self.accepted = {}   # number in the address -> (id, segments)
        self.injected = {}   # text -> modem
        self.cut_off = 0     # POSTs whose answer never came
        self.problems = []
        self.pause = threading.Event()
        self._open = set()   # accepted, and no segment seen on the air
        self._unknown = set()
        self._pending = []   # (key, body, number) whose fate is not known
        self._next = 0
        self._asked = self._inject_at = 0.0
        self._ending = threading.Event()
        self._lock = threading.Lock()

    def body(self):
        self._next += 1
        n = self._next
        words = f"m{n}; " * (1 if self.chance.random() < 0.85 else 60)
        lane = self.chance.choices(["alert", "urgent", "normal", "bulk"], [1, 2, 5, 2])[0]
        return n, {"to": f"+4477{n:08d}", "text": words[:290].strip(), "lane": lane, "ref": str(n)}

    def post(self, key, body, number):
        try:
            answer = self.daemon_.call("POST", "/v1/messages", body, headers={"Idempotency-Key": key}, timeout=5)
        except OSError:
            self.cut_off += 1
            self._pending.append((key, body, number))
            return False
        if answer.status == 202:
            self.accepted[number] = (answer.json["id"], answer.json["segments"])
            with self._lock:
                if self.air.times[number, 1] == 0:
                    self._open.add(number)
            return True
        if answer.status != 503:
            self.problems.append(f"{number}: {answer}")
            return True
        self._pending.append((key, body, number))
        return False

    def post_new(self):
        number, body = self.body()
        self.post(f"crash-{number}", body, number)

    def waiting(self):
        """How many accepted messages are neither on the air nor in doubt."""
        with self._lock:
            self._open -= self.air.look()
            return len(self._open - self._unknown)

    def ask_unknown(self):
        if time.monotonic() - self._asked < 0.5:
            return
        try:
            listed = self.daemon_.listed("/v1/messages", state="unknown")
        except (OSError, AssertionError):
            return
        self._asked = time.monotonic()
        self._unknown = {int(m["ref"]) for m in listed if m["ref"]}

    def run(self):
        while not self._ending.is_set():
            retry, self._pending = self._pending, []
            good = all([self.post(*request) for request in retry])
            self.ask_unknown()
            busy = good and not self.pause.is_set()
            waiting = self.waiting()
            if busy and waiting < self.ahead:
                for _ in range(5):
                    self.post_new()
            else:
                self._ending.wait(0.02)
                if busy and waiting < 2 * self.ahead and self.chance.random() < 0.3:
                    self.post_new()  # so that some request is cut off by the kill
            if not self.pause.is_set() and time.monotonic() >= self._inject_at:
                self._inject_at = time.monotonic() + self.chance.uniform(0.05, 0.25)
                self.inject()

    def inject(self):
        n = len(self.injected)
        text = f"inbound {n}." if self.chance.random() < 0.8 else f"inbound {n}. " + "long " * 60 + "end"
        modem = self.chance.randrange(self.bank.modems)
        self.bank.inject(modem, f"+447700{800000 + n:06d}", text)
        self.injected[text] = modem

    def settled(self):
        """No POST is without its answer."""
        return not self._pending

    def end(self):
        self._ending.set()
        self.join(30)

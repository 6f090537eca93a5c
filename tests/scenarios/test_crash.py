"""kill -9 under load; `tests/scenarios/crash.py --rounds 50` is the long form."""

import crash
from klaxon_rig import RigCase

LONG = True


class Crash(RigCase):
    def test_kills_lose_and_double_nothing(self):
        print(f"seed {self.seed}")
        found, figures = crash.run(self.work, 8, self.seed, lambda line: print(line, flush=True))
        print(figures)
        self.assertEqual({}, {kind: lines for kind, lines in found.items() if lines})

"""kill -9 under load: tests/crash/crash.py, with its findings as figures."""

import random

import crash
from appliance import expect


def under_load(work, quick):
    """For the table. What is short here is long in script/test already."""
    if quick:
        return {}
    seed = random.SystemRandom().randrange(1 << 32)
    found, figures = crash.run(work, 30, seed, say=lambda line: None)
    doubts, settled = figures["in doubt once"], figures["settled by evidence"]
    expect(not found["problems"], f"seed {seed}: {found['problems'][:3]}")
    return {"kills_lost": len(found["lost"]) + len(found["unfinished"]), "kills_doubled": len(found["doubled"]),
            "kills_inbound": len(found["inbound"]), "kills_stuck": len(found["stuck"]),
            "kills_settled": settled / doubts if doubts else 1.0, "kills_doubts": doubts,
            "kills_accepted": figures["accepted"], "kills_texts": figures["inbound"]}

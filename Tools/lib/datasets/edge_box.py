"""This machine, measured by its own agent while it compresses and hashes a file. Nothing is simulated, its clock neither."""

import gzip
import hashlib
import random
import time

SCENARIO = "edge-box-acceptance"
RUNS = 40


def record(session):
    inputs = [{"type": "host", "every": "250ms", "collect": ["cpu", "memory", "load"]}]
    box = session.box("lab", "box-01", {}, inputs)
    content = random.Random(1).randbytes(1_500_000) + bytes(1_500_000)
    expected = hashlib.sha256(content).hexdigest()
    for number in range(1, RUNS + 1):
        box.mark("run.start", f"scenario={SCENARIO}", f"id=r{number:02}", "subject=box-01")
        good = work(content, expected)
        outcome = ["outcome=success"] if good else ["outcome=failure", "failure_mode=mismatch"]
        box.mark("run.stop", f"scenario={SCENARIO}", f"id=r{number:02}", *outcome)
    time.sleep(1.5)


def work(content, expected):
    """At least a second of it, so that some readings fall into the run."""
    end = time.monotonic() + 1.05
    while True:
        unpacked = gzip.decompress(gzip.compress(content))
        if hashlib.sha256(unpacked).hexdigest() != expected:
            return False
        if time.monotonic() > end:
            return True

"""The threat model promises nothing without a test that is there."""

import re

from harness import ROOT

PAGE = ROOT / "Sources" / "Connection" / "Connection.docc" / "ThreatModel.md"


def test_every_promise_of_the_threat_model_has_its_test():
    rows = [line for line in PAGE.read_text().split("## What is promised")[1].split("## ")[0].splitlines() if line.startswith("|")]
    promises = rows[2:]
    assert len(promises) >= 15
    tests = set()
    for file in (ROOT / "Tests" / "EndToEnd").glob("test_*.py"):
        tests |= set(re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE))
    for row in promises:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, f"no test: {row}"
        assert set(named) <= tests, f"not there: {set(named) - tests}"

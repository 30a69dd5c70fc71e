"""Runs that nobody marks: a rule over a series tells when they begin and end."""

import json
import shutil
import time

import jsonschema
import pytest
from harness import ROOT, eventually

SCENARIO = """
schema: fieldproof/scenario/v1
id: gripping
version: 1.0.0
title: {en: Gripping}
setting: real
runs:
  start: {series: gripper.current, where: {joint: "6"}, above: 0.5 A, for: 200ms}
  stop:
    - {series: gripper.current, where: {joint: "6"}, below: 100 mA, for: 500ms}
    - {series: cell.state, is: estop, outcome: aborted}
  outcome: {series: cell.result, words: {OK: success, NOK: failure}, within: 1s}
  outcomes: [success, failure, aborted]
  timeout: 10m
metrics:
  current: {series: gripper.current, where: {joint: "6"}, unit: A}
  cycle-time: {series: run.duration, unit: s}
criteria:
  - {id: success-rate, statistic: proportion, outcome: success, at-least: 0.10, confidence: 0.90}
safety:
  - {id: over-current, metric: current, above: 3 A, severity: warning}
completeness: {loss-at-most: 0}
"""
SCHEMA = ROOT / "Sources/Aggregation/Aggregation.docc/Resources/summary-v1.schema.json"


@pytest.fixture
def lab(site):
    (site.directory / "scenarios" / "gripping.yaml").write_text(SCENARIO)
    site.agent_settings["inputs"][0]["units"] = {"gripper.current": "A"}
    return site.start()


class Gripper:
    """Lines with times of their own, so that a run of many seconds takes none. The other joints never hold anything."""

    def __init__(self, site, device):
        self.site = site
        self.device = device
        self.now = time.time_ns() - 60_000_000_000

    def lines(self, currents):
        for current in currents:
            yield f"gripper,device={self.device},joint=6 current={current} {self.now}"
            yield f"gripper,device={self.device},joint=5 current=9.0 {self.now}"
            self.now += 100_000_000

    def send(self, lines):
        self.site.send_line("\n".join(lines))

    def idle(self, seconds=1.0):
        self.send(self.lines([0.02] * int(seconds * 10)))

    def hold(self, seconds=2.0, amperes=1.2):
        self.send(self.lines([amperes] * int(seconds * 10)))

    def say(self, series, word):
        measurement, field = series.split(".")
        self.send([f'{measurement},device={self.device} {field}="{word}" {self.now - 1}'])

    def grip(self, word="OK"):
        self.idle()
        self.hold()
        self.say("cell.result", word)
        self.idle()


def runs(site):
    result = site.fieldproof("run", "list", "gripping", "--json")
    return [json.loads(line) for line in result.stdout.splitlines()]


def ended(site, count):
    found = [run for run in runs(site) if run["stop"] and run["outcome"]]
    return found if len(found) == count else None


def summary(site, count):
    result = site.fieldproof("report", "gripping", "--format", "json")
    if result.returncode != 0:
        return None
    found = json.loads(result.stdout)
    return found if found["runs"]["counted"] == count else None


def test_runs_are_recognised_judged_and_recomputed(lab):
    """Two devices at once; one run ends by the emergency stop; every number is found again from the archive alone."""
    left, right = Gripper(lab, "left"), Gripper(lab, "right")
    for word in ("OK", "OK", "NOK"):
        left.grip(word)
    right.idle()
    right.hold()
    right.say("cell.state", "estop")
    right.idle()
    lab.wait_until_drained()
    found = eventually(lambda: ended(lab, 4), what="four runs")
    assert sorted((run["subject"], run["outcome"]) for run in found) == [
        ("left", "failure"), ("left", "success"), ("left", "success"), ("right", "aborted")
    ]
    assert all("marked-by-rule" in run["flags"] for run in found)
    report = eventually(lambda: summary(lab, 4), what="the fold")
    jsonschema.validate(report, json.loads(SCHEMA.read_text()), cls=jsonschema.Draft202012Validator)
    assert report["scenario"]["registered"] == report["scenario"]["digest"]
    assert report["runs"]["outcomes"] == {"success": 2, "failure": 1, "aborted": 1}
    first = next(entry for entry in report["ledger"] if entry["run"].startswith("left-"))
    assert seconds(first["stop"]) - seconds(first["start"]) == pytest.approx(2.0, abs=1e-6)

    path = lab.directory / "summary.json"
    assert lab.fieldproof("report", "gripping", "--output", path).returncode == 0
    verified = lab.fieldproof("verify", path)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    page = lab.fieldproof("report", "gripping", "--format", "html")
    assert page.returncode == 0 and "marked by a rule" in page.stdout
    assert lab.fieldproof("plan", "gripping").returncode == 0


def seconds(text):
    import datetime

    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def test_a_rebuild_gives_the_same_bytes(lab):
    gripper = Gripper(lab, "left")
    for word in ("OK", "NOK", "OK"):
        gripper.grip(word)
    lab.wait_until_drained()
    eventually(lambda: ended(lab, 3) and summary(lab, 3), what="the fold")
    lab.agent.stop()
    lab.collector.stop()
    before = lab.fieldproof("report", "gripping", "--format", "json").stdout
    shutil.copy(lab.directory / "store.db", lab.directory / "former.db")
    rebuilt = lab.fieldproof("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert lab.fieldproof("report", "gripping", "--format", "json").stdout == before
    assert rows(lab, "store.db") == rows(lab, "former.db")


def rows(site, name):
    import sqlite3

    store = sqlite3.connect(f"file:{site.directory}/{name}?mode=ro", uri=True)
    try:
        parts = store.execute("SELECT * FROM rule_part ORDER BY 1, 2, 3, 4, 5, 6, 7, 8").fetchall()
        aggregates = store.execute("SELECT scenario, digest, site, run, start, stop, bytes FROM aggregate ORDER BY 3, 4").fetchall()
        assert parts and aggregates
        return parts, aggregates
    finally:
        store.close()


def test_late_data_split_a_run_and_nothing_stale_is_left(lab):
    """Two boxes' worth of lines: what one program had buffered comes after what it belongs before."""
    gripper = Gripper(lab, "left")
    gripper.idle()
    gripper.hold(1.0)
    held_back = gripper.now
    gripper.now += 2_000_000_000
    gripper.hold(1.0)
    gripper.idle()
    lab.wait_until_drained()
    one = eventually(lambda: [run for run in runs(lab) if run["stop"]], what="one run")
    assert len(one) == 1
    gripper.now = held_back
    # Another agent has the pause on record; it comes when this run is folded already.
    gripper.send([f'cell,device=left state="estop" {held_back}'])
    lab.wait_until_drained()

    def split():
        found = [run for run in runs(lab) if run["stop"]]
        return found if len(found) == 1 and found[0]["outcome"] == "aborted" else None

    aborted = eventually(split, what="the run that the emergency stop ended")
    assert aborted[0]["stop"] < one[0]["stop"]
    report = eventually(lambda: summary(lab, 1), what="the fold")
    assert [entry["run"] for entry in report["ledger"]] == [aborted[0]["run"]]


def test_an_operator_says_how_a_run_ended_that_a_rule_started(lab):
    gripper = Gripper(lab, "left")
    gripper.idle()
    gripper.hold()
    lab.wait_until_drained()
    run = eventually(lambda: runs(lab), what="the run while it lasts")[0]
    assert run["stop"] is None and run["subject"] == "left"
    stop = lab.fieldproof("run", "stop", "--id", run["run"], "--outcome", "failure", "--failure-mode", "slip")
    assert stop.returncode == 0, stop.stderr
    gripper.idle()
    ended_run = eventually(lambda: ended(lab, 1), what="the stop")[0]
    assert (ended_run["run"], ended_run["outcome"], ended_run["failure_mode"]) == (run["run"], "failure", "slip")


def test_a_rule_marks_the_run_that_a_warning_is_about(lab):
    subscriber = lab.subscriber("fieldproof/v1/scenarios/gripping/#")
    gripper = Gripper(lab, "left")
    gripper.idle()
    gripper.hold()
    gripper.hold(1.0, amperes=4.5)
    alert = json.loads(eventually(lambda: subscriber.payloads("/alert"), what="the warning")[0])
    assert alert["rule"] == "over-current" and alert["run"].startswith("left-")
    gripper.say("cell.result", "OK")
    gripper.idle()
    eventually(lambda: ended(lab, 1), what="the end of the run")
    published = eventually(
        lambda: [p for p in map(json.loads, subscriber.payloads("/summary")) if p["runs"]["counted"] == 1], what="the summary"
    )
    assert published[-1]["ledger"][0]["outcome"] == "success"


def test_a_wrong_rule_is_refused_with_its_place(site):
    path = site.directory / "wrong.yaml"
    path.write_text(SCENARIO.replace("below: 100 mA", "below: 100 N"))
    result = site.fieldproof_alone("scenario", "check", path)
    assert result.returncode == 78
    assert "wrong.yaml:10:7: runs.stop[0]: " in result.stderr, result.stderr
    assert "cannot be of one series" in result.stderr

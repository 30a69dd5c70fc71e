"""Runs become verdicts, and the summary says the same wherever it is read."""

import json
import subprocess

import jsonschema
import pytest
from harness import FIELDPROOF, ROOT, eventually
from scipy.stats import beta

SCENARIO = """
schema: fieldproof/scenario/v1
id: lifting
version: 1.0.0
title: {en: Lifting}
setting: real
runs: {outcomes: [success, failure]}
metrics:
  load: {series: counter, where: {device: x}, unit: "1"}
criteria:
  - {id: success-rate, statistic: proportion, outcome: success, at-least: 0.90, confidence: 0.95}
completeness: {loss-at-most: 0}
"""
SCHEMA = ROOT / "Sources/Aggregation/Aggregation.docc/Resources/summary-v1.schema.json"


@pytest.fixture
def lab(site):
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    return site.start()


def run_on_the_box(site, number, outcome):
    """One run, marked in one of the ways a program or a person on the box can."""
    if number % 2:
        assert site.mark("run.start", "scenario=lifting", f"id=r{number}", "subject=arm-07").returncode == 0
    else:
        site.send_line(f'run,scenario=lifting,id=r{number},subject=arm-07 event="start"')
    site.feed([number])
    if number % 2:
        assert site.mark("run.stop", "scenario=lifting", f"id=r{number}", f"outcome={outcome}").returncode == 0
    else:
        site.send_line(f'run,scenario=lifting,id=r{number} event="stop",outcome="{outcome}",intervention=false')


def outcomes(site):
    result = site.fieldproof("run", "list", "lifting", "--json")
    return [json.loads(line)["outcome"] for line in result.stdout.splitlines()]


def clopper_pearson(successes, runs, confidence=0.95):
    lower = 0.0 if successes == 0 else beta.ppf(1 - confidence, successes, runs - successes + 1)
    upper = 1.0 if successes == runs else beta.ppf(confidence, successes + 1, runs - successes)
    return lower, upper


@pytest.mark.parametrize(
    "successes, failures, verdict", [(35, 0, "pass"), (12, 1, "inconclusive"), (4, 10, "fail")]
)
def test_verdict_and_bounds_are_those_of_scipy(lab, successes, failures, verdict):
    for number in range(1, successes + failures + 1):
        run_on_the_box(lab, number, "success" if number <= successes else "failure")
    total = successes + failures
    eventually(lambda: len([o for o in outcomes(lab) if o]) == total, what="every stop at the collector")
    lab.wait_until_drained()
    summary = eventually(lambda: folded(lab, total), what="the fold")
    assert summary["verdict"] == verdict
    assert summary["runs"]["outcomes"] == {"success": successes, "failure": failures}
    criterion = summary["criteria"][0]
    lower, upper = clopper_pearson(successes, total)
    assert criterion["n"] == total
    assert criterion["lower"] == pytest.approx(lower, rel=1e-9)
    assert criterion["upper"] == pytest.approx(upper, rel=1e-9)
    assert (criterion["more_runs"] > 0) == (verdict == "inconclusive")
    jsonschema.validate(summary, json.loads(SCHEMA.read_text()), cls=jsonschema.Draft202012Validator)


def folded(site, total):
    result = site.fieldproof("report", "lifting", "--format", "json")
    if result.returncode != 0:
        return None
    summary = json.loads(result.stdout)
    return summary if summary["runs"]["counted"] == total else None


def test_an_operator_marks_runs_over_mqtt_and_each_counts_once(lab):
    """The agent and the collector both record the marker; it is one run all the same."""
    for number in range(3):
        start = lab.fieldproof("run", "start", "lifting", "--site", "lab", "--id", f"m{number}", "--subject", "arm-07")
        assert start.returncode == 0, start.stderr
        assert start.stdout == f"m{number}\n"
        eventually(lambda: f'"m{number}"' in lab.fieldproof("run", "list", "lifting", "--json").stdout)
        stop = lab.fieldproof(
            "run", "stop", "--id", f"m{number}", "--outcome", "failure", "--failure-mode", "slip", "--intervention"
        )
        assert stop.returncode == 0, stop.stderr
    eventually(lambda: outcomes(lab) == ["failure"] * 3)
    eventually(lambda: lab.collector_events("run.start") == 6, what="both records of each start")
    summary = eventually(lambda: folded(lab, 3))
    assert [(entry["failure_mode"], entry["intervention"]) for entry in summary["ledger"]] == [("slip", True)] * 3


def test_an_unknown_outcome_is_refused_before_it_is_sent(lab):
    assert lab.fieldproof("run", "start", "lifting", "--site", "lab", "--id", "a").returncode == 0
    eventually(lambda: '"a"' in lab.fieldproof("run", "list", "--json").stdout)
    refused = lab.fieldproof("run", "stop", "--id", "a", "--outcome", "sucess")
    assert refused.returncode == 64
    assert "success, failure" in refused.stderr


def test_marking_fails_loudly_when_nobody_listens(site):
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    site.write_settings()
    away = site.fieldproof("run", "start", "lifting", "--site", "lab")
    assert away.returncode == 69 and "is mosquitto running?" in away.stderr
    site.broker.start()
    alone = site.fieldproof("run", "start", "lifting", "--site", "lab")
    assert alone.returncode == 69 and "nobody at site 'lab' is listening" in alone.stderr
    assert site.mark("run.start", "scenario=lifting", "id=a").returncode == 69
    assert site.mark("run.start", "scenario=lifting").returncode == 64


def test_retained_summary_report_and_rebuild_agree(lab):
    subscriber = lab.subscriber("fieldproof/v1/scenarios/#")
    for number in range(1, 6):
        run_on_the_box(lab, number, "success")
    lab.wait_until_drained()
    eventually(lambda: folded(lab, 5))
    assert lab.agent.stop() == 0
    assert lab.collector.stop() == 0
    retained = eventually(lambda: settled(lab, subscriber), 20, "the last summary, retained")
    assert retained["verdict"] == "inconclusive"
    assert retained["completeness"]["pending"] == 0
    before = lab.fieldproof("report", "lifting", "--format", "json").stdout
    rebuilt = lab.fieldproof("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert lab.fieldproof("report", "lifting", "--format", "json").stdout == before
    (lab.directory / "store.db").unlink()
    for extra in lab.directory.glob("store.db-*"):
        extra.unlink()
    assert lab.fieldproof("rebuild").returncode == 0
    after = json.loads(lab.fieldproof("report", "lifting", "--format", "json").stdout)
    assert after["criteria"] == json.loads(before)["criteria"]


def settled(site, subscriber):
    summaries = subscriber.payloads("/summary")
    newest = json.loads(summaries[-1]) if summaries else None
    said = site.summary("lifting")
    if newest is None:
        return None
    # What the archive notes beside frames makes it longer.
    extent, later = (summary["reproduction"].pop("extent") for summary in (newest, said))
    if newest != said:
        return None
    assert 0 < extent["events"] <= later["events"] and 0 < extent["frames"] <= later["frames"]
    return newest


def test_reports_come_in_every_format_and_strict_says_no(lab):
    run_on_the_box(lab, 1, "success")
    lab.wait_until_drained()
    eventually(lambda: folded(lab, 1))
    assert lab.fieldproof("report", "lifting", "--strict").returncode == 1
    page = lab.fieldproof("report", "lifting", "--format", "html").stdout
    assert page.startswith("<!") and "<script" not in page
    assert lab.fieldproof("report", "lifting", "--format", "csv").stdout.startswith("run,site,")
    assert "Inconclusive" in lab.fieldproof("report", "lifting", "--format", "md").stdout
    output = lab.directory / "summary.json"
    assert lab.fieldproof("report", "lifting", "--output", str(output)).stdout == ""
    assert json.loads(output.read_text())["schema"] == "fieldproof/summary/v1"
    unknown = lab.fieldproof("report", "lifing")
    assert unknown.returncode == 78 and "use one of lifting" in unknown.stderr


def test_the_installed_scenarios_are_sound():
    for path in sorted((ROOT / "Firmware-config/scenarios").glob("*.yaml")):
        result = subprocess.run([FIELDPROOF, "scenario", "check", path], capture_output=True, text=True, timeout=20)
        assert result.returncode == 0, result.stderr

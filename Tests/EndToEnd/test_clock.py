"""A box without a battery: its wall clock begins in 1970, and a time service puts it right some time later."""

import datetime
import json
import pathlib
import shutil
import subprocess
import time

import pytest
from harness import eventually
from test_alerts import Alerts

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
  - {id: success-rate, statistic: proportion, outcome: success, at-least: 0.04, confidence: 0.95}
completeness: {loss-at-most: 0, clock-error-at-most: 10s}
"""
SHIM = pathlib.Path(__file__).with_name("false_kernel_clock.c")


@pytest.fixture
def wrong_clock(site):
    """A site whose agent reads its wall clock and the kernel's opinion of it from two files."""
    faketime = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
    if not faketime or not shutil.which("gcc"):
        pytest.skip("needs libfaketime and gcc; install faketime and gcc")
    library = site.directory / "false_kernel_clock.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, SHIM], check=True)
    site.wall = site.directory / "wall"
    site.kernel = site.directory / "kernel"
    settings = {
        "LD_PRELOAD": f"{faketime}:{library}",
        "FAKETIME_TIMESTAMP_FILE": site.wall,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "FALSE_KERNEL_CLOCK": site.kernel,
    }
    # libfaketime changes the environment when it is first loaded, and a Swift program then looks for its arguments in the wrong place: so
    # the second env loads it first.
    site.agent.command = ["env", *(f"{name}={value}" for name, value in settings.items()), "env", *site.agent.command]
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    yield site
    site.agent.close()
    for name in (f"faketime_shm_{site.agent.process.pid}", f"sem.faketime_sem_{site.agent.process.pid}"):
        pathlib.Path("/dev/shm", name).unlink(missing_ok=True)


def set_clock(site, wall, kernel):
    """An offset or a time as faketime(1) has them, and what adjtimex says. Both by rename: the agent reads them at any moment."""
    for path, text in ((site.wall, wall), (site.kernel, kernel)):
        draft = path.with_suffix(".new")
        draft.write_text(f"{text}\n")
        draft.rename(path)


def run_once(site, run):
    """The true time of the run's start and stop, as far as this test can tell."""
    begin = time.time()
    assert site.mark("run.start", "scenario=lifting", f"id={run}").returncode == 0
    started = time.time()
    site.feed([1, 2, 3])
    end = time.time()
    assert site.mark("run.stop", "scenario=lifting", f"id={run}", "outcome=success").returncode == 0
    return (begin, started), (end, time.time())


def summary_of(site, condition):
    def found():
        result = site.fieldproof("report", "lifting", "--format", "json")
        if result.returncode != 0:
            return None
        summary = json.loads(result.stdout)
        return summary if summary["ledger"] and condition(summary) else None

    return eventually(found, 30, "the summary")


def seconds(text):
    return datetime.datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00").timestamp()


def is_placed(summary, count):
    """And folded with all its samples: a collector folds a second after they came."""
    return not summary["ledger"][0]["flags"] and summary["metrics"][0]["count"] == count


@pytest.mark.parametrize("wall", ["-56y", "-10y", "+10y"])
def test_a_run_under_a_wrong_clock_lands_at_the_right_time_once_the_clock_is_synchronised(wrong_clock, wall):
    set_clock(wrong_clock, wall, "unsynchronised")
    wrong_clock.start()
    start, stop = run_once(wrong_clock, "r1")
    lost_in_time = summary_of(wrong_clock, lambda summary: summary["ledger"][0]["completeness"])
    assert lost_in_time["ledger"][0]["flags"] == ["time-unknown"]
    assert lost_in_time["verdict"] == "inconclusive"
    assert lost_in_time["completeness"]["clock_error_s"] is None
    assert "was never synchronised" in lost_in_time["reason"]

    set_clock(wrong_clock, "+0", "1500")
    wrong_clock.feed([4])
    wrong_clock.wait_until_drained()
    summary = summary_of(wrong_clock, lambda summary: is_placed(summary, 3))
    entry = summary["ledger"][0]
    # faketime counts a year as 365 days, so that the agent's offset is exact; the reading of two clocks takes no more than this.
    assert start[0] - 0.05 <= seconds(entry["start"]) <= start[1] + 0.05
    assert stop[0] - 0.05 <= seconds(entry["stop"]) <= stop[1] + 0.05
    assert summary["verdict"] == "pass", summary["reason"]
    assert 0.0015 <= summary["completeness"]["clock_error_s"] < 0.1
    assert summary["completeness"]["untimed"] == 0

    # The same from the archive alone, and after a restart of the agent in the same boot.
    wrong_clock.agent.stop()
    assert wrong_clock.collector.stop() == 0
    before = wrong_clock.fieldproof("report", "lifting", "--format", "json").stdout
    assert wrong_clock.fieldproof("rebuild").returncode == 0
    assert wrong_clock.fieldproof("report", "lifting", "--format", "json").stdout == before


def test_the_clock_is_put_right_in_the_middle_of_a_run(wrong_clock):
    set_clock(wrong_clock, "-56y", "unsynchronised")
    wrong_clock.start()
    begin = time.time()
    assert wrong_clock.mark("run.start", "scenario=lifting", "id=r1").returncode == 0
    started = time.time()
    wrong_clock.feed([1, 2, 3])
    set_clock(wrong_clock, "+0", "1500")
    wrong_clock.feed([4, 5])
    end = time.time()
    assert wrong_clock.mark("run.stop", "scenario=lifting", "id=r1", "outcome=success").returncode == 0
    wrong_clock.wait_until_drained()
    summary = summary_of(wrong_clock, lambda summary: is_placed(summary, 5) and summary["ledger"][0]["stop"])
    entry = summary["ledger"][0]
    assert begin - 0.05 <= seconds(entry["start"]) <= started + 0.05
    assert seconds(entry["stop"]) - seconds(entry["start"]) == pytest.approx(end - begin, abs=0.5)
    # Five: samples from before the step are in the same frame as others from after it.
    assert summary["verdict"] == "pass", summary["reason"]


def test_a_clock_that_is_not_known_is_told_while_the_run_goes_on_and_when_it_is_put_right(wrong_clock):
    set_clock(wrong_clock, "-10y", "unsynchronised")
    wrong_clock.start()
    alerts = Alerts(wrong_clock)
    assert wrong_clock.mark("run.start", "scenario=lifting", "id=r1").returncode == 0
    (raised,) = alerts.wait_for("completeness", "clock-error-at-most", ["raised"])
    assert (raised["run"], raised["severity"], raised["limit"], raised["unit"]) == ("r1", "warning", 10, "s")
    assert "value" not in raised, "nobody knows how wrong it is"
    assert "box-01 is not synchronised" in raised["text_en"] and "box-01 的时钟未同步" in raised["text_zh"]
    wrong_clock.feed([1, 2, 3])
    set_clock(wrong_clock, "+0", "1500")
    wrong_clock.feed([4])
    _, cleared = alerts.wait_for("completeness", "clock-error-at-most", ["raised", "cleared"])
    assert cleared["id"] == raised["id"]

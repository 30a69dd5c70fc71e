"""The worked examples of Firmware-config: a stranger gets the verdicts that the page about them reads."""

import json
import shutil
import subprocess

import pytest
from harness import FIELDPROOF, ROOT

EXAMPLES = ROOT / "Firmware-config/scenarios"
VERDICTS = {"edge-box-acceptance": "pass", "grasp-and-place": "inconclusive", "fall-alert": "fail"}
FORMATS = ["json", "html", "csv", "md", "junit", "dsse", "mcap"]


def each(scenario):
    """The tests of one example run in one worker, which imports its data once."""
    return pytest.param(scenario, marks=[pytest.mark.xdist_group(scenario), pytest.mark.takes(30)])


@pytest.fixture(scope="module", params=map(each, sorted(VERDICTS)))
def example(request, tmp_path_factory):
    """A collector's directory with one definition and its data set, nothing else."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "scenarios").mkdir()
    shutil.copy(EXAMPLES / f"{request.param}.yaml", folder / "scenarios")
    settings = {
        "mqtt": {"url": "mqtt://127.0.0.1:1883"},
        "archive": {"path": f"{folder}/archive"},
        "store": f"sqlite:{folder}/store.db",
        "scenarios": f"{folder}/scenarios",
        "signing": {"key": f"{folder}/summary.key"},
    }
    (folder / "collector.yaml").write_text(json.dumps(settings))
    made = subprocess.run([FIELDPROOF, "key", "new", "--output", folder / "summary.key"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    checked = subprocess.run([FIELDPROOF, "scenario", "check", EXAMPLES / f"{request.param}.yaml"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    loaded = fieldproof(folder, "import", EXAMPLES / f"data/{request.param}.frames.zst")
    assert loaded.returncode == 0, loaded.stderr
    return request.param, folder


def fieldproof(folder, *words):
    return subprocess.run(
        [FIELDPROOF, *words, "--config", folder / "collector.yaml"], capture_output=True, text=True, errors="replace", timeout=120
    )


def test_the_summary_is_the_one_that_is_kept(example):
    scenario, folder = example
    report = fieldproof(folder, "report", scenario, "--format", "json")
    assert report.returncode == 0, report.stderr
    summary = json.loads(report.stdout)
    del summary["reproduction"]["software"]
    assert summary == json.loads((EXAMPLES / f"data/{scenario}.summary.json").read_text())
    assert summary["verdict"] == VERDICTS[scenario]
    assert fieldproof(folder, "report", scenario, "--strict").returncode == (0 if VERDICTS[scenario] == "pass" else 1)


def test_every_form_of_it_can_be_written(example):
    scenario, folder = example
    for form in FORMATS:
        output = folder / f"summary.{form}"
        report = fieldproof(folder, "report", scenario, "--format", form, "--output", output)
        assert report.returncode == 0, f"{form}: {report.stderr}"
        assert output.stat().st_size > 200
    package = fieldproof(folder, "report", scenario, "--format", "package", "--output", folder / "summary.zip")
    assert package.returncode == 0, package.stderr


def test_a_plan_says_what_is_still_needed(example):
    scenario, folder = example
    plan = fieldproof(folder, "plan", scenario, "--json")
    assert plan.returncode == 0, plan.stderr
    assert json.loads(plan.stdout)


def test_a_data_set_is_small_enough_to_ship():
    for path in (EXAMPLES / "data").glob("*.frames.zst"):
        assert path.stat().st_size <= 300_000, path
    assert {path.name.split(".")[0] for path in (EXAMPLES / "data").glob("*.frames.zst")} == set(VERDICTS)


def test_what_the_definition_demands_to_be_dropped_or_hidden_never_left_the_room():
    path = EXAMPLES / "data/fall-alert.frames.zst"
    shown = subprocess.run([FIELDPROOF, "decode", "--format", "csv", path], capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    assert "radar.people" in shown.stdout and "radar.track" not in shown.stdout.replace("radar.track.*", "")
    people = {row.split(",")[4] for row in shown.stdout.splitlines() if ",person.id," in row}
    assert len(people) == 3 and all(name.startswith("p-") for name in people)


def test_simulated_data_say_so():
    for scenario in ("grasp-and-place", "fall-alert"):
        assert json.loads((EXAMPLES / f"data/{scenario}.summary.json").read_text())["scenario"]["setting"] == "simulated"

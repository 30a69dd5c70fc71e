"""What a reviewer does with a summary: plan, recompute, find what was tampered with."""

import base64
import json
import shutil

import pytest
from harness import eventually
from test_exports import SCENARIO, counted


@pytest.fixture
def lab(site):
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    site.start()
    for number in range(1, 4):
        site.send_line(f'run,scenario=lifting,id=r{number},subject=arm-07 event="start"')
        site.feed(range(number * 10, number * 10 + 5))
        site.send_line(f'run,scenario=lifting,id=r{number} event="stop",outcome="success"')
    site.wait_until_drained()
    eventually(lambda: counted(site) == 3, what="the fold")
    return site


def write_summary(lab, name="summary.json", *words):
    path = lab.directory / name
    result = lab.fieldproof("report", "lifting", "--output", path, *words)
    assert result.returncode == 0, result.stderr
    return path


def published(subscriber, runs):
    summaries = subscriber.payloads("/summary")
    return bool(summaries) and json.loads(summaries[-1])["runs"]["counted"] == runs


def test_a_summary_is_recomputed_from_archive_and_definition_alone(lab):
    path = write_summary(lab)
    result = lab.fieldproof("verify", path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.endswith("\nverified\n")
    assert "every checksum and every link of the hash chains is good" in result.stdout
    # Neither the store is needed, nor is anything changed.
    lab.collector.stop()
    before = {file.name: file.read_bytes() for file in (lab.directory / "archive").iterdir()}
    (lab.directory / "store.db").rename(lab.directory / "elsewhere.db")
    assert lab.fieldproof("verify", path).returncode == 0
    assert not (lab.directory / "store.db").exists()
    assert {file.name: file.read_bytes() for file in (lab.directory / "archive").iterdir()} == before


def test_what_came_later_does_not_change_what_was_said(lab):
    path = write_summary(lab)
    subscriber = lab.subscriber("fieldproof/v1/scenarios/#")
    eventually(lambda: published(subscriber, 3), what="the summary of three runs, retained")
    retained = lab.directory / "retained.json"
    retained.write_bytes(subscriber.payloads("/summary")[-1])
    lab.send_line('run,scenario=lifting,id=r4 event="start"')
    lab.feed(range(100, 105))
    lab.send_line('run,scenario=lifting,id=r4 event="stop",outcome="failure"')
    lab.wait_until_drained()
    eventually(lambda: counted(lab) == 4, what="the fold")
    result = lab.fieldproof("verify", retained)
    assert result.returncode == 0, result.stdout + result.stderr
    result = lab.fieldproof("verify", path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "it has grown since" in result.stdout and "today it says inconclusive, with 4 runs" in result.stdout


@pytest.mark.parametrize(
    "tamper, names",
    [
        (lambda s: s.update(verdict="pass"), ["verdict: the summary says"]),
        (lambda s: s["criteria"][0].update(lower=0.99), ["criteria[0].lower: the summary says 0.99, the archive gives"]),
        (lambda s: s["ledger"].pop(), ["ledger: the summary says 2 entries, the archive gives 3 entries"]),
        (lambda s: s["completeness"].update(lost=1), ["completeness.lost: the summary says 1, the archive gives 0"]),
        (lambda s: s["scenario"].update(digest="sha256:" + "0" * 64), ["definition", "this definition is sha256:"]),
    ],
)
def test_a_changed_summary_is_named(lab, tamper, names):
    path = write_summary(lab)
    summary = json.loads(path.read_text())
    tamper(summary)
    path.write_text(json.dumps(summary))
    result = lab.fieldproof("verify", path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert result.stdout.endswith("NOT VERIFIED\n")
    for name in names:
        assert name in result.stdout


def test_a_changed_definition_is_named(lab):
    path = write_summary(lab)
    definition = lab.directory / "scenarios" / "lifting.yaml"
    original = lab.directory / "original.yaml"
    shutil.copy(definition, original)
    definition.write_text(definition.read_text().replace("at-least: 0.50", "at-least: 0.30"))
    result = lab.fieldproof("verify", path)
    assert result.returncode == 1
    assert "name the right file by --definition" in result.stdout
    assert lab.fieldproof("verify", path, "--definition", original).returncode == 0


def test_a_changed_archive_is_named(lab):
    path = write_summary(lab)
    lab.collector.stop()
    segment = next(file for file in (lab.directory / "archive").glob("*.segment") if b"arm-07" in file.read_bytes())
    content = bytearray(segment.read_bytes())
    place = content.index(b"arm-07")
    content[place] ^= 1
    segment.write_bytes(content)
    result = lab.fieldproof("verify", path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "NOT VERIFIED" in result.stdout
    assert "damaged at log positions" in result.stdout or "differs" in result.stdout


def test_a_signature_and_a_package_are_checked_too(lab):
    key, public = lab.directory / "summary.key", lab.directory / "summary.pem"
    assert lab.fieldproof_alone("key", "new", "--output", key).returncode == 0
    lab.collector_settings["signing"] = {"key": str(key)}
    lab.write_settings()
    envelope = write_summary(lab, "summary.dsse", "--format", "dsse")
    result = lab.fieldproof("verify", envelope)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "signature" in result.stdout
    other = lab.directory / "other.key"
    assert lab.fieldproof_alone("key", "new", "--output", other).returncode == 0
    public.write_text(lab.fieldproof_alone("key", "public", "--key", other).stdout)
    result = lab.fieldproof("verify", envelope, "--key", public)
    assert result.returncode == 1 and "not by the key" in result.stdout

    # A signature that was taken away is missed where a key is given.
    plain = write_summary(lab)
    result = lab.fieldproof("verify", plain, "--key", public)
    assert result.returncode == 1 and "none, although a key was given" in result.stdout
    assert "none: what follows shows that it agrees" in lab.fieldproof("verify", plain).stdout
    # What is signed must be the statement about this summary.
    document = json.loads(envelope.read_text())
    statement = json.loads(base64.b64decode(document["payload"]))
    statement["subject"][0]["digest"]["sha256"] = "0" * 64
    document["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    envelope.write_text(json.dumps(document))
    result = lab.fieldproof("verify", envelope)
    assert result.returncode == 1 and "not the statement about this summary" in result.stdout

    package = write_summary(lab, "package", "--format", "package")
    assert lab.fieldproof("verify", package).returncode == 0
    (package / "criteria.csv").rename(lab.directory / "criteria.csv")
    result = lab.fieldproof("verify", package)
    assert result.returncode == 1 and "criteria.csv is missing" in result.stdout
    (lab.directory / "criteria.csv").rename(package / "criteria.csv")
    (package / "runs.csv").write_text((package / "runs.csv").read_text().replace("success", "failure"))
    result = lab.fieldproof("verify", package)
    assert result.returncode == 1 and "runs.csv is not what the summary gives" in result.stdout


def test_a_part_is_recomputed_as_the_part_that_it_is(lab):
    first = write_summary(lab)
    start = json.loads(first.read_text())["ledger"][1]["start"]
    path = write_summary(lab, "part.json", "--from", start, "--site", "lab")
    assert json.loads(path.read_text())["reproduction"]["selection"] == {"from": start, "to": None, "site": "lab", "subject": None}
    result = lab.fieldproof("verify", path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("content, message", [("no json", "this is no JSON"), ('{"schema": "else"}', "schema")])
def test_what_is_no_summary_is_refused(lab, content, message):
    path = lab.directory / "else.json"
    path.write_text(content)
    result = lab.fieldproof("verify", path)
    assert result.returncode == 65 and message in result.stderr


def test_a_plan_says_how_many_runs_are_needed_before_and_after_some(site):
    definition = site.directory / "scenarios" / "lifting.yaml"
    definition.write_text(SCENARIO.replace("at-least: 0.50", "at-least: 0.95"))
    site.write_settings()
    before = site.fieldproof("plan", "lifting", "--run-time", "30s")
    assert before.returncode == 0, before.stderr
    assert "59 runs" in before.stdout and "93 with 1" in before.stdout and "so far" not in before.stdout
    chinese = site.fieldproof("plan", definition, "--language", "zh")
    assert "59" in chinese.stdout and "无一失败" in chinese.stdout
    plan = json.loads(site.fieldproof("plan", "lifting", "--json", "--assume", "success-rate=99%", "--power", "90%").stdout)
    assert plan["schema"] == "fieldproof/plan/v1" and plan["criteria"][0]["fewest"]["runs"] == 59
    assert plan["criteria"][0]["powered"]["runs"] > 59
    wrong = site.fieldproof("plan", "lifting", "--assume", "succes=0.9")
    assert wrong.returncode == 64 and "use one of success-rate, load-mean" in wrong.stderr


def test_two_subjects_are_compared_with_an_interval_on_the_difference(site):
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    site.start()
    for number in range(12):
        subject, outcome = ("arm-07", "failure") if number % 2 else ("arm-08", "success")
        site.send_line(f'run,scenario=lifting,id=r{number},subject={subject} event="start"')
        site.feed([number])
        site.send_line(f'run,scenario=lifting,id=r{number} event="stop",outcome="{outcome}"')
    site.wait_until_drained()
    eventually(lambda: counted(site) == 12, what="the fold")
    result = site.fieldproof("compare", "lifting", "--baseline", "arm-07", "--candidate", "arm-08")
    assert result.returncode == 0, result.stderr
    assert "arm-08 is better" in result.stdout
    # The same from two files, and the other way round.
    for subject in ("arm-07", "arm-08"):
        path = site.directory / f"{subject}.json"
        assert site.fieldproof("report", "lifting", "--subject", subject, "--output", path).returncode == 0
        assert json.loads(path.read_text())["runs"]["total"] == 6
        assert site.fieldproof("verify", path).returncode == 0
    files = [site.directory / "arm-08.json", site.directory / "arm-07.json"]
    words = ["compare", "--baseline", files[0], "--candidate", files[1], "--json", "--strict"]
    result = site.fieldproof_alone(*words)
    assert result.returncode == 1, result.stderr
    comparison = json.loads(result.stdout)
    assert comparison["schema"] == "fieldproof/comparison/v1"
    assert comparison["criteria"][0]["finding"] == "worse" and comparison["criteria"][0]["estimate"] == -1
    missing = site.fieldproof("compare", "lifting", "--baseline", "arm-07", "--candidate", "arm-9")
    assert missing.returncode == 65 and "no run of a subject 'arm-9'" in missing.stderr


def test_a_threshold_that_was_moved_after_the_first_run_is_shown_with_before_and_after(lab):
    definition = lab.directory / "scenarios" / "lifting.yaml"
    definition.write_text(definition.read_text().replace("at-least: 0.50", "at-least: 0.30"))
    lab.collector.stop()
    lab.start_collector()
    eventually(lambda: counted(lab) == 3, what="the fold under the new definition")
    path = write_summary(lab)
    summary = json.loads(path.read_text())
    change = {"path": "criteria[success-rate].at-least", "before": "0.5", "after": "0.3"}
    assert summary["scenario"]["changes"] == [change]
    assert summary["scenario"]["registered"] != summary["scenario"]["digest"]
    assert "criteria[success-rate].at-least: 0.5 → 0.3" in summary["reason"]
    assert "0.5 → 0.3" in lab.fieldproof("report", "lifting", "--format", "html").stdout
    # The archive alone tells what was registered.
    result = lab.fieldproof("verify", path)
    assert result.returncode == 0, result.stdout + result.stderr
    lab.collector.stop()
    (lab.directory / "store.db").unlink()
    assert lab.fieldproof("rebuild").returncode == 0
    assert json.loads(lab.fieldproof("report", "lifting").stdout)["scenario"]["changes"] == [change]


def test_a_scenario_that_only_looks_new_is_told(lab):
    definition = lab.directory / "scenarios" / "lifting.yaml"
    other = lab.directory / "scenarios" / "hoisting.yaml"
    other.write_text(definition.read_text().replace("id: lifting", "id: hoisting").replace("version: 1.0.0", "version: 2.0.0"))
    result = lab.fieldproof_alone("scenario", "check", definition, other)
    assert result.returncode == 0
    assert "the same but for names: hoisting, lifting" in result.stderr

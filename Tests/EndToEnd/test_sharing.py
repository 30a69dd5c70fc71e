"""What leaves the house for readers outside: in each tier what the definition allows, no small number, nobody's name."""

import json

import jsonschema
import pytest
from harness import ROOT, eventually

SCHEMA = json.loads((ROOT / "Sources/Aggregation/Aggregation.docc/Resources/summary-v1.schema.json").read_text())
SCENARIO = """
schema: fieldproof/scenario/v1
id: night-calls
version: 1.0.0
title: {en: Night calls}
setting: real
runs: {outcomes: [success, failure, aborted]}
metrics:
  load: {series: counter, where: {device: x}, unit: "1"}
criteria:
  - {id: answered, statistic: proportion, outcome: success, at-least: 0.50, confidence: 0.95}
  - {id: load-mean, statistic: mean, metric: load, reduce: max, at-most: 1000, confidence: 0.95}
safety:
  - {id: fall, event: person.fall, at-most: 1, severity: warning}
completeness: {loss-at-most: 0}
governance:
  classification: personal
  consent: {required: false}
  retention: 30d
  share: SHARE
  smallest-cell: 5
"""
# Whoever reads one of these knows a person, a run, or what somebody wrote of them.
NAMES = ["mrs-chen", "mr-wang", "night-1", "night-14", "slipped on the rug", "room-7"]
RUNS = [("success", "mrs-chen")] * 11 + [("failure", "mr-wang")] * 2 + [("aborted", "mr-wang")]


def live(site, share="{summary: public, series: partner, raw: none}", runs=RUNS):
    definition = SCENARIO.replace("SHARE", share)
    (site.directory / "scenarios" / "night-calls.yaml").write_text(definition)
    site.start()
    for number, (outcome, subject) in enumerate(runs, 1):
        site.send_line(f'run,scenario=night-calls,id=night-{number},subject={subject} event="start"')
        site.feed([number])
        if number == 1:
            site.send_line('event,device=room-7 name="person.fall"')
        words = ',failure_mode="slipped on the rug"' if outcome == "failure" else ""
        site.send_line(f'run,scenario=night-calls,id=night-{number} event="stop",outcome="{outcome}"{words}')
    site.wait_until_drained()

    def counted():
        result = site.fieldproof("report", "night-calls")
        return result.returncode == 0 and json.loads(result.stdout)["runs"]["counted"] == len(runs)

    eventually(counted, what="the fold")
    return site


def report(site, audience, form="json", *words):
    return site.fieldproof("report", "night-calls", "--format", form, "--audience", audience, *words)


def test_the_owner_has_all_of_it(site):
    whole = json.loads(report(live(site), "none").stdout)
    assert whole["runs"]["outcomes"] == {"success": 11, "failure": 2, "aborted": 1}
    assert [entry["run"] for entry in whole["ledger"]] == [f"night-{number}" for number in range(1, 15)]
    assert whole["safety"][0]["count"] == 1 and whole["safety"][0]["first"]
    assert whole == json.loads(site.fieldproof("report", "night-calls").stdout), "it is what comes without the word"
    # What the others must not have is there to be left out.
    assert all(name in json.dumps(whole) for name in NAMES if name != "room-7")


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_readers_outside_get_no_small_number_and_no_name(site, audience):
    live(site)
    result = report(site, audience)
    assert result.returncode == 0, result.stderr
    shared = json.loads(result.stdout)
    jsonschema.validate(shared, SCHEMA, cls=jsonschema.Draft202012Validator)
    whole = json.loads(report(site, "none").stdout)
    assert shared["verdict"] == whole["verdict"]
    assert shared["governance"]["shared_with"] == audience
    # Two and one are fewer than five. Together they are fewer still, so the next smallest goes with them: 14 less 11 would give them away.
    assert shared["runs"]["outcomes"] == {"success": None, "failure": None, "aborted": None}
    assert shared["runs"]["total"] == 14 and shared["ledger"] == []
    # Three nights were not answered: of a share of 14 that would be told by its estimate.
    answered, load = shared["criteria"]
    assert [answered[key] for key in ("estimate", "lower", "upper", "n")] == [None] * 4
    assert answered["verdict"] == whole["criteria"][0]["verdict"]
    assert load["estimate"] == whole["criteria"][1]["estimate"], "a mean over 14 nights is nobody's"
    assert shared["safety"][0]["count"] is None and shared["safety"][0]["first"] is None
    (metric,) = shared["metrics"]
    assert metric["min"] is None and metric["max"] is None and metric["mean"] == whole["metrics"][0]["mean"]
    assert shared["period"]["from"].endswith("T00:00:00Z") and shared["period"]["to"].endswith("T00:00:00Z")
    assert {"ledger", "period", "runs.outcomes.failure", "criteria.answered", "safety.fall.count"} <= set(
        shared["governance"]["suppressed"]
    )
    assert "runs.total" not in shared["governance"]["suppressed"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["json", "html", "csv", "md", "junit"])
def test_no_form_of_it_names_anybody(site, form, language):
    live(site)
    words = ["--language", language] if form in ("html", "md") else []
    for audience in ("partner", "public"):
        result = report(site, audience, form, *words)
        assert result.returncode == 0, result.stderr
        assert [name for name in NAMES if name in result.stdout] == []
    owner = report(site, "none", form, *words).stdout
    if form in ("json", "csv", "html"):
        assert "mrs-chen" in owner, "so that it could have been there"


def test_each_tier_is_given_to_those_whom_the_definition_names_and_refused_to_others(site):
    live(site, "{summary: partner, series: none, raw: none}")
    output = str(site.directory / "package.zip")
    assert report(site, "partner").returncode == 0
    refused = report(site, "public")
    assert refused.returncode == 1 and refused.stdout == ""
    assert "shares its summary with partners only ('governance: share: summary: partner'" in refused.stderr
    for audience in ("partner", "public"):
        package = report(site, audience, "package", "--output", output)
        assert package.returncode == 1 and "shares its series with nobody outside" in package.stderr
        recording = report(site, audience, "mcap", "--output", output)
        assert recording.returncode == 1 and "shares its series with nobody outside" in recording.stderr
    assert not (site.directory / "package.zip").exists()
    assert report(site, "none", "package", "--output", output).returncode == 0, "the owner has everything"
    unknown = report(site, "everybody")
    assert unknown.returncode == 64 and "partner" in unknown.stderr


def test_a_recording_of_people_is_for_nobody_outside_though_series_are_shared(site):
    live(site)
    output = site.directory / "runs.mcap"
    refused = report(site, "partner", "mcap", "--output", str(output))
    assert refused.returncode == 1 and "names runs and subjects" in refused.stderr
    assert not output.exists()
    package = report(site, "partner", "package", "--output", str(site.directory / "package"))
    assert package.returncode == 0, package.stderr
    everything = b"".join(path.read_bytes() for path in (site.directory / "package").iterdir())
    assert [name for name in NAMES if name.encode() in everything] == []
    assert report(site, "public", "package", "--output", output).returncode == 1


def test_of_fewer_runs_than_may_be_told_nothing_is_left_but_the_verdict(site):
    live(site, runs=RUNS[:4])
    shared = json.loads(report(site, "public").stdout)
    jsonschema.validate(shared, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert shared["verdict"] == "inconclusive"
    assert shared["criteria"] == shared["safety"] == shared["metrics"] == shared["ledger"] == []
    assert shared["runs"]["total"] is None
    assert "fewer than 5 runs" in shared["reason"]


def test_verify_makes_a_shared_summary_again_and_finds_what_was_changed_in_it(site):
    live(site)
    path = site.directory / "public.json"
    assert report(site, "public", "json", "--output", str(path)).returncode == 0
    good = site.fieldproof("verify", path)
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.endswith("\nverified\n")
    shared = json.loads(path.read_text())
    whole = json.loads(report(site, "none").stdout)

    def verify(change):
        changed = json.loads(json.dumps(shared))
        change(changed)
        path.write_text(json.dumps(changed))
        result = site.fieldproof("verify", path)
        assert (result.returncode == 0) == result.stdout.endswith("\nverified\n")
        assert result.returncode in (0, 1), result.stderr
        return result

    better = verify(lambda s: s.update(verdict="fail"))
    assert better.returncode == 1 and "verdict: the summary says" in better.stdout
    # What was left out cannot be put back, though it is true: a reader outside may not have it.
    put_back = verify(lambda s: s["runs"]["outcomes"].update(success=11))
    assert put_back.returncode == 1 and "runs.outcomes.success" in put_back.stdout
    mean = verify(lambda s: s["criteria"][1].update(estimate=whole["criteria"][1]["estimate"] + 1))
    assert mean.returncode == 1 and "criteria[1].estimate" in mean.stdout
    hidden = verify(lambda s: s["governance"]["suppressed"].remove("ledger"))
    assert hidden.returncode == 1 and "governance" in hidden.stdout
    # Numbers prove nothing about who may have them: of one that says it is for partners it shows the same. A signature would not.
    assert verify(lambda s: s["governance"].update(shared_with="partner")).returncode == 0
    # What was shared does not pass for the whole: the ledger is missing, and so are the numbers.
    as_the_owners = verify(lambda s: (s["governance"].pop("shared_with"), s["governance"].pop("suppressed")))
    assert as_the_owners.returncode == 1 and "ledger: the summary says 0 entries, the archive gives 14" in as_the_owners.stdout


def test_verify_of_a_shared_summary_needs_the_archive_which_readers_outside_have_not(site):
    live(site)
    path = site.directory / "public.json"
    assert report(site, "public", "json", "--output", str(path)).returncode == 0
    site.collector.stop()
    site.collector_settings["archive"] = {"path": str(site.directory / "elsewhere")}
    site.write_settings()
    away = site.fieldproof("verify", path)
    assert away.returncode == 74 and away.stdout == "", away.stdout
    assert f"{site.directory}/elsewhere: could not list it" in away.stderr
    assert not (site.directory / "elsewhere").exists()


def test_a_shared_summary_is_signed_for_its_readers_and_proves_no_more_than_itself(site):
    live(site)
    key = site.directory / "summary.key"
    made = site.fieldproof_alone("key", "new", "--output", key)
    assert made.returncode == 0
    (site.directory / "summary.pem").write_text(made.stdout)
    site.collector_settings["signing"] = {"key": str(key)}
    site.write_settings()
    path = site.directory / "public.dsse"
    assert report(site, "public", "dsse", "--output", str(path)).returncode == 0
    result = site.fieldproof("verify", path, "--key", site.directory / "summary.pem")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "signature" in result.stdout
    other = site.directory / "other.key"
    public = site.fieldproof_alone("key", "new", "--output", other).stdout
    (site.directory / "other.pem").write_text(public)
    assert site.fieldproof("verify", path, "--key", site.directory / "other.pem").returncode == 1

"""Nothing is kept of whoever has not consented: not in frames, not in views, and the collector tells the hole for what it is."""

import json
import signal
import subprocess

import pytest
from harness import AGENT, eventually

SCENARIO = """
schema: fieldproof/scenario/v1
id: watching
version: 1.0.0
title: {en: Watching}
setting: real
runs: {outcomes: [success, failure, invalid], exclude: {outcome: invalid, at-most: 50%}}
metrics:
  pulse: {series: person.pulse, where: {person: "*"}, unit: "1"}
criteria:
  - {id: ok, statistic: proportion, outcome: success, at-least: 0.001, confidence: 0.95}
safety:
  - {id: alarm, metric: pulse, above: 200, severity: warning}
completeness: {loss-at-most: 0}
governance:
  consent: {required: true, series: ["person.*"], by: person}
"""


@pytest.fixture
def ward(site):
    (site.directory / "scenarios" / "watching.yaml").write_text(SCENARIO)
    site.agent_settings["pipeline"] = [{"match": "person.*", "action": "consent", "tag": "person"}]
    site.agent_settings["publish"] = {"state": "500ms"}
    return site.start()


def consent(site, change, person):
    marked = site.mark(f"consent.{change}", f"subject={person}")
    assert marked.returncode == 0, marked.stderr


def pulses(subscriber):
    """All numbers that anybody who listens has seen of persons."""
    seen = []
    for payload in subscriber.payloads("senml"):
        seen += [record["v"] for record in json.loads(payload) if "person" in record["n"]]
    return seen


def send(site, number, person="anna"):
    site.feed([number], series=f"person.pulse,person={person}")


def test_only_what_was_consented_to_leaves_the_box(ward):
    listener = ward.subscriber()
    send(ward, 1)
    send(ward, 2, "bert")
    ward.feed([0])
    eventually(lambda: any(b'"v":0' in p for p in listener.payloads("senml")), what="what was sent after them")
    consent(ward, "granted", "anna")
    send(ward, 3)
    send(ward, 4, "bert")
    eventually(lambda: pulses(listener) == [3])
    eventually(lambda: any(b'"person.pulse/person:anna":3' in p for p in listener.payloads("state/box-01")))
    consent(ward, "withdrawn", "anna")
    send(ward, 5)
    ward.feed([6])
    eventually(lambda: any(b'"v":6' in p for p in listener.payloads("senml")), what="what needs no consent")
    assert pulses(listener) == [3]
    eventually(lambda: b"person" not in listener.payloads("state/box-01")[-1], what="last values without the person")
    ward.wait_until_drained()
    names = {record["n"] for payload in listener.payloads("senml") for record in json.loads(payload)}
    assert not any("bert" in name for name in names)
    ward.agent.stop()
    eventually(lambda: ward.collector_events("consent.suppressed") >= 1)
    assert ward.collector_events("consent.granted") == 1 and ward.collector_events("consent.withdrawn") == 1


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_what_stands_outlives_the_end_of_the_agent(ward, ending):
    listener = ward.subscriber()
    consent(ward, "granted", "anna")
    consent(ward, "granted", "bert")
    consent(ward, "withdrawn", "bert")
    ward.agent.kill() if ending == signal.SIGKILL else ward.agent.stop()
    ward.start_agent()
    send(ward, 1)
    send(ward, 2, "bert")
    send(ward, 3)
    eventually(lambda: pulses(listener) == [1, 3])


def test_a_damaged_record_is_no_consent(ward):
    listener = ward.subscriber()
    consent(ward, "granted", "anna")
    ward.agent.stop()
    path = ward.directory / "spool" / "consent"
    path.write_bytes(path.read_bytes().replace(b"anna", b"anne"))
    ward.start_agent()
    ward.agent.wait_for_log("nobody's consent is known")
    send(ward, 1)
    ward.feed([2])
    eventually(lambda: any(b'"v":2' in p for p in listener.payloads("senml")))
    assert pulses(listener) == []


def test_programs_on_the_box_can_tell_of_consent(ward):
    listener = ward.subscriber()
    ward.send_line('event,subject=anna name="consent.granted"')
    eventually(lambda: "anna" in (ward.directory / "spool" / "consent").read_text()
               if (ward.directory / "spool" / "consent").exists() else False)
    send(ward, 1)
    eventually(lambda: pulses(listener) == [1])
    ward.send_line('event,subject=anna name="consent.withdrawn"')
    eventually(lambda: "anna" not in (ward.directory / "spool" / "consent").read_text())
    send(ward, 2)
    ward.feed([3])
    eventually(lambda: any(b'"v":3' in p for p in listener.payloads("senml")))
    assert pulses(listener) == [1]


def test_a_mark_without_a_subject_is_refused(ward):
    refused = ward.mark("consent.granted")
    assert refused.returncode == 64 or refused.returncode == 65
    assert "subject" in refused.stderr


def test_runs_without_consent_are_left_out_and_told(ward):
    listener = ward.subscriber()

    def run(number):
        assert ward.mark("run.start", "scenario=watching", f"id=r{number}").returncode == 0
        send(ward, number)
        ward.feed([number])
        eventually(lambda: any(f'"v":{number}'.encode() in p for p in listener.payloads("senml")), what="what came in the run")
        assert ward.mark("run.stop", "scenario=watching", f"id=r{number}", "outcome=success").returncode == 0

    consent(ward, "granted", "anna")
    run(1)
    consent(ward, "withdrawn", "anna")
    run(2)
    ward.wait_until_drained()

    def summary():
        result = ward.fieldproof("report", "watching", "--format", "json")
        found = json.loads(result.stdout) if result.returncode == 0 else None
        return found if found and len(found["ledger"]) == 2 and found["ledger"][1]["outcome"] else None

    found = eventually(summary)
    assert [entry["excluded"] for entry in found["ledger"]] == [None, "no consent: pulse"]
    told = found["governance"]["consent"]
    assert told["applied"] is True and told["runs_without"] == 1 and told["withdrawals"] == 1
    assert found["verdict"] == "pass" and "1 run was left out for want of consent" in found["reason"]
    for form, words in [("html", "Runs left out for want of consent"), ("md", "## Governance")]:
        assert words in ward.fieldproof("report", "watching", "--format", form).stdout


def test_sample_shows_nothing_without_consent(ward):
    ward.agent.stop()
    look = subprocess.Popen(
        [AGENT, "sample", "--config", ward.agent_file, "--count", "1", "--seconds", "10", "--format", "line"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    eventually(lambda: (ward.directory / "line.sock").exists())

    def sent():
        try:
            send(ward, 1)
            return True
        except OSError:
            return False

    eventually(sent)
    ward.feed([2])
    shown, said = look.communicate(timeout=20)
    assert "person" not in shown and "2i" in shown
    assert "held back without consent" in said

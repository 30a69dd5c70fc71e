"""Early warnings come while there is still something to do, once each, and end."""

import io
import json
import subprocess
import time

import cbor2
import jsonschema
import pytest
from harness import AGENT, ROOT, eventually

SCENARIO = """
schema: fieldproof/scenario/v1
id: lifting
version: 1.0.0
title: {en: Lifting}
setting: real
runs: {outcomes: [success, failure]}
metrics:
  heat: {series: joint.temperature, where: {joint: "*"}, unit: "1"}
  force: {series: gripper.force, unit: "1", every: 100ms}
criteria:
  - {id: success-rate, statistic: proportion, outcome: success, at-least: 0.90, confidence: 0.95}
safety:
  - {id: e-stop, event: estop.pressed, at-most: 0, severity: critical}
  - {id: hot-joint, metric: heat, above: 70, severity: warning}
completeness: {gap-at-most: 3s}
"""
SCHEMA = ROOT / "Sources/Collector/Collector.docc/Resources/alert-v1.schema.json"


class Alerts:
    """What a subscriber that is not our code hears, each message checked against the published schema."""

    def __init__(self, site):
        self.subscriber = site.subscriber("fieldproof/v1/scenarios/lifting/alert")
        self.schema = json.loads(SCHEMA.read_text())

    @property
    def all(self):
        alerts = [json.loads(payload) for payload in self.subscriber.payloads("/alert")]
        for alert in alerts:
            jsonschema.validate(alert, self.schema, cls=jsonschema.Draft202012Validator)
        return alerts

    def of(self, kind, rule=None):
        return [alert for alert in self.all if alert["kind"] == kind and rule in (None, alert["rule"])]

    def wait_for(self, kind, rule, states, seconds=20):
        """Until exactly these states have been told, in this order."""
        eventually(lambda: [alert["state"] for alert in self.of(kind, rule)] == states, seconds, f"{kind} {rule} {states}")
        return self.of(kind, rule)


@pytest.fixture
def lab(site):
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    return site.start()


def heat(site, degrees):
    site.send_line(f"joint,device=arm,joint=j2 temperature={degrees}")


def start_run(site, run="r1"):
    assert site.mark("run.start", "scenario=lifting", f"id={run}", "subject=arm-07").returncode == 0
    eventually(lambda: f'"{run}"' in site.fieldproof("run", "list", "lifting", "--json").stdout)


def stop_run(site, run="r1"):
    assert site.mark("run.stop", "scenario=lifting", f"id={run}", "outcome=success").returncode == 0


@pytest.mark.alone
def test_a_hot_joint_is_told_within_two_seconds_and_again_when_it_is_cool(lab):
    alerts = Alerts(lab)
    start_run(lab)
    heat(lab, 40)
    # The series is known and the run is followed: what is measured is the way of one sample.
    lab.wait_until_drained()
    assert alerts.of("safety") == []
    began = time.monotonic()
    heat(lab, 82.5)
    (raised,) = alerts.wait_for("safety", "hot-joint", ["raised"])
    assert time.monotonic() - began < 2
    assert (raised["run"], raised["site"], raised["subject"]) == ("r1", "lab", "arm-07")
    assert (raised["value"], raised["limit"], raised["unit"], raised["count"]) == (82.5, 70, "1", 1)
    assert "hot-joint" in raised["text_en"] and "hot-joint" in raised["text_zh"]
    heat(lab, 90)
    heat(lab, 55)
    _, cleared = alerts.wait_for("safety", "hot-joint", ["raised", "cleared"])
    assert cleared["id"] == raised["id"] and cleared["since"] == raised["since"]
    heat(lab, 75)
    again = alerts.wait_for("safety", "hot-joint", ["raised", "cleared", "raised"])
    assert again[2]["id"] != raised["id"] and again[2]["count"] == 2
    stop_run(lab)
    alerts.wait_for("safety", "hot-joint", ["raised", "cleared", "raised", "cleared"])


def test_an_event_that_may_not_be_stands_until_its_run_is_over(lab):
    alerts = Alerts(lab)
    start_run(lab)
    assert lab.mark("estop.pressed").returncode == 0
    (raised,) = alerts.wait_for("safety", "e-stop", ["raised"])
    assert raised["severity"] == "critical"
    assert lab.mark("estop.pressed").returncode == 0
    stop_run(lab)
    _, cleared = alerts.wait_for("safety", "e-stop", ["raised", "cleared"])
    assert cleared["count"] == 2


def test_a_killed_agent_is_told_and_its_return_too(lab):
    alerts = Alerts(lab)
    start_run(lab)
    lab.agent.kill()
    (raised,) = alerts.wait_for("silent-agent", "silent-agent", ["raised"])
    assert (raised["source"], raised["site"], raised["severity"]) == ("box-01", "lab", "major")
    lab.start_agent()
    alerts.wait_for("silent-agent", "silent-agent", ["raised", "cleared"])


def test_a_series_that_stops_is_told_while_its_agent_goes_on(lab):
    alerts = Alerts(lab)
    start_run(lab)
    end = time.monotonic() + 15
    lab.send_line("gripper force=12.5")
    while not alerts.of("silent-series", "force"):
        heat(lab, 40)
        assert time.monotonic() < end, "no alert"
        time.sleep(0.1)
    (raised,) = alerts.of("silent-series", "force")
    assert raised["source"] == "box-01: gripper.force" and raised["limit"] == 3 and raised["value"] > 3
    lab.send_line("gripper force=12.5")
    alerts.wait_for("silent-series", "force", ["raised", "cleared"])


def test_nothing_is_told_twice_over_a_restart_of_the_collector(lab):
    alerts = Alerts(lab)
    start_run(lab)
    heat(lab, 82.5)
    assert lab.mark("estop.pressed").returncode == 0
    alerts.wait_for("safety", "hot-joint", ["raised"])
    alerts.wait_for("safety", "e-stop", ["raised"])
    lab.wait_until_drained()
    assert lab.collector.stop() == 0
    lab.start_collector()
    heat(lab, 85)
    lab.wait_until_drained()
    lab.collector.kill()
    heat(lab, 86)
    lab.start_collector()
    # An alert that comes after these were followed again shows that they were not raised anew.
    heat(lab, 40)
    told = alerts.wait_for("safety", "hot-joint", ["raised", "cleared"])
    assert told[0]["id"] == told[1]["id"]
    assert [alert["state"] for alert in alerts.of("safety", "e-stop")] == ["raised"]
    stop_run(lab)
    alerts.wait_for("safety", "e-stop", ["raised", "cleared"])
    # Nor does a rebuild forget what was told.
    lab.wait_until_drained()
    assert lab.collector.stop() == 0
    assert lab.fieldproof("rebuild").returncode == 0
    before = len(alerts.all)
    lab.start_collector()
    start_run(lab, "r2")
    assert lab.mark("estop.pressed").returncode == 0
    alerts.wait_for("safety", "e-stop", ["raised", "cleared", "raised"])
    assert len(alerts.all) == before + 1


def take_in(site, first, frames=4):
    """Numbers in so many metric frames more, on the box's disk."""

    def waiting():
        return site.spool_status()["spool"]["pending"]["metric"]["frames"]

    for number in range(first, first + frames):
        before = waiting()
        site.feed([number])
        eventually(lambda before=before: waiting() > before, what="a frame")


def spooled(site, priority):
    """The frames of a class that wait on the box."""
    command = [AGENT, "spool", "dump", "--class", priority, "--config", site.agent_file]
    dumped = subprocess.run(command, capture_output=True, timeout=60)
    assert dumped.returncode == 0, dumped.stderr
    frames, rest = [], io.BytesIO(dumped.stdout)
    while rest.tell() < len(dumped.stdout):
        begin = rest.tell()
        cbor2.CBORDecoder(rest).decode()
        frames.append(dumped.stdout[begin : rest.tell()])
    return frames


@pytest.fixture
def stranded(site):
    """A box that nobody listened to, in the middle of a run; a collector that waits."""
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    site.collector_settings["alerts"] = {"open-hole": "5s"}
    site.write_settings()
    site.agent.start()
    eventually(lambda: (site.directory / "line.sock").exists(), what="the line socket")
    assert site.mark("run.start", "scenario=lifting", "id=r1", "subject=arm-07").returncode == 0
    take_in(site, 1, frames=6)
    return site


def test_a_hole_that_stays_is_told_and_when_it_is_filled(stranded):
    stranded.agent.kill()
    events, metrics = spooled(stranded, "event"), spooled(stranded, "metric")
    assert len(metrics) >= 6
    stranded.broker.start()
    alerts = Alerts(stranded)
    stranded.start_collector()

    def send(priority, frame):
        alerts.subscriber.publish(f"fieldproof/v1/lab/box-01/up/{priority}", frame)

    for frame in events:
        send("event", frame)
    began = time.monotonic()
    for frame in [*metrics[:2], *metrics[4:]]:
        send("metric", frame)
    (raised,) = alerts.wait_for("completeness", "open-hole", ["raised"])
    assert time.monotonic() - began >= 5, "for so long it may be on its way"
    assert (raised["run"], raised["site"], raised["subject"]) == ("r1", "lab", "arm-07")
    assert (raised["severity"], raised["limit"], raised["unit"]) == ("warning", 0, "1")
    assert 0 < raised["value"] < 1
    assert "2 frames of box-01" in raised["text_en"] and "box-01 的 2 帧" in raised["text_zh"]
    send("metric", metrics[2])
    send("metric", metrics[3])
    _, cleared = alerts.wait_for("completeness", "open-hole", ["raised", "cleared"])
    assert cleared["id"] == raised["id"]
    # Once each, and no loss: what comes again is no news.
    for frame in metrics:
        send("metric", frame)
    send("event", events[-1])
    assert [alert["rule"] for alert in alerts.of("completeness")] == ["open-hole", "open-hole"]


def test_a_loss_that_the_definition_does_not_allow_is_told_while_the_run_goes_on(stranded):
    victim = spooled(stranded, "metric")[3]
    stranded.agent.kill()
    holder = next(path for path in (stranded.directory / "spool").glob("*.segment") if victim in path.read_bytes())
    content = bytearray(holder.read_bytes())
    content[content.index(victim) + len(victim) // 2] ^= 1
    holder.write_bytes(content)
    stranded.broker.start()
    alerts = Alerts(stranded)
    stranded.start_collector()
    stranded.start_agent()
    (raised,) = alerts.wait_for("completeness", "loss-at-most", ["raised"])
    assert (raised["run"], raised["severity"], raised["limit"]) == ("r1", "major", 0)
    assert 0 < raised["value"] < 1
    assert "of box-01" in raised["text_en"] and "at most 0 %" in raised["text_en"]
    # Data that keep coming do not tell it again; it cannot be cured where nothing may be lost, and ends with the run.
    heat(stranded, 40)
    stranded.wait_until_drained()
    assert [alert["state"] for alert in alerts.of("completeness", "loss-at-most")] == ["raised"]
    stop_run(stranded)
    alerts.wait_for("completeness", "loss-at-most", ["raised", "cleared"])
    stranded.wait_until_drained()
    summary = eventually(lambda: counted(stranded), what="the fold")
    assert "loss-at-most" in [check["id"] for check in summary["completeness"]["checks"] if not check["holds"]]
    assert summary["verdict"] != "pass"


def counted(site):
    result = site.fieldproof("report", "lifting")
    summary = json.loads(result.stdout) if result.returncode == 0 else None
    return summary if summary and summary["ledger"] and summary["ledger"][0]["stop"] else None

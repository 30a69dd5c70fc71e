"""The simulators of Tools/simulators through the real agent: what they speak is understood, nothing is lost, and they end when asked."""

import csv
import importlib
import io
import os
import re
import signal
import subprocess
import sys

import pytest
from harness import FIELDPROOF, ROOT, Process, dump_archive, eventually, free_port

SIMULATORS = ROOT / "Tools" / "simulators"


def simulator(site, name, *words):
    process = Process(name, [sys.executable, SIMULATORS / name, *words], site.directory)
    site.open.append(process)
    return process


def archive(site):
    """What came to the archive: the rows of `decode` by the key of the series, or the name of the event."""
    frames = site.directory / "frames.bin"
    dump_archive(site.directory, frames)
    shown = subprocess.run([FIELDPROOF, "decode", "--format", "csv", frames], capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    rows = {}
    for row in csv.DictReader(io.StringIO(shown.stdout)):
        rows.setdefault(row["series"], []).append(row)
    return rows


def broker_url(site):
    return f"mqtt://127.0.0.1:{site.broker.port}"


def test_a_care_room_by_the_preset_and_by_topics_of_its_own(site):
    (site.directory / "scenarios" / "fall-alert.yaml").write_text(
        (ROOT / "Firmware-config/scenarios/fall-alert.yaml").read_text()
    )
    site.agent_settings["agent"]["site"] = "room-101"
    site.agent_settings["inputs"].append(
        {
            "type": "mqtt",
            "url": broker_url(site),
            "presets": [{"preset": "zigbee2mqtt"}],
            "topics": [
                {
                    "topic": "radar/{room}/people",
                    "format": {"type": "json", "fields": {"radar.people": "/people"}, "time": "/at"},
                },
                {"topic": "trial/{room}", "format": "line", "units": {"help.delay": "s"}},
            ],
        }
    )
    words = ("--broker", broker_url(site), "--rooms", "room-101", "--seed", "3", "--nights", "1", "--empty", "0", "--dark", "0")
    site.write_settings()
    site.broker.start()
    # What the broker has kept of last week is there before the agent is.
    assert simulator(site, "care-room", *words, "--remains").start().process.wait(10) == 0
    site.start_collector()
    site.start_agent()
    retained = site.subscriber("zigbee2mqtt/#")
    eventually(lambda: retained.payloads("room-101/climate"), what="the retained value")
    care = simulator(site, "care-room", *words, "--speed-up", "14400", "--false-alarms", "40").start()
    assert care.process.wait(20) == 0, care.log
    site.wait_until_drained()
    falls, missed, nothing = map(int, re.search(r"(\d+) falls, (\d+) missed, (\d+) for nothing", care.log).groups())
    assert nothing > 0
    samples = archive(site)
    assert len(samples["run.start"]) == len(samples["run.stop"]) == 1
    assert len(samples["fall.detected"]) == len(samples["alarm.true"]) == falls - missed
    assert len(samples["alarm.false"]) == nothing
    # One reading a minute of simulated time, each where it belongs.
    people = sorted(row["time"] for row in samples["radar.people,room=room-101"])
    assert len(people) == len(set(people)) == 720
    assert people[0][11:19] == "20:00:00" and people[-1][11:19] == "07:59:00"
    climate = samples["temperature,device=room-101-climate"]
    assert {row["unit"] for row in climate} == {"Cel"}
    # 31.9 is the retained one, which is no measurement.
    assert all(15 < float(row["value"]) < 27 for row in climate)
    assert samples["available,device=room-101-climate"]
    assert {row["value"] for row in samples["occupancy,device=room-101-presence"]} <= {"true", "false"}


def test_an_arm_by_modbus_and_line_protocol(site):
    port = free_port()
    (site.directory / "scenarios" / "grasping.yaml").write_text(
        "schema: fieldproof/scenario/v1\nid: grasping\nversion: 1.0.0\ntitle: {en: Grasping}\nsetting: simulated\n"
        "metrics:\n  force: {series: gripper.force, unit: N, every: 10ms}\n"
        "criteria:\n  - {id: success, statistic: proportion, outcome: success, at-least: 0.5}\n"
        "  - {id: force, statistic: mean, metric: force, reduce: max, at-most: 40 N}\n"
        "completeness: {loss-at-most: 0, coverage-at-least: 0.999}\n"
    )
    heat = [
        {"address": 9 + joint, "encode": "int16", "scale": 0.1, "series": "joint.temperature", "unit": "Cel", "tags": {"joint": f"j{joint}"}}
        for joint in range(1, 7)
    ]
    states = {0: "idle", 1: "approach", 2: "grasp", 3: "carry", 4: "place", 5: "retreat", 9: "fault"}
    site.agent_settings["inputs"] = [
        {"type": "line", "listen": f"unix:{site.directory}/line.sock", "units": {"gripper.force": "N"}},
        {
            "type": "modbus",
            "device": {"url": f"tcp://127.0.0.1:{port}", "unit": 1},
            "every": "50ms",
            "defaults": {"kind": "input"},
            "registers": [
                {"address": 0, "series": "controller.state", "states": states},
                {"address": 4, "encode": "int16", "scale": 0.01, "series": "controller.grip", "unit": "N"},
                *heat,
            ],
        },
    ]
    words = ("--modbus", f"127.0.0.1:{port}", "--line", f"unix:{site.directory}/line.sock", "--mark", "grasping")
    arm = simulator(site, "arm", *words, "--cycles", "2", "--slip", "0.5", "--pause", "0.2", "--seed", "3").start()
    arm.wait_for_log("modbus on")
    site.start()
    assert arm.process.wait(20) == 0, arm.log
    site.wait_until_drained()
    outcomes = re.findall(r"^cycle \d of 2: (\w+)", arm.log, re.MULTILINE)
    assert len(outcomes) == 2
    samples = archive(site)
    for series in ("controller.state", "arm.state"):
        states_seen = {row["value"].strip('"') for row in samples[series]}
        assert {"idle", "approach", "carry", "retreat"} <= states_seen <= set(states.values())
    assert 25 < max(float(row["value"]) for row in samples["controller.grip"]) < 40
    for joint in range(1, 7):
        warm = [float(row["value"]) for row in samples[f"joint.temperature,joint=j{joint}"] if not row["quality"]]
        assert 20 < warm[0] <= warm[-1] < 35
        assert len(samples[f"joint.position,joint=j{joint}"]) == len(samples["gripper.force"]) > 600
    assert len(samples.get("fault", [])) == outcomes.count("failure") == 1
    summary = site.summary("grasping")
    assert {word: count for word, count in summary["runs"]["outcomes"].items() if count} == {"failure": 1, "success": 1}
    assert summary["completeness"]["coverage"] >= 0.999
    assert {entry["failure_mode"] for entry in summary["ledger"]} == {None, "slip"}


RUN_BY_RULE = """\
schema: fieldproof/scenario/v1
id: grasping
version: 1.0.0
title: {en: Grasping}
setting: simulated
runs:
  start: {series: arm.state, is: approach}
  stop: [{series: arm.state, is: fault, outcome: failure}, {series: arm.state, is: idle, outcome: success}]
metrics:
  force: {series: gripper.force, unit: N, every: 10ms}
criteria:
  - {id: success, statistic: proportion, outcome: success, at-least: 0.5}
  - {id: force, statistic: mean, metric: force, reduce: max, at-most: 40 N}
completeness: {loss-at-most: 0, coverage-at-least: 0.999}
"""


@pytest.mark.takes(20)
@pytest.mark.parametrize("physics", ["kinematics", "mujoco"])
def test_an_arm_by_ros2_whose_runs_nobody_marks(site, physics):
    (site.directory / "scenarios" / "grasping.yaml").write_text(RUN_BY_RULE)
    domain = 1 + os.getpid() % 99
    kinds = {
        "joint_states": {"type": "sensor_msgs/JointState"},
        "gripper/joint_states": {"type": "sensor_msgs/JointState", "series": "gripper", "prismatic": ["gripper"]},
        "wrench": {"type": "geometry_msgs/WrenchStamped"},
        "diagnostics": {"type": "diagnostic_msgs/DiagnosticArray", "values": ["hottest joint"]},
        "part_pose": {"type": "geometry_msgs/PoseStamped"},
        "joint_6/temperature": {"type": "sensor_msgs/Temperature"},
    }
    site.agent_settings["inputs"] = [
        {
            "type": "ros2",
            "domain": domain,
            "namespace": "/arm_07",
            "network": {"interfaces": "lo", "multicast": "off", "peers": "127.0.0.1"},
            "qos": {"reliability": "reliable", "depth": 1000},
            "topics": [{"topic": topic} | kind for topic, kind in kinds.items()],
        },
        {"type": "line", "listen": f"unix:{site.directory}/line.sock"},
    ]
    site.agent_settings["pipeline"] = [
        {"match": "gripper.effort", "rename": "gripper.force", "untag": ["joint"]},
        {"match": "diagnostic.message", "rename": "arm.state", "untag": ["status"]},
        {"match": "pose.position", "where": {"axis": "x"}, "rename": "pose.x", "untag": ["axis"], "convert": "mm"},
    ]
    words = ("--protocol", "ros2", "--domain", domain, "--physics", physics, "--protocol", "line", "--line", f"unix:{site.directory}/line.sock")
    arm = simulator(site, "arm", *words, "--cycles", "2", "--slip", "0.5", "--pause", "0.3", "--seed", "3").start()
    arm.wait_for_log("ros2 in domain")
    site.start()
    assert arm.process.wait(40) == 0, arm.log
    assert f"physics by {'MuJoCo' if physics == 'mujoco' else 'kinematics'}" in arm.log
    site.wait_until_drained()
    outcomes = re.findall(r"^cycle \d of 2: (\w+)", arm.log, re.MULTILINE)
    assert sorted(outcomes) == ["failure", "success"]
    samples = archive(site)
    forces = samples["gripper.force"]
    assert {row["unit"] for row in forces} == {"N"} and 25 < max(float(row["value"]) for row in forces) < 42
    # Each step has a message, and each message is a sample.
    stamps = sorted(row["time"] for row in forces)
    assert len(set(stamps)) == len(stamps) == len(samples["joint.position,joint=j1"]) > 600
    assert len(samples["fault"]) == 1, "the event comes by line protocol"
    assert {row["unit"] for row in samples["pose.x"]} == {"mm"} and all(abs(float(row["value"])) < 0.5 for row in samples["pose.x"])
    assert 20 < float(samples["temperature"][-1]["value"]) < 40
    # Torques and what the flange feels are the engine's; kinematics has none and says none.
    torques = [float(row["value"]) for row in samples.get("joint.effort,joint=j2", [])]
    assert (20 < max(map(abs, torques)) < 200) if physics == "mujoco" else not torques
    assert ("wrench.force,axis=z" in samples) == (physics == "mujoco")
    summary = site.summary("grasping")
    assert {word: count for word, count in summary["runs"]["outcomes"].items() if count} == {"failure": 1, "success": 1}
    assert summary["completeness"]["coverage"] >= 0.999
    assert [entry["outcome"] for entry in summary["ledger"]] == outcomes


def test_a_vehicle_by_the_preset_for_vda_5050(site):
    site.agent_settings["inputs"].append({"type": "mqtt", "url": broker_url(site), "presets": [{"preset": "vda5050"}]})
    site.start()
    topic = "uagv/v2/simulated/agv-1"
    # The vehicle hears the order when it is there, and says so by its connection.
    subscriber = site.subscriber("uagv/#")
    agv = simulator(
        site, "agv", "--broker", broker_url(site), "--speed-up", "8", "--error", "1", "--estop", "0", "--every", "0.2"
    ).start()
    eventually(lambda: subscriber.payloads("/connection"), what="the vehicle's connection")
    order = (
        '{"orderId": "o-1", "orderUpdateId": 0, "nodes": ['
        '{"nodeId": "a", "sequenceId": 0, "released": true, "nodePosition": {"x": 0, "y": 0, "mapId": "hall-1"}, "actions": []},'
        '{"nodeId": "b", "sequenceId": 2, "released": true, "nodePosition": {"x": 3, "y": 1, "mapId": "hall-1"}, "actions": ['
        '{"actionId": "p1", "actionType": "pick", "blockingType": "HARD"}]}], "edges": ['
        '{"edgeId": "ab", "sequenceId": 1, "released": true, "startNodeId": "a", "endNodeId": "b", "actions": []}]}'
    )
    subscriber.publish(f"{topic}/order", order)
    eventually(lambda: b'"actionId":"p1","actionType":"pick","actionStatus":"FINISHED"' in subscriber.payloads("/state")[-1])
    # An order that goes back is refused, and says so as an error.
    subscriber.publish(f"{topic}/order", order)
    eventually(lambda: b"orderUpdateError" in subscriber.payloads("/state")[-1], what="the refusal")
    assert agv.stop() == 0
    site.wait_until_drained()
    samples = archive(site)
    device = "device=simulated-agv-1"
    at = {axis: float(samples[f"agv.position.{axis},{device}"][-1]["value"]) for axis in "xy"}
    assert at == {"x": 3, "y": 1}
    assert any(float(row["value"]) > 0.5 for row in samples[f"agv.velocity.x,{device}"])
    assert [row["value"].strip('"') for row in samples[f"agv.connection,{device}"]][-1] == "OFFLINE"
    assert {row["value"].rstrip("i") for row in samples[f"agv.messages.lost,{device},topic=state"]} == {"0"}
    errors = " ".join(row["value"] for row in samples["agv.error"])
    assert "localizationError" in errors and "orderUpdateError" in errors
    assert any("status=FINISHED" in row["value"] for row in samples["agv.action"])
    assert float(samples[f"agv.loads,{device}"][-1]["value"]) == 1


@pytest.mark.parametrize("name, words, word", [("care-room", ["--nights", "2"], "room-101/climate"), ("agv", ["--orders", "9"], "state")])
def test_it_ends_when_asked(site, name, words, word):
    site.broker.start()
    subscriber = site.subscriber("#")
    process = simulator(site, name, "--broker", broker_url(site), "--speed-up", "60", *words).start()
    eventually(lambda: any(word in topic for topic, _ in subscriber.messages), what="its first word")
    assert process.stop(5) == 0
    assert any(b"offline" in payload.lower() for _, payload in subscriber.messages)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("words, word", [(["modbus", "--modbus", "127.0.0.1:0"], "modbus on"), (["ros2", "--domain", "99"], "ros2 in")])
def test_an_arm_ends_when_asked(tmp_path, number, words, word):
    arm = Process("arm", [sys.executable, SIMULATORS / "arm", "--protocol", *words], tmp_path).start()
    try:
        arm.wait_for_log(word)
        arm.process.send_signal(number)
        assert arm.process.wait(5) == 0, arm.log
    finally:
        arm.close()


def test_without_a_broker_it_says_what_to_do(tmp_path):
    for name in ("care-room", "agv"):
        told = subprocess.run(
            [sys.executable, SIMULATORS / name, "--broker", "mqtt://127.0.0.1:1"], capture_output=True, text=True, timeout=20
        )
        assert told.returncode == 1 and "is mosquitto running?" in told.stderr


@pytest.mark.parametrize("module, name", [("robot", "Robot"), ("physics", "PhysicalRobot")])
def test_the_same_seed_gives_the_same(monkeypatch, module, name):
    monkeypatch.syspath_prepend(str(SIMULATORS))
    kind = getattr(importlib.import_module(f"simulation.{module}"), name)

    def cycles(seed):
        robot = kind(seed, slip=0.3, pause=0.2, cycles=3)
        told = []
        while (word := robot.step()) != "end":
            told.append((word, robot.joints, robot.force, tuple(robot.temperatures)))
        return told

    assert cycles("a") == cycles("a") != cycles("b")


def test_a_part_falls_only_when_the_fingers_do_not_hold_it(monkeypatch):
    """By MuJoCo: nobody tells the arm that a part has slipped, it follows from grip and friction."""
    monkeypatch.syspath_prepend(str(SIMULATORS))
    from simulation.physics import PhysicalRobot

    def outcome(grip_left):
        robot = PhysicalRobot("a", slip=1, pause=0.2, cycles=1)
        robot.grip_left = grip_left
        told = []
        while (word := robot.step()) != "end":
            told += [word] if word else []
            if word == "stop":
                return told, robot.outcome, robot.placed()

    told, word, placed = outcome(0.5)
    assert (told, word) == (["start", "stop"], "success") and max(map(abs, placed)) < 0.5
    told, word, placed = outcome(0.05)
    assert (told, word, placed) == (["start", "slip", "stop"], "failure", None)


def node(name, sequence, x, released=True, actions=()):
    place = {"x": x, "y": 0, "mapId": "hall-1"}
    return {"nodeId": name, "sequenceId": sequence, "released": released, "nodePosition": place, "actions": list(actions)}


def test_a_vehicle_takes_updates_and_refuses_what_does_not_fit(monkeypatch):
    monkeypatch.syspath_prepend(str(SIMULATORS))
    from simulation.vehicle import Refused, Vehicle

    vehicle = Vehicle("1", error=0, estop=0)

    def refusal(**order):
        with pytest.raises(Refused) as refused:
            vehicle.take_order(order)
        return refused.value.error["errorType"]

    pick = {"actionId": "p", "actionType": "pick"}
    start = {"orderId": "o", "orderUpdateId": 0, "nodes": [node("a", 0, 0), node("b", 2, 3, actions=[pick])]}
    assert refusal(orderId="o", orderUpdateId=0, nodes=[node("b", 0, 3)]) == "noRouteError"
    for nodes in ([], [node("a", 0, 0, released=False)], [{"nodeId": "a", "released": True}], ["a"], [node("a", 0, "far")]):
        assert refusal(orderId="o", orderUpdateId=0, nodes=nodes) == "validationError", nodes
    vehicle.take_order(start)
    assert refusal(**start) == "orderUpdateError"
    assert refusal(**start | {"orderId": "other"}) == "orderUpdateError"
    assert refusal(orderId="o", orderUpdateId=1, nodes=[node("a", 0, 0), node("c", 4, 6)]) == "orderUpdateError"
    # An update begins at the last node, whose action is not to be done twice.
    vehicle.take_order({"orderId": "o", "orderUpdateId": 1, "nodes": [node("b", 2, 3, actions=[pick]), node("c", 4, 6)]})
    assert [action["actionId"] for action in vehicle.actions] == ["p"]
    for _ in range(1000):
        vehicle.step()
    assert vehicle.is_idle and (vehicle.x, vehicle.last_node) == (6, "c")
    assert vehicle.state()["actionStates"] == [pick | {"actionStatus": "FINISHED"}]

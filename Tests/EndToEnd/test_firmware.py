"""Firmware-config as a whole: every file is named in its README, and is taken by the program that it is for."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import paho.mqtt.client as mqtt
import pytest
import yaml
from harness import AGENT, FIELDPROOF, ROOT, Process, eventually

FIRMWARE = ROOT / "Firmware-config"
FILES = sorted(path.relative_to(FIRMWARE) for path in FIRMWARE.rglob("*") if path.is_file() and path.name != "README.md")


def rows():
    """What the first column of the README's tables names: files, folders and patterns, and the text of the row."""
    for line in (FIRMWARE / "README.md").read_text().splitlines():
        if line.startswith("| `"):
            for name in re.findall(r"`([^`]+)`", line.split("|")[1]):
                yield name.rstrip("/"), line


def test_every_file_is_named_in_the_readme_and_nothing_else_is():
    names = [name for name, _ in rows()]
    for path in FILES:
        assert any(path.match(name) or pathlib.PurePath(name) in path.parents for name in names), f"{path} is not named"
    for name in names:
        assert any(FIRMWARE.glob(name)), f"{name} is named and is not there"


def adapted(name, folder, port=1):
    """An example with its paths in a folder, its brokers on this machine, and the profiles of this tree."""
    text = (FIRMWARE / name).read_text()
    text = re.sub(r"mqtt://[a-z0-9.]+:1883", f"mqtt://127.0.0.1:{port}", text)
    text = text.replace("/run/fieldproof/", f"{folder}/").replace("/var/lib/fieldproof/", f"{folder}/")
    text = text.replace("/etc/fieldproof/scenarios", str(FIRMWARE / "scenarios"))
    text = re.sub(r"(?m)^( *)- type: modbus$", rf"\1- type: modbus\n\1  profiles: {FIRMWARE}/devices", text)
    path = folder / pathlib.PurePath(name).name
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", [str(path) for path in FILES if path.parts[0] == "agents"])
def test_every_agent_passes_the_check(tmp_path, name):
    checked = subprocess.run([AGENT, "check", "--config", adapted(name, tmp_path)], capture_output=True, text=True, timeout=20)
    assert checked.returncode == 0, checked.stderr
    # Whoever copies it reads why.
    assert (FIRMWARE / name).read_text().count("#") > 15


def test_every_profile_of_a_device_is_taken(tmp_path):
    profiles = [path.stem for path in FILES if path.parts[0] == "devices"]
    devices = [{"unit": 1 + number, "name": f"device-{number}", "profile": profile} for number, profile in enumerate(profiles)]
    settings = {
        "agent": {"id": "box", "site": "lab"},
        "mqtt": {"url": "mqtt://127.0.0.1:1"},
        "spool": {"path": str(tmp_path / "spool")},
        "inputs": [{"type": "modbus", "profiles": str(FIRMWARE / "devices"), "bus": {"url": "tcp://127.0.0.1:502"}, "devices": devices}],
    }
    (tmp_path / "agent.yaml").write_text(json.dumps(settings))
    checked = subprocess.run([AGENT, "check", "--config", tmp_path / "agent.yaml"], capture_output=True, text=True, timeout=20)
    assert checked.returncode == 0, checked.stderr


def test_the_collector_starts_with_its_file_and_every_scenario(site):
    site.broker.start()
    (site.directory / "store").mkdir()
    path = adapted("collector/collector.yaml", site.directory, site.broker.port)
    collector = Process("example", [FIELDPROOF, "collect", "--config", path], site.directory).start()
    site.open.append(collector)
    collector.wait_for_log("connected to the broker broker=")
    for scenario in (path.stem for path in FILES if path.match("scenarios/*.yaml")):
        assert scenario in collector.log
    assert collector.stop() == 0


KEYS = "ACTION|DEVPATH|KERNELS?|SUBSYSTEMS?|DRIVERS?|ATTRS?{[^}]+}|ENV{[^}]+}|TAG|TEST|PROGRAM|RESULT|NAME|SYMLINK|OWNER|GROUP|MODE|LABEL|GOTO|RUN|OPTIONS|IMPORT{(builtin|program|file)}"


def test_udev_takes_the_rules():
    path = FIRMWARE / "udev/60-fieldproof.rules"
    text = path.read_text().replace("\\\n", "")
    rules = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    labels, jumps = set(), set()
    for rule in rules:
        # Every part is a key, what is done with it, and a value in quotes.
        assert re.fullmatch(rf'\s*(?:(?:{KEYS})\s*(?:==|!=|=|\+=|-=|:=)\s*"[^"]*"\s*(?:,\s*|$))+', rule), rule
        labels |= set(re.findall(r'LABEL="(\w+)"', rule))
        jumps |= set(re.findall(r'GOTO="(\w+)"', rule))
    assert jumps <= labels
    udevadm = shutil.which("udevadm", path="/usr/bin:/bin:/sbin")
    version = subprocess.run([udevadm, "--version"], capture_output=True, text=True).stdout if udevadm else "0"
    if int(version.split()[0]) >= 254:
        verified = subprocess.run([udevadm, "verify", "--resolve-names=never", path], capture_output=True, text=True)
        assert verified.returncode == 0, verified.stderr


def test_what_udev_runs_gives_the_files_to_the_group(tmp_path):
    """The commands of the rules, as udev hands them to the shell, on a copy of what /sys has."""
    text = (FIRMWARE / "udev/60-fieldproof.rules").read_text().replace("\\\n", "")
    commands = re.findall(r"RUN\+=\"/bin/sh -c '([^']+)'\"", text)
    assert len(commands) == 2
    device, sensor = tmp_path / "iio:device0", tmp_path / "w1_bus_master1/28-0316a2798bff"
    given = ["scan_elements/in_accel_x_en", "buffer/enable", "buffer/length", "buffer0/watermark", "trigger/current_trigger", "sampling_frequency"]
    kept = ["in_accel_x_raw", "name", "scan_elements/in_accel_x_type"]
    for file in given + kept:
        (device / file).parent.mkdir(parents=True, exist_ok=True)
        (device / file).touch(0o644)
    sensor.mkdir(parents=True)
    (tmp_path / "w1_bus_master1/therm_bulk_read").touch(0o644)
    # udev makes $ of $$; a group that every machine has stands for 'fieldproof'.
    for command, place in zip(commands, (device, sensor)):
        command = command.replace("/sys$devpath", str(place)).replace("$$", "$").replace("chgrp fieldproof", f"chgrp {os.getgid()}")
        ran = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True)
        assert (ran.returncode, ran.stderr) == (0, "")
    assert all((device / file).stat().st_mode & 0o777 == 0o664 for file in given)
    assert all((device / file).stat().st_mode & 0o777 == 0o644 for file in kept)
    assert (tmp_path / "w1_bus_master1/therm_bulk_read").stat().st_mode & 0o777 == 0o664


class Node(yaml.SafeLoader):
    """ESPHome's YAML."""


Node.add_constructor("!secret", lambda loader, node: {"secret": node.value})


def secrets_in(value):
    if isinstance(value, dict):
        return {value["secret"]} if set(value) == {"secret"} else set().union(*map(secrets_in, value.values()))
    return set().union(*map(secrets_in, value)) if isinstance(value, list) and value else set()


def test_esphome_takes_the_node(tmp_path):
    source = FIRMWARE / "sensor-nodes/esphome-fall-radar.yaml"
    node = yaml.load(source.read_text(), Node)
    example = yaml.safe_load((FIRMWARE / "sensor-nodes/secrets.example.yaml").read_text())
    assert secrets_in(node) == set(example)
    assert node["mqtt"]["topic_prefix"] == "${name}" and node["substitutions"]["name"] == "room-101-radar"
    esphome = os.environ.get("ESPHOME") or shutil.which("esphome")
    if esphome:
        shutil.copy(source, tmp_path)
        shutil.copy(FIRMWARE / "sensor-nodes/secrets.example.yaml", tmp_path / "secrets.yaml")
        checked = subprocess.run([esphome, "config", tmp_path / source.name], capture_output=True, text=True, timeout=300)
        assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", [str(path) for path in FILES if path.match("sensor-nodes/tasmota-*")])
def test_a_list_for_tasmota_has_a_command_a_line(name):
    lines = [line for line in (FIRMWARE / name).read_text().splitlines() if line and not line.startswith("#")]
    commands = dict(line.split(" ", 1) for line in lines)
    assert len(commands) == len(lines)
    known = "MqttHost MqttPort MqttUser MqttPassword Topic FullTopic TelePeriod SensorRetain"
    assert set(known.split()) <= set(commands)
    # The preset 'tasmota' knows this order of levels, and a device must be an id.
    assert commands["FullTopic"] == "%prefix%/%topic%/" and re.fullmatch("[a-z0-9-]+", commands["Topic"])
    assert 10 <= int(commands["TelePeriod"]) <= 3600 and commands["SensorRetain"] == "0"


def publisher(port):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    return client


def publish(client, messages):
    for topic, payload in messages:
        client.publish(topic, payload, qos=1).wait_for_publish(10)


@pytest.mark.takes(20)
def test_a_radar_of_esphome_is_recorded_only_with_consent(site):
    site.broker.start()
    site.write_settings()
    site.start_collector()
    agent = Process("room", [AGENT, "run", "--config", adapted("agents/care-room-pi.yaml", site.directory, site.broker.port)], site.directory)
    site.open.append(agent.start())
    agent.wait_for_log("connected to the broker broker=")
    agent.wait_for_log("a source answers input=nodes")
    node = publisher(site.broker.port)
    said = [
        ("room-101-radar/sensor/people/state", "1"),
        ("room-101-radar/binary_sensor/presence/state", "ON"),
        ("room-101-radar/binary_sensor/fall/state", "ON"),
        ("room-101-radar/event/fall", '{"source":"mr60fda2"}'),
        ("room-101-radar/sensor/temperature/state", "21.4"),
        ("room-101-radar/sensor/humidity/state", "43.2"),
        ("zigbee2mqtt/door-101", '{"contact":false,"battery":97,"linkquality":120}'),
    ]

    def series():
        """The definitions that the collector has heard of."""
        import sqlite3

        store = sqlite3.connect(f"file:{site.directory}/store.db?mode=ro", uri=True)
        found = {json.loads(row[0])["name"] for row in store.execute("SELECT definition FROM series")}
        store.close()
        return found

    def heard(*names):
        publish(node, said)
        return set(names) <= series()

    eventually(lambda: heard("room.temperature", "room.humidity", "contact", "battery"), 40, "what needs no consent")
    assert site.collector_events("radar.fall") == 0
    assert not any(name.startswith("radar.") for name in series()), series()
    granted = site.mark("consent.granted", "subject=resident-3")
    assert granted.returncode == 0, granted.stderr
    eventually(lambda: heard("radar.people", "radar.presence", "radar.fallen"), 40, "what was consented to")
    eventually(lambda: site.collector_events("radar.fall") > 0, what="the event")
    assert agent.stop() == 0
    node.disconnect()
    node.loop_stop()


def test_plugs_and_climate_of_tasmota_give_the_series_that_their_files_say(site):
    site.broker.start()
    path = adapted("agents/x86-gateway.yaml", site.directory, site.broker.port)
    command = [AGENT, "sample", "--config", path, "--input", "plugs", "--format", "senml", "--count", 1000, "--seconds", 60]
    sample = Process("sample", command, site.directory).start()
    site.open.append(sample)
    node = publisher(site.broker.port)
    energy = {"TotalStartTime": "2026-10-21T22:15:00", "Total": 3.705, "Yesterday": 0.028, "Today": 0.026, "Period": 1, "Power": 5}
    energy |= {"ApparentPower": 5, "ReactivePower": 0, "Factor": 1.0, "Voltage": 233.1, "Current": 0.021}
    said = [
        ("tele/oven-plug/SENSOR", json.dumps({"Time": "2026-11-26T19:34:28", "ENERGY": energy})),
        ("tele/oven-plug/LWT", "Online"),
        (
            "tele/hall-climate/SENSOR",
            json.dumps({"Time": "2026-11-26T19:34:28", "SHT3X": {"Temperature": 21.4, "Humidity": 43.2, "DewPoint": 8.3}, "TempUnit": "C"}),
        ),
    ]

    def values():
        found = {}
        for line in sample.log.splitlines():
            # The last line may be half written.
            if line.startswith("[") and line.endswith("]"):
                for record in json.loads(line):
                    found[record["n"].removeprefix("workshop/gateway-01/")] = (record.get("v"), record.get("u"))
        return found

    wanted = {
        "oven-plug/power/sensor:energy": (5, "W"),
        "oven-plug/current/sensor:energy": (0.021, "A"),
        "hall-climate/temperature/sensor:sht3x": (21.4, "Cel"),
        "hall-climate/humidity/sensor:sht3x": (43.2, "%"),
    }

    def heard():
        publish(node, said)
        return wanted.keys() <= values().keys()

    try:
        eventually(heard, 40, "the series")
    except AssertionError as error:
        raise AssertionError(f"{error}: {values()} {sample.log[-1500:]}") from None
    assert {name: values()[name] for name in wanted} == wanted
    node.disconnect()
    node.loop_stop()

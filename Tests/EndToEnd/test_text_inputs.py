"""The inputs that read text, against programs that are not ours: a pty that pynmea2 speaks on, shells, Python, a rotating log."""

import csv
import io
import json
import logging
import logging.handlers
import os
import pty
import subprocess
import sys
import threading

import pynmea2
import pytest
from harness import AGENT, Process, eventually


def settings(directory, *inputs):
    path = directory / "agent.yaml"
    path.write_text(
        json.dumps(
            {
                "agent": {"id": "box-01", "site": "lab"},
                "mqtt": {"url": "mqtt://127.0.0.1:1"},
                "spool": {"path": str(directory / "spool"), "size": "64MiB"},
                "inputs": list(inputs),
            }
        )
    )
    return path


def look(path, count, stdin=None, seconds=10):
    """What `sample` shows in line protocol: a set of lines without their timestamps."""
    done = subprocess.run(
        [AGENT, "sample", "--config", path, "--count", str(count), "--seconds", str(seconds), "--format", "line"],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return {line.rsplit(" ", 1)[0] for line in done.stdout.splitlines()}, done.stderr


class Instrument:
    """The other end of a serial line, which says its sentences again and again."""

    def __init__(self, sentences):
        self.near, far = pty.openpty()
        self.port = os.ttyname(far)
        self.far = far
        self.sentences = sentences
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.speak)
        self.thread.start()

    def speak(self):
        while not self.over.wait(0.05):
            for sentence in self.sentences:
                os.write(self.near, f"{sentence}\r\n".encode())

    def close(self):
        self.over.set()
        self.thread.join()
        os.close(self.near)
        os.close(self.far)


def test_a_receiver_that_pynmea2_plays(tmp_path):
    sentences = [
        pynmea2.GGA("GN", "GGA", ("184353.07", "1929.045", "S", "02410.506", "E", "1", "04", "2.6", "100.00", "M", "-33.9", "M", "", "0000")),
        pynmea2.VTG("GP", "VTG", ("054.7", "T", "034.4", "M", "005.5", "N", "010.2", "K")),
        pynmea2.MWV("WI", "MWV", ("214.8", "R", "10.0", "M", "A")),
        pynmea2.XDR("II", "XDR", ("C", "19.52", "C", "TempAir")),
    ]
    instrument = Instrument([str(sentence) for sentence in sentences])
    try:
        found, _ = look(settings(tmp_path, {"type": "serial", "port": instrument.port, "baud": 115200, "format": "nmea"}), 200, seconds=4)
    finally:
        instrument.close()
    values = {}
    for line in found:
        head, field = line.split(" ")
        values[head] = float(field.split("=")[1].rstrip("i"))
    gga = sentences[0]
    assert values["position.latitude"] == pytest.approx(gga.latitude, abs=1e-9)
    assert values["position.longitude"] == pytest.approx(gga.longitude, abs=1e-9)
    assert values["position.altitude"] == 100
    assert values["speed.ground"] == 5.5
    assert values["wind.speed.apparent"] == 10
    assert values["transducer.temperature,transducer=TempAir"] == 19.52


def test_programs_that_are_polled_and_streamed(tmp_path):
    document = json.dumps({"room": {"temp": 21.5}, "open": True}, indent=2)
    pack = json.dumps([{"bn": "urn:dev:mac:0024befffe804ff1/", "bu": "Cel", "n": "temp", "v": 7.5}])
    path = settings(
        tmp_path,
        {"type": "exec", "name": "whole", "command": [sys.executable, "-c", f"print({document!r})"], "every": "1h", "records": "output", "format": "json"},
        {"type": "exec", "name": "pack", "command": ["echo", pack], "every": "1h", "format": "senml"},
        {
            "type": "exec",
            "name": "flow",
            "mode": "stream",
            "command": ["/bin/sh", "-c", "while :; do echo weight 12.5 kg; sleep 0.1; done"],
            "format": {"type": "regex", "pattern": "weight ([0-9.]+) kg", "fields": {"scale.weight": {"group": 1, "unit": "kg"}}},
        },
    )
    found, complaints = look(path, 30, seconds=3)
    assert {"room.temp value=21.5", "open value=true", "scale.weight value=12.5"} <= {line.replace("  ", " ") for line in found}, (found, complaints)
    assert any("temp,source=urn:dev:mac:0024befffe804ff1" in line and "7.5" in line for line in found), found
    assert not subprocess.run(["pgrep", "-f", "echo weight 12.5 kg"], capture_output=True, text=True).stdout


def test_standard_input_as_python_writes_csv(tmp_path):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["time", "room", "force"])
    writer.writerow(["2026-11-22T08:15:30Z", 'bay "3", north', "12.5"])
    path = settings(
        tmp_path,
        {
            "type": "stdin",
            "format": {"type": "csv", "fields": {"gripper.force": {"column": "force", "unit": "N"}}, "tags": {"room": "room"}, "time": "time"},
        },
    )
    found, complaints = look(path, 1, stdin=text.getvalue())
    assert found == {r'gripper.force,room=bay\ "3"\,\ north value=12.5'}, complaints


def test_a_log_that_python_rotates_is_read_whole(tmp_path):
    log = tmp_path / "scale.log"
    log.touch()
    path = settings(
        tmp_path, {"type": "tail", "path": str(log), "format": {"type": "key-value", "fields": {"scale.count": {"key": "n", "as": "integer"}}}}
    )
    # Line by line although it writes to a file.
    command = ["stdbuf", "-oL", AGENT, "sample", "--config", path, "--count", "100000", "--seconds", "60", "--format", "line"]
    agent = Process("agent", command, tmp_path).start()
    handler = logging.handlers.RotatingFileHandler(log, maxBytes=2000, backupCount=50)
    logger = logging.Logger("scale")
    logger.addHandler(handler)

    def shown():
        return [int(line.split("value=")[1].split("i")[0]) for line in agent.log.splitlines() if line.startswith("scale.count")]

    def begun():
        logger.warning("weighed n=-1 g")
        return -1 in shown()

    try:
        eventually(begun, what="the first record")
        for number in range(1000):
            logger.warning("weighed n=%d g", number)
            # Not faster than one rotation between two looks.
            if number % 50 == 49:
                eventually(lambda: number in shown(), what=f"the record {number}")
    finally:
        agent.close()
        handler.close()
    assert (tmp_path / "scale.log.5").exists()
    assert [number for number in shown() if number >= 0] == list(range(1000))


def test_a_followed_file_is_read_on_over_restarts(site):
    """In good order each record comes once; after kill -9 none is missed, and only those of the last seconds may come again."""
    log = site.directory / "scale.log"
    log.write_text("")
    site.agent_settings["inputs"] = [
        {"type": "tail", "path": str(log), "format": {"type": "key-value", "fields": {"counter": {"key": "n", "as": "integer"}}}, "device": "x"},
    ]
    site.write_settings()
    site.broker.start()
    site.start_collector()

    def start():
        before = site.agent.log.count("connected to the broker broker=")
        site.agent.start()
        site.agent.wait_for_log("connected to the broker broker=", before + 1)

    def add(numbers):
        with log.open("a") as file:
            file.writelines(f"n={number}\n" for number in numbers)

    def accepted(count):
        eventually(lambda: site.spool_status()["accepted"] >= count, what=f"{count} samples")

    state = site.directory / "spool" / "tail-tail"
    start()
    eventually(state.exists, what="the first position")
    add(range(1, 101))
    accepted(100)
    assert site.agent.stop() == 0
    # While it is down, the file grows and is rotated.
    add(range(101, 151))
    log.rename(log.with_suffix(".log.1"))
    add(range(151, 201))
    start()
    accepted(100)
    site.wait_until_drained()
    assert site.agent.stop() == 0
    assert site.archived_counts() == {number: 1 for number in range(1, 201)}, "each once"

    start()
    add(range(201, 301))
    accepted(100)
    site.agent.kill()
    add(range(301, 351))
    start()
    site.wait_until_drained()
    eventually(lambda: set(site.archived_counts()) == set(range(1, 351)), what="every number")
    counts = site.archived_counts()
    assert all(counts[number] == 1 for number in [*range(1, 201), *range(301, 351)])
    assert max(counts.values()) <= 2

"""What the rules of the pipeline make of samples, as others see it; and a configuration that changes while the agent runs."""

import csv
import io
import signal
import socket
import subprocess
import threading
import time

import pytest
from harness import AGENT, FIELDPROOF, dump_archive, eventually


def archived(site):
    """The archive's samples as (series, value), in the order of their times."""
    frames = site.directory / "frames.bin"
    dump_archive(site.directory, frames)
    listing = subprocess.run([FIELDPROOF, "decode", "--format", "csv", frames], capture_output=True, text=True, timeout=60)
    assert listing.returncode == 0, listing.stderr
    rows = list(csv.DictReader(io.StringIO(listing.stdout)))
    return [row for row in rows if not (row.get("series") or "").startswith("agent.")]


@pytest.fixture
def shaped(site):
    site.agent_settings["pipeline"] = [
        {"match": "plc.t1", "rename": "room.temperature", "tags": {"room": "3"}, "unit": "[degF]", "convert": "Cel"},
        {"match": "room.temperature", "range": {"from": 0, "to": 50}, "dead-band": 0.5},
        {"match": "torque", "as": "*.raw", "capture": {"on": "estop.pressed", "before": "10s", "after": "1s"}},
        {"match": "torque", "down-sample": {"every": "1h", "keep": "min-max"}},
    ]
    site.start()
    return site


def test_names_units_ranges_and_dead_bands_are_what_subscribers_see(shaped):
    listener = shaped.subscriber("fieldproof/v1/lab/box-01/senml")
    for value in (50, 50.1, 68, 212):
        shaped.send_line(f"plc t1={value}")
    shaped.wait_until_drained()
    text = eventually(lambda: b"".join(listener.payloads("senml")).decode() or None, what="SenML")
    assert "room.temperature" in text and "plc.t1" not in text and '"u":"Cel"' in text
    rows = [row for row in archived(shaped) if "room.temperature" in str(row)]
    values = [round(float(next(v for k, v in row.items() if k == "value")), 6) for row in rows]
    assert values == [10.0, 20.0, 100.0]
    assert "out-of-range" in str(rows[2]) and "out-of-range" not in str(rows[0])


def test_raw_data_are_saved_around_an_event_only(shaped):
    for value in range(5):
        shaped.send_line(f"torque value={value}")
    time.sleep(1.5)
    assert not [row for row in archived(shaped) if "torque" in str(row)]
    marked = shaped.mark("estop.pressed")
    assert marked.returncode == 0, marked.stderr
    eventually(
        lambda: len([row for row in archived(shaped) if "torque.raw" in str(row)]) == 5, what="the raw data before the event"
    )
    shaped.agent.stop()
    eventually(
        lambda: [row for row in archived(shaped) if "torque" in str(row) and "torque.raw" not in str(row)],
        what="the bucket that waited",
    )


def test_a_reload_touches_only_the_inputs_that_changed_and_loses_no_sample(site):
    second = site.directory / "second.sock"
    site.start()
    stop = threading.Event()
    sent = 0

    def feed():
        nonlocal sent
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(site.directory / "line.sock"))
            while not stop.is_set():
                connection.sendall(f"steady value={sent}i\n".encode())
                sent += 1
                time.sleep(0.001)

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        site.agent_settings["inputs"].append({"type": "line", "name": "second", "listen": f"unix:{second}"})
        site.agent_settings["pipeline"] = [{"match": "late", "rename": "renamed"}]
        site.write_settings()
        site.agent.process.send_signal(signal.SIGHUP)
        eventually(second.exists, what="the new input")
        site.agent.wait_for_log("inputs are as the configuration says now")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(second))
            connection.sendall(b"late value=1i\n")

        # An error changes nothing.
        text = site.agent_file.read_text()
        site.agent_file.write_text(text.replace('"listen"', '"lisen"'))
        site.agent.process.send_signal(signal.SIGHUP)
        site.agent.wait_for_log("the configuration was not reloaded")
        assert "did you mean 'listen'" in site.agent.log and second.exists()

        # What is hidden goes on record once a start.
        site.agent_settings["pipeline"].append({"match": "late", "action": "drop"})
        site.write_settings()
        site.agent.process.send_signal(signal.SIGHUP)
        site.agent.wait_for_log("nothing was reloaded")

        # An input that is taken away ends, and its socket with it.
        del site.agent_settings["inputs"][1], site.agent_settings["pipeline"][1]
        site.agent_settings["publish"] = {"senml": "off"}
        site.write_settings()
        site.agent.process.send_signal(signal.SIGHUP)
        site.agent.wait_for_log("inputs are as the configuration says now", 2)
        site.agent.wait_for_log("takes effect at the next start only")
        eventually(lambda: not second.exists(), what="the end of the input")
    finally:
        stop.set()
        thread.join()
    site.wait_until_drained()
    rows = archived(site)
    numbers = [int(float(row["value"])) for row in rows if "steady" in str(row)]
    assert sorted(numbers) == list(range(sent))
    assert [row for row in rows if "renamed" in str(row)]


def test_sample_shows_what_comes_out_of_the_pipeline(tmp_path):
    settings = tmp_path / "agent.yaml"
    settings.write_text(
        f"""
agent: {{id: box-01, site: lab}}
mqtt: {{url: "mqtt://127.0.0.1:1"}}
spool: {{path: {tmp_path}/spool}}
inputs: [{{type: exec, command: [echo, "oven t=212"], every: 1s, format: line}}]
pipeline:
  - {{match: oven.t, rename: oven.temperature, unit: "[degF]", convert: Cel}}
  - {{match: oven.temperature, convert: V}}
"""
    )
    result = subprocess.run(
        [AGENT, "sample", "--config", settings, "--count", "1", "--seconds", "10"], capture_output=True, text=True, timeout=30
    )
    assert result.returncode == 0, result.stderr + result.stdout
    assert "oven.temperature" in result.stdout and "100" in result.stdout and "Cel" in result.stdout
    assert "oven.temperature is in Cel, which cannot be converted to V" in result.stdout + result.stderr

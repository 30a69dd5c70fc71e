"""The input `modbus` of the real agent beside servers by pymodbus: what `sample` shows, and what it says of trouble."""

import pathlib
import subprocess
import sys

import pytest
from harness import AGENT

PEER = pathlib.Path(__file__).parents[1] / "InputsTests" / "Fixtures" / "modbus" / "peer.py"
DEVICES = pathlib.Path(__file__).parents[2] / "Firmware-config" / "devices"


@pytest.fixture(params=["tcp", "rtu"])
def peer(request):
    process = subprocess.Popen(
        [sys.executable, PEER, request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    place = process.stdout.readline().strip()
    url = f"tcp://127.0.0.1:{place}" if request.param == "tcp" else f"rtu://{place}"
    yield f'url: "{url}"' + ("" if request.param == "tcp" else ", baud: 115200, parity: none")
    process.stdin.close()
    process.terminate()
    process.wait(10)


def sample(directory, items, *words):
    config = directory / "agent.yaml"
    config.write_text(
        "agent: {id: box-1, site: lab}\n"
        "mqtt: {url: mqtt://127.0.0.1:1}\n"
        f"spool: {{path: {directory}/spool}}\n"
        f"inputs:\n{items}"
    )
    return subprocess.run(
        [AGENT, "sample", "--config", config, *words], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL
    )


def test_a_device_is_read(tmp_path, peer):
    shown = sample(
        tmp_path,
        f"  - type: modbus\n    device: {{{peer}, unit: 1, name: meter-1}}\n    every: 100ms\n    registers:\n"
        "      - {address: 0, kind: input, encode: int16, scale: 0.1, series: room.temperature, unit: Cel}\n"
        "      - {address: 2, kind: input, encode: float32, series: line.voltage, unit: V}\n"
        "      - {address: 200, kind: holding, series: pump.mode, states: {1: running}}\n",
        *("--count", "3", "--format", "line"),
    )
    assert shown.returncode == 0, shown.stderr
    fields = {line.split(" ")[0]: line.split(" ")[1] for line in shown.stdout.splitlines()}
    assert len(fields) == 3
    assert any("temperature" in key and "meter-1" in key for key in fields)
    assert {value.split("=")[1] for value in fields.values()} == {"-20.5", "230.5", '"running"'}


def test_two_units_share_one_connection(tmp_path, peer):
    register = "registers: [{address: 100, kind: holding, encode: text, length: 8, series: model}]"
    shown = sample(
        tmp_path,
        f"  - type: modbus\n    bus: {{{peer}}}\n    every: 100ms\n    devices:\n"
        f"      - {{unit: 1, name: a, {register}}}\n      - {{unit: 4, name: b, {register}}}\n",
        *("--count", "2", "--format", "line"),
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count('"EM-4711 rev B"') == 2


def test_a_device_that_does_not_answer_is_told(tmp_path):
    shown = sample(
        tmp_path,
        '  - type: modbus\n    device: {url: "tcp://127.0.0.1:1", unit: 1}\n'
        "    registers: [{address: 0, kind: input, series: x}]\n",
        *("--count", "5", "--seconds", "1"),
    )
    assert "modbus: 1 × no answer" in shown.stdout + shown.stderr


@pytest.mark.parametrize("profile", sorted(path.stem for path in DEVICES.glob("*.yaml")))
def test_a_profile_passes_the_check(tmp_path, profile):
    config = tmp_path / "agent.yaml"
    config.write_text(
        "agent: {id: box-1, site: lab}\nmqtt: {url: mqtt://127.0.0.1:1}\n"
        f"spool: {{path: {tmp_path}/spool}}\n"
        'inputs:\n  - {type: modbus, device: {url: "tcp://127.0.0.1:1", unit: 1, profile: '
        f"{profile}}}, profiles: {DEVICES}}}\n"
    )
    checked = subprocess.run([AGENT, "check", "--config", config], capture_output=True, text=True, timeout=20)
    assert checked.returncode == 0, checked.stderr

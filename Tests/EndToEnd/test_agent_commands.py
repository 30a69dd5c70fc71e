"""What the agent's commands say of themselves, and how they refuse what they do not understand.

The texts are in help/; FIELDPROOF_RECORD=1 writes them anew.
"""

import json
import os
import pathlib
import subprocess

import pytest
from harness import AGENT

HELP = pathlib.Path(__file__).parent / "help"
COMMANDS = [
    (),
    ("run",),
    ("check",),
    ("sample",),
    ("inputs",),
    ("spool",),
    ("spool", "status"),
    ("spool", "verify"),
    ("spool", "dump"),
    ("mark",),
]


def run(*words):
    return subprocess.run([AGENT, *words], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: "-".join(command) or "program")
def test_help(command):
    golden = HELP / f"{'-'.join(('agent', *command))}.txt"
    shown = run(*command, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    if os.environ.get("FIELDPROOF_RECORD"):
        HELP.mkdir(exist_ok=True)
        golden.write_text(shown.stdout)
    assert shown.stdout == golden.read_text()
    assert run("help", *command).stdout == shown.stdout
    assert max(len(line) for line in shown.stdout.splitlines() if not line.startswith("USAGE:")) <= 80


def test_version():
    assert run("--version").stdout == run("spool", "dump", "--version").stdout != ""


REFUSALS = [
    ("rnu", "Unknown command 'rnu'. Did you mean 'run'?", "fieldproof-agent <subcommand>"),
    ("run --confg x", "Unknown option '--confg'. Did you mean '--config'?", "fieldproof-agent run [--config <config>]"),
    ("run --config", "Missing value for '--config <config>'", "fieldproof-agent run [--config <config>]"),
    ("run extra", "Unexpected argument 'extra'", "fieldproof-agent run [--config <config>]"),
    (
        "run --log-level loud",
        "The value 'loud' is invalid for '--log-level <log-level>'; "
        "use one of trace, debug, info, notice, warning, error, critical",
        "fieldproof-agent run [--config <config>]",
    ),
    ("sample --count many", "The value 'many' is invalid for '--count <count>'", "fieldproof-agent sample "),
    ("sample --seconds=0", "--count must be 1 or more, --seconds from 1 to 3600", "fieldproof-agent sample "),
    ("spool dump --class x", "--class must be event, metric or bulk", "fieldproof-agent spool dump "),
    ("mark", "Missing expected argument '<event>'", "fieldproof-agent mark <event> [<attributes> ...] "),
    ("mark door.open wide", "'wide' is not key=value", "fieldproof-agent mark <event> [<attributes> ...] "),
    ("mark door.open -- --help", "'--help' is not key=value", "fieldproof-agent mark <event> [<attributes> ...] "),
]


@pytest.mark.parametrize("words, message, usage", REFUSALS, ids=[words for words, *_ in REFUSALS])
def test_refusal(words, message, usage):
    refused = run(*words.split())
    assert refused.returncode == 64 and refused.stdout == ""
    lines = refused.stderr.splitlines()
    assert lines[0] == f"Error: {message}"
    assert any(line.startswith(f"Usage: {usage}") for line in lines)
    assert lines[-1].endswith(" --help' for more information.")


KINDS = (
    "exec host hwmon iio line modbus mqtt prometheus ros2 serial statsd stdin tail w1".split())


def test_kinds_of_input():
    kinds = [line.split()[0] for line in run("inputs").stdout.splitlines()]
    assert kinds == KINDS
    assert run("inputs", "host").stdout.startswith("- type: host\n")
    unknown = run("inputs", "none")
    assert (unknown.returncode, unknown.stderr) == (
        64,
        f"there is no input 'none'; use one of {', '.join(kinds)}\n",
    )


AWAY = [
    ({"type": "prometheus", "url": "http://127.0.0.1:1/metrics"}, "cannot connect: Connection refused"),
    ({"type": "mqtt", "url": "mqtt://127.0.0.1:1", "topics": [{"topic": "a", "format": "json"}]}, "is mosquitto running?"),
    (
        {"type": "modbus", "device": {"url": "tcp://127.0.0.1:1", "unit": 1}, "registers": [{"address": 0, "kind": "input", "series": "a"}]},
        "cannot be reached: Connection refused",
    ),
    ({"type": "tail", "path": "/nonexistent/log", "format": "line"}, "No such file or directory"),
    ({"type": "serial", "port": "/dev/nope", "baud": 9600, "format": "line"}, "is it plugged in?"),
    ({"type": "exec", "command": ["/nonexistent"], "every": "1s", "format": "line"}, "is the path right"),
    ({"type": "w1"}, "are the bus master's and w1_therm's drivers loaded?"),
]


@pytest.mark.parametrize("item, reason", AWAY, ids=lambda value: value["type"] if isinstance(value, dict) else "")
def test_sample_says_on_standard_error_why_an_input_gives_nothing(tmp_path, item, reason):
    settings = {
        "agent": {"id": "box-01", "site": "lab"},
        "mqtt": {"url": "mqtt://127.0.0.1:1"},
        "spool": {"path": str(tmp_path / "spool"), "size": "64MiB"},
        "control": {"listen": f"unix:{tmp_path}/control.sock"},
        "inputs": [item | {"name": "it"}],
    }
    (tmp_path / "agent.yaml").write_text(json.dumps(settings))
    shown = run("sample", "--config", tmp_path / "agent.yaml", "--seconds", "1", "--format", "senml")
    told = [line for line in shown.stderr.splitlines() if "a source does not answer" in line]
    assert len(told) == 1 and reason in told[0] and "input=it" in told[0], shown.stderr
    # Standard output has samples and nothing else.
    assert all(json.loads(line) for line in shown.stdout.splitlines())

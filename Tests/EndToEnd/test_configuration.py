"""Every field of both configuration files, wrong in turn, gives its own line with place and remedy."""

import re
import subprocess

import pytest
from harness import AGENT, FIELDPROOF, ROOT

AGENT_YAML = (ROOT / "Firmware-config/agents/edge-box.yaml").read_text()
COLLECTOR_YAML = (ROOT / "Firmware-config/collector/collector.yaml").read_text()

# What is replaced, by what, and what the message must say: the key's path and what to do about it.
AGENT_FAULTS = [
    ("id: box-01 ", "id: Box_01 ", "agent.id", "lower-case"),
    ("id: box-01 ", "id: collector ", "agent.id", "collector"),
    ("site: lab", "site: [lab]", "agent.site", ""),
    ("  site: lab\n", "", "agent", "site"),
    ("labels: {}", "labels: 3", "agent.labels", ""),
    ("agent:\n", "agnet:\n", "agnet", "did you mean 'agent'?"),
    ("url: mqtt://127.0.0.1:1883", "url: http://127.0.0.1", "mqtt.url", "mqtt://"),
    ("url: mqtt://127.0.0.1:1883", "url: mqtt://127.0.0.1:99999", "mqtt.url", ""),
    ("url: mqtt://127.0.0.1:1883", "ulr: mqtt://127.0.0.1:1883", "mqtt.ulr", "did you mean 'url'?"),
    ("# ca: ", "ca: ", "mqtt.ca", "mqtts://"),
    ("# cert: ", "cert: ", "mqtt.cert", ""),
    ("# key: ", "key: ", "mqtt.key", ""),
    ("# password-file: ", "password-file: ", "mqtt.password-file", "username"),
    ("# root: fieldproof", "root: a/+/b", "mqtt.root", "+"),
    ("# keepalive: 30s", "keepalive: 30", "mqtt.keepalive", "unit"),
    ("# keepalive: 30s", "keepalive: 1s", "mqtt.keepalive", "5s"),
    ("path: /var/lib/fieldproof/spool", "path: spool", "spool.path", "/"),
    ("size: 512MiB", "size: 512", "spool.size", "MiB"),
    ("size: 512MiB", "size: 1MiB", "spool.size", "32MiB"),
    ("sync: 1s", "sync: 0s", "spool.sync", "50ms"),
    ("delivery: collector", "delivery: colector", "delivery", "did you mean 'collector'?"),
    ("senml: every", "senml: evry", "publish.senml", "did you mean 'every'?"),
    ("state: 5s", "state: often", "publish.state", ""),
    ("state: 5s", "stat: 5s", "publish.stat", "did you mean 'state'?"),
    ('listen: "unix:/run/fieldproof/control.sock"', 'listen: "control.sock"', "control.listen", "unix:"),
    ("type: host", "type: hosst", "inputs[0].type", "did you mean 'host'?"),
    ("every: 250ms", "evry: 250ms", "inputs[0].evry", "did you mean 'every'?"),
    ("every: 250ms", "every: 0ms", "inputs[0].every", ""),
    ("type: line", "type: host, every: 1s, name: host", "inputs[1]", ""),
    ('listen: "unix:/run/fieldproof/line.sock"', "listen: here", "inputs[1].listen", ""),
    ("delivery: collector", 'pipeline: [{match: "person.*", action: blur}]', "pipeline[0].action", ""),
    ("delivery: collector", "delivery: collector\nhealth: {}", "health.listen", "unix:/run/fieldproof/health.sock"),
    ("delivery: collector", "delivery: collector\nhealth: {listen: 9273}", "health.listen", ""),
    ("delivery: collector", 'delivery: collector\nhealth: {listen: "tcp:localhost:9273"}', "health.listen", "127.0.0.1"),
    ("delivery: collector", 'delivery: collector\nhealth: {lisen: "tcp:127.0.0.1:9273"}', "health.lisen", "did you mean 'listen'?"),
]
COLLECTOR_FAULTS = [
    ("url: mqtt://127.0.0.1:1883", "url: 1883", "mqtt.url", ""),
    ("path: /var/lib/fieldproof/archive", "path: archive", "archive.path", "/"),
    ("path: /var/lib/fieldproof/archive", "paht: /var/lib/fieldproof/archive", "archive.paht", "did you mean 'path'?"),
    ("retention: 180d", "retention: 180", "archive.retention", "unit"),
    ("retention: 180d", "retention: 1h", "archive.retention", "at least"),
    ("retention: 180d", "retnetion: 180d", "archive.retnetion", "did you mean 'retention'?"),
    ("size: 50GiB", "size: 50", "archive.size", "MiB"),
    ("size: 50GiB", "size: 1MiB", "archive.size", "64MiB"),
    ("sqlite:/var", "sqlite:var", "store", "sqlite:/var/lib/fieldproof/store.db"),
    ("sqlite:/var/lib/fieldproof/store.db", "postgresql://x/y", "store", "PostgreSQL"),
    ("scenarios: /etc", "scenarios: etc", "scenarios", "/"),
    ("# open-hole: 60s", "open-hole: 1s", "alerts.open-hole", "5s"),
    ("# open-hole: 60s", "open-holes: 60s", "alerts.open-holes", "did you mean 'open-hole'?"),
    ("scenarios: /etc", "http: {}\nscenarios: /etc", "http", "not part of this version"),
    ("scenarios: /etc", "signing: {}\nscenarios: /etc", "signing.key", "missing"),
    ("scenarios: /etc", "signing: {key: summary.key}\nscenarios: /etc", "signing.key", "absolute"),
    ("mqtt:\n", "mqttt:\n", "mqttt", "did you mean 'mqtt'?"),
]


def check(tmp_path, command, text, old, new, path, remedy):
    assert text.count(old) >= 1, old
    file = tmp_path / "file.yaml"
    # The marker shows where the changed line went.
    changed = text.replace(old, new, 1)
    file.write_text(changed)
    result = subprocess.run([*command, file], capture_output=True, text=True, timeout=5)
    assert result.returncode == 78, result.stderr
    lines = [line for line in result.stderr.splitlines() if f": {path}" in line]
    assert lines, f"no line about {path} in:\n{result.stderr}"
    found = re.match(r".*?file\.yaml:(\d+):(\d+): ([^:]+): (.+)", lines[0])
    assert found, lines[0]
    assert remedy in lines[0]
    if new:
        touched = [number for number, line in enumerate(changed.splitlines(), 1) if new.splitlines()[0].strip() in line]
        near = {number + step for number in touched for step in range(-2, 3)}
        assert int(found[1]) in near, f"line {found[1]} is not where the fault is: {touched}"


@pytest.mark.parametrize("old, new, path, remedy", AGENT_FAULTS)
def test_agent_fault_is_told_with_its_place(tmp_path, old, new, path, remedy):
    check(tmp_path, [AGENT, "check", "--config"], AGENT_YAML, old, new, path, remedy)


@pytest.mark.parametrize("old, new, path, remedy", COLLECTOR_FAULTS)
def test_collector_fault_is_told_with_its_place(tmp_path, old, new, path, remedy):
    check(tmp_path, [FIELDPROOF, "collect", "--config"], COLLECTOR_YAML, old, new, path, remedy)


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    file = tmp_path / "agent.yaml"
    file.write_text(AGENT_YAML.replace("sync: 1s", "sync: 1").replace("senml: every", "senml: evry").replace("type: host", "typ: host"))
    result = subprocess.run([AGENT, "run", "--config", file], capture_output=True, text=True, timeout=5)
    assert result.returncode == 78
    assert len(result.stderr.splitlines()) == 3, result.stderr


@pytest.mark.parametrize(
    "command, status",
    [
        ([AGENT, "check", "--config", "/nonexistent.yaml"], 78),
        ([AGENT, "frobnicate"], 64),
        ([AGENT, "mark"], 64),
        ([AGENT, "mark", "No_Event"], 64),
        ([AGENT, "inputs", "nothing"], 64),
        ([FIELDPROOF, "report"], 64),
        ([FIELDPROOF, "scenario", "check", "/nonexistent.yaml"], 78),
        ([FIELDPROOF, "decode", "/dev/null"], 0),
        ([AGENT, "--version"], 0),
        ([FIELDPROOF, "--help"], 0),
    ],
)
def test_exit_statuses(command, status):
    result = subprocess.run(command, capture_output=True, text=True, timeout=10)
    assert result.returncode == status, result.stderr + result.stdout


@pytest.mark.parametrize(
    "kind", "exec host hwmon iio line modbus mqtt prometheus ros2 serial statsd stdin tail w1".split())
def test_a_printed_sample_passes_the_check(tmp_path, kind):
    sample = subprocess.run([AGENT, "inputs", kind], capture_output=True, text=True, timeout=5).stdout
    text = AGENT_YAML[: AGENT_YAML.index("inputs:")] + "inputs:\n" + "".join("  " + line + "\n" for line in sample.splitlines())
    file = tmp_path / "agent.yaml"
    file.write_text(text)
    result = subprocess.run([AGENT, "check", "--config", file], capture_output=True, text=True, timeout=5)
    assert result.returncode == 0, result.stderr

"""Every command that reads or makes a private key has given up core dumps before: seen in its system calls."""

import json
import re
import shutil
import subprocess

import pytest
from harness import AGENT, FIELDPROOF, ROOT, eventually
from trust import Authority, run

EXAMPLES = ROOT / "Firmware-config/scenarios"
SCENARIO = "edge-box-acceptance"
pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing; run Tools/bootstrap")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Certificates for everybody, an agent and a collector that reach no broker, a key for signatures, and runs to sign a summary of."""
    place = tmp_path_factory.mktemp("p")
    authority = Authority(place / "ca")
    request = place / "collector.csr"
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=box-01", "-keyout", place / "box.key", "-out", request)
    shutil.copy(authority.enrol("agent", "box-01", "--request", request) / "box-01.pem", place / "box.pem")
    access = {"url": "mqtts://127.0.0.1:1", "ca": str(place / "ca/ca.pem"), "cert": str(place / "box.pem"), "key": str(place / "box.key")}
    (place / "scenarios").mkdir()
    shutil.copy(EXAMPLES / f"{SCENARIO}.yaml", place / "scenarios")
    (place / "agent.yaml").write_text(json.dumps({
        "agent": {"id": "box-01", "site": "lab"}, "mqtt": access, "control": {"listen": f"unix:{place}/control.sock"},
        "spool": {"path": f"{place}/spool", "size": "32MiB"},
        "inputs": [{"type": "mqtt", **access, "topics": [{"topic": "a", "format": {"type": "value", "series": "a", "unit": "1"}}]}]}))
    (place / "collector.yaml").write_text(json.dumps({
        "mqtt": access, "archive": {"path": f"{place}/archive"}, "store": f"sqlite:{place}/store.db", "scenarios": f"{place}/scenarios",
        "signing": {"key": f"{place}/summary.key"}}))
    configured = ("--config", place / "collector.yaml")
    run(FIELDPROOF, "key", "new", "--output", place / "summary.key")
    run(FIELDPROOF, "import", EXAMPLES / f"data/{SCENARIO}.frames.zst", *configured)
    run(FIELDPROOF, "report", SCENARIO, "--format", "dsse", "--output", place / "summary.dsse", *configured)
    return place


AGENTS = ["check", "run", "sample --seconds 1", "credentials request", "credentials show", "credentials install {place}/box.pem"]
COLLECTORS = [
    "collect", f"run start {SCENARIO} --site lab --id r1", f"run stop --scenario {SCENARIO} --site lab --id r1 --outcome success",
    "fleet diagnose box-01 --site lab", "key public", f"report {SCENARIO} --format dsse", "verify {place}/summary.dsse",
]
OPENED = re.compile(r'open(at)?\(.*\.key"')
OTHERS = [
    "key new --output {place}/other.key", "enrol agent box-02 --directory {place}/ca --output {place}/box-02",
    "enrol revoke box-01 --directory {place}/ca",
]


@pytest.mark.parametrize(("program", "config", "words"), [
    *((AGENT, "agent.yaml", words) for words in AGENTS), *((FIELDPROOF, "collector.yaml", words) for words in COLLECTORS),
    *((FIELDPROOF, None, words) for words in OTHERS),
], ids=lambda value: value.replace(" ", "-") if isinstance(value, str) and " " in value else None)
def test_a_key_is_in_no_memory_that_is_dumped(place, tmp_path, program, config, words):
    calls = tmp_path / "calls"
    command = ["strace", "-D", "-f", "-q", "-s", "4096", "-e", "trace=openat,?open,prctl", "-o", calls, program, *words.format(place=place).split()]
    process = subprocess.Popen(
        [str(word) for word in [*command, *(["--config", place / config] if config else [])]],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        # Some run for good, or wait for a broker.
        eventually(lambda: process.poll() is not None or (calls.exists() and OPENED.search(calls.read_text())), what="a key that is opened")
        process.terminate()
        process.wait(30)
    finally:
        process.kill()
    eventually(lambda: f"{process.pid} +++" in re.sub(" +", " ", calls.read_text()), what="the end of the trace")
    traced = calls.read_text().splitlines()
    keys = [number for number, call in enumerate(traced) if OPENED.search(call)]
    private = [number for number, call in enumerate(traced) if "PR_SET_DUMPABLE, SUID_DUMP_DISABLE" in call]
    assert keys, "no key was opened"
    assert private and private[0] < keys[0], traced[keys[0]]

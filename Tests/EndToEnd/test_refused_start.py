"""A program that cannot do its work says why and ends; it never stays behind half alive."""

import subprocess

import pytest
from harness import AGENT, FIELDPROOF


def run(*command):
    # An agent that cannot go on still delivers for at most ten seconds.
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def without_control_directory(site):
    site.agent_settings["control"]["listen"] = f"unix:{site.directory}/none/control.sock"
    return "/none/control.sock: cannot listen: No such file or directory; create its directory", 73


def with_another_file_as_control_socket(site):
    (site.directory / "control.sock").write_text("precious")
    return "/control.sock: is there already and is no socket; remove it, or set another 'control'", 73


def without_spool_directory(site):
    site.agent_settings["spool"]["path"] = f"{site.directory}/none/spool"
    return "/none/spool: could not create it: No such file or directory", 74


def with_exposed_password(site):
    password = site.directory / "password"
    password.write_text("secret\n")
    password.chmod(0o644)
    site.agent_settings["mqtt"] |= {"username": "box-01", "password-file": str(password)}
    return "/password: can be read by everybody; run 'chmod o= ", 78


@pytest.mark.parametrize(
    "fault",
    [without_control_directory, with_another_file_as_control_socket, without_spool_directory, with_exposed_password],
    ids=lambda fault: fault.__name__.replace("_", "-"),
)
@pytest.mark.parametrize("broker", [True, False], ids=["broker", "no-broker"])
def test_agent(site, fault, broker):
    message, status = fault(site)
    site.write_settings()
    if broker:
        site.broker.start()
    ended = run(AGENT, "run", "--config", site.agent_file)
    assert message in ended.stderr
    assert ended.returncode == status
    assert "secret" not in ended.stderr


def test_agent_stores_what_it_accepted_before_it_ends(site):
    site.agent_settings["inputs"] = [{"type": "host", "every": "50ms"}]
    without_control_directory(site)
    site.write_settings()
    assert run(AGENT, "run", "--config", site.agent_file).returncode == 73
    verified = run(AGENT, "spool", "verify", "--config", site.agent_file)
    assert verified.returncode == 0, verified.stdout
    dumped = site.directory / "frames.bin"
    assert run(AGENT, "spool", "dump", "--output", dumped, "--config", site.agent_file).returncode == 0
    listing = run(FIELDPROOF, "decode", "--format", "line", dumped).stdout
    assert 'name="agent.start"' in listing and 'name="agent.stop"' in listing and "memory.available" in listing


@pytest.mark.parametrize(
    "command", [("run", "list"), ("run", "stop", "--id", "r1", "--outcome", "success"), ("report", "demo")], ids=" ".join
)
def test_questions_before_there_is_a_store(site, command):
    site.write_settings()
    (site.directory / "scenarios/demo.yaml").write_text(
        "schema: fieldproof/scenario/v1\nid: demo\nversion: 1.0.0\ntitle: {en: Demo}\nsetting: real\n"
        "criteria: [{id: ok, statistic: proportion, outcome: success, at-least: 0.9, confidence: 0.95}]\n"
    )
    asked = run(FIELDPROOF, *command, "--config", site.collector_file)
    assert "there is no store yet; start the collector, or run 'fieldproof rebuild'" in asked.stderr
    assert asked.returncode == 74 and asked.stdout == ""
    assert not (site.directory / "store.db").exists(), "who only asks makes nothing"


def test_collector_without_definitions(site):
    (site.directory / "scenarios").rmdir()
    site.write_settings()
    ended = run(FIELDPROOF, "collect", "--config", site.collector_file)
    assert "/scenarios: the scenarios directory cannot be read: No such file or directory" in ended.stderr
    assert ended.returncode == 78

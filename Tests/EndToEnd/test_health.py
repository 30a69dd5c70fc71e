"""Who asks how the programs are: `/healthz`, `/metrics`, systemd and its watchdog."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time

import pytest
from harness import ROOT, eventually, free_port
from watching import PAGE, Manager, Watcher, families, promtool

MONITORING = ROOT / "Firmware-config" / "monitoring"
SCENARIO = """
schema: fieldproof/scenario/v1
id: shift
version: 1.0.0
title: {en: A shift}
setting: real
runs: {outcomes: [success, failure]}
criteria:
  - {id: success-rate, statistic: proportion, outcome: success, at-least: 0.50, confidence: 0.95}
"""


def watch(site, kind="unix"):
    """Both programs listen; returns who asks them."""
    addresses = []
    for name, settings in (("agent", site.agent_settings), ("collector", site.collector_settings)):
        address = f"unix:{site.directory}/{name}-health.sock" if kind == "unix" else f"tcp:127.0.0.1:{free_port()}"
        settings["health"] = {"listen": address}
        addresses.append(address)
    return [Watcher(address) for address in addresses]


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_whoever_asks_is_told_how_both_programs_are(site, kind):
    agent, collector = watch(site, kind)
    site.start()
    assert agent.health[0] == 200
    assert "broker" not in agent.health[2]
    eventually(lambda: collector.health == (200, "ok", ""), what="a collector that is well")
    for watcher in (agent, collector):
        assert watcher.ask("/metrics", "HEAD").text == ""
        assert watcher.ask("/nothing").status == 404
        refused = watcher.ask("/metrics", "POST")
        assert refused.status == 405
        assert refused.headers["Allow"] == "GET, HEAD"
    if kind == "unix":
        for name in ("agent", "collector"):
            mode = (site.directory / f"{name}-health.sock").stat().st_mode
            assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660

    # What a restart does not cure is told, and is no reason for one.
    site.broker.kill()
    eventually(lambda: "no connection to the broker" in agent.health[2], what="word of the broker")
    eventually(lambda: "no connection to the broker" in collector.health[2], what="word of the broker")
    assert agent.health[:2] == collector.health[:2] == (200, "degraded")
    site.broker.start()
    eventually(lambda: collector.health == (200, "ok", ""), 60, "a collector that is well again")
    assert site.agent.stop() == 0
    assert site.collector.stop() == 0
    assert not (site.directory / "agent-health.sock").exists()


def test_without_the_key_nobody_listens(site):
    site.start()
    # Descriptors of both processes: no socket listens but the agent's control socket and its input.
    listening = subprocess.run(["cat", "/proc/net/unix"], capture_output=True, text=True).stdout
    own = {line.split()[-1] for line in listening.splitlines() if str(site.directory) in line}
    assert own == {f"{site.directory}/control.sock", f"{site.directory}/line.sock"}


def test_metrics_say_what_became_of_every_sample(site):
    agent, collector = watch(site)
    (site.directory / "scenarios" / "shift.yaml").write_text(SCENARIO)
    site.agent_settings["inputs"].append(
        {"type": "modbus", "device": {"url": f"tcp://127.0.0.1:{free_port()}", "unit": 1},
         "every": "1s", "registers": [{"address": 0, "kind": "input", "series": "room.level"}]}
    )
    site.start()
    before = agent.value("fieldproof_agent_input_samples_total", input="line", kind="line")
    site.feed(range(500))
    site.send_line("this is no line")
    assert site.mark("run.start", "scenario=shift", "id=r1").returncode == 0
    assert site.mark("run.stop", "scenario=shift", "id=r1", "outcome=success").returncode == 0
    site.wait_until_drained()

    values = agent.metrics
    def value(name, **labels):
        return values.get((name, tuple(sorted(labels.items()))))

    assert value("fieldproof_agent_input_samples_total", input="line", kind="line") == before + 500
    assert value("fieldproof_agent_samples_rejected_total", input="line", reason="bad line") == 1
    assert value("fieldproof_agent_samples_accepted_total") >= 503
    assert value("fieldproof_agent_frames_sent_total") >= 2
    assert value("fieldproof_agent_frames_acknowledged_total", **{"class": "metric"}) >= 1
    assert value("fieldproof_agent_broker_connected") == 1
    assert value("fieldproof_agent_broker_connections_total") == 1
    assert value("fieldproof_agent_input_up", input="line", kind="line") == 1
    assert value("fieldproof_agent_input_up", input="modbus", kind="modbus") == 0
    assert value("fieldproof_agent_spool_oldest_pending_seconds", **{"class": "event"}) < 60
    assert value("fieldproof_agent_previous_end_unclean", **{"class": "metric"}) == 0
    age = time.time() - value("fieldproof_agent_input_last_delivery_timestamp_seconds", input="line", kind="line")
    assert -1 < age < 60
    assert 0 <= time.time() - value("process_start_time_seconds") < 120
    assert value("process_resident_memory_bytes") > 1 << 20
    status = site.spool_status()
    assert value("fieldproof_agent_spool_used_bytes") == status["spool"]["used_bytes"]

    def archived():
        return collector.value("fieldproof_collector_agent_samples_archived_total", site="lab", agent="box-01") or 0

    eventually(lambda: archived() >= 503, what="the samples in the collector's figures")
    assert collector.value("fieldproof_collector_agents", standing="heard") == 1
    assert collector.value("fieldproof_collector_agent_silent", site="lab", agent="box-01") == 0
    assert collector.value("fieldproof_collector_agent_frames_missing", site="lab", agent="box-01") == 0

    def verdicts():
        names = ("pass", "fail", "inconclusive")
        return [collector.value("fieldproof_collector_scenario_verdict", scenario="shift", verdict=name) for name in names]

    eventually(lambda: verdicts().count(1) == 1 and sum(verdicts()) == 1, 30, "one verdict of three")
    assert collector.value("fieldproof_collector_scenario_runs", scenario="shift") == 1

    # A stranger sends what is no frame: it is counted by its reason, and makes no series of its own.
    names = {name for name, _ in collector.metrics}
    publisher = site.subscriber("nothing/#")
    for number in range(3):
        publisher.publish(f"fieldproof/v1/lab/stranger-{number}/up/metric", b"rubbish")
    eventually(
        lambda: collector.value("fieldproof_collector_payloads_refused_total", reason="malformed") == 3,
        what="three refusals")
    assert {name for name, _ in collector.metrics} == names
    assert not any("stranger" in str(key) for key in collector.metrics)


def test_a_power_cut_shows_in_the_metrics(site):
    agent, _ = watch(site)
    site.write_settings()
    site.agent.start()
    eventually(lambda: agent.answers and agent.health[1] == "degraded", what="an agent without a broker")
    site.feed(range(10))
    eventually(lambda: (agent.value("fieldproof_agent_spool_pending_samples", **{"class": "metric"}) or 0) >= 10,
               what="samples that wait")
    site.agent.kill()
    site.agent.start()
    eventually(lambda: agent.answers and agent.health[0] == 200, what="the agent's return")
    assert agent.value("fieldproof_agent_previous_end_unclean", **{"class": "metric"}) == 1
    # Frames of the last start wait, of which nobody has counted the samples.
    assert agent.value("fieldproof_agent_spool_pending_samples", **{"class": "metric"}) is None
    assert agent.value("fieldproof_agent_spool_pending_frames", **{"class": "metric"}) >= 1


# --- The page


def render(agent_text, collector_text):
    """The tables of the page, made of what the programs say."""
    parts = []
    for title, text, prefix in (
        ("The agent", agent_text, "fieldproof_agent"), ("The collector", collector_text, "fieldproof_collector"),
        ("Both, of their process", agent_text, "process"),
    ):
        parts.append(f"### {title}\n\n| metric | kind | labels | what |\n| --- | --- | --- | --- |")
        for name, kind, labels, help_text in families(text):
            if name.startswith(prefix + "_"):
                parts.append(f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {help_text} |")
        parts[-1] += "\n"
    return "\n".join(parts)


def test_the_page_lists_exactly_the_metrics_that_there_are(site):
    """With FIELDPROOF_WRITE_PAGES=1 the page is made anew instead."""
    agent, collector = watch(site)
    (site.directory / "scenarios" / "shift.yaml").write_text(SCENARIO)
    key = site.directory / "key"
    key.write_text("a" * 32)
    key.chmod(0o600)
    site.agent_settings["inputs"] += [
        {"type": "modbus", "device": {"url": f"tcp://127.0.0.1:{free_port()}", "unit": 1},
         "registers": [{"address": 0, "kind": "input", "series": "room.level"}]},
    ]
    site.agent_settings["pipeline"] = [
        {"match": "person.face", "action": "drop"}, {"match": "person.id", "action": "consent", "tag": "person"}
    ]
    site.start()
    site.feed(range(3))
    site.send_line("this is no line")
    assert site.mark("run.start", "scenario=shift", "id=r1").returncode == 0
    assert site.mark("run.stop", "scenario=shift", "id=r1", "outcome=success").returncode == 0
    eventually(lambda: agent.value("fieldproof_agent_samples_rejected_total", input="line", reason="bad line"), what="a refusal")
    eventually(
        lambda: collector.value("fieldproof_collector_scenario_verdict", scenario="shift", verdict="pass") is not None,
        30, "a verdict")
    made = render(agent.ask("/metrics").text, collector.ask("/metrics").text)
    page = PAGE.read_text()
    head, mark, rest = page.partition("<!-- made by test_health.py -->\n")
    assert mark, "the page has lost the place of its tables"
    tables, end, tail = rest.partition("<!-- until here -->\n")
    # Labels of families that have no sample in this run are written by hand.
    by_hand = {
        "fieldproof_agent_frames_lost_total": "`class`, `reason`", "fieldproof_agent_samples_lost_total": "`class`, `reason`",
        "fieldproof_agent_certificate_expiry_timestamp_seconds": "`use`",
    }
    for name, labels in by_hand.items():
        for kind in ("counter", "gauge"):
            made = made.replace(f"| `{name}` | {kind} |  |", f"| `{name}` | {kind} | {labels} |")
    if os.environ.get("FIELDPROOF_WRITE_PAGES"):
        PAGE.write_text(head + mark + made + end + tail)
    else:
        assert tables == made, "the page differs; make it anew with FIELDPROOF_WRITE_PAGES=1"


# --- systemd


def start(process, environment, prefix=()):
    """Starts a program with another environment, and perhaps under another program."""
    with open(process.log_path, "ab") as log:
        process.process = subprocess.Popen(
            [*prefix, *process.command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)


def test_systemd_hears_of_the_start_of_reloads_and_of_the_end(site):
    site.agent_settings["inputs"] += [
        {"type": "host", "every": "1s"},
        # A sensor that never answers.
        {"type": "modbus", "device": {"url": f"tcp://127.0.0.1:{free_port()}", "unit": 1},
         "registers": [{"address": 0, "kind": "input", "series": "room.level"}]},
    ]
    site.write_settings()
    site.broker.start()
    for process, name in ((site.agent, "agent"), (site.collector, "collector")):
        folder = site.directory / f"systemd-{name}"
        folder.mkdir()
        manager = Manager(folder, watchdog=2)
        start(process, manager.environment)
        eventually(lambda: manager.has_heard("READY=1"), what=f"that the {name} is ready")
        assert (site.directory / ("spool" if name == "agent" else "archive") / "identity").exists()
        # A dead broker is no reason to be restarted, and a dead sensor neither.
        site.broker.kill()
        fed = manager.count("WATCHDOG=1")
        eventually(lambda: manager.count("WATCHDOG=1") >= fed + 4, what="a watchdog that is fed")
        site.broker.start()
        before = time.monotonic()
        process.process.send_signal(signal.SIGHUP)
        eventually(lambda: manager.has_heard("RELOADING=1", since=before), what="a reload")
        eventually(lambda: manager.has_heard("READY=1", since=before), what="the end of it")
        reload = next(lines for at, lines in manager.messages if at >= before and "RELOADING=1" in lines)
        moment = int(next(line for line in reload if line.startswith("MONOTONIC_USEC=")).partition("=")[2])
        # systemd takes the reload for the one that it asked for only when it is not older than the signal.
        assert before * 1e6 <= moment <= time.monotonic() * 1e6
        assert process.stop() == 0
        assert manager.has_heard("STOPPING=1")
        # Nothing is ready before it is: not with a spool that is still being opened.
        first = [lines for _, lines in manager.messages]
        assert all("WATCHDOG=1" not in lines for lines in first[: next(i for i, lines in enumerate(first) if "READY=1" in lines)])
        manager.close()


def test_an_opening_asks_for_time(site):
    """An archive that is read through for a new store, and a spool that is looked through after a crash."""
    site.start()
    site.feed(range(100))
    site.wait_until_drained()
    assert site.collector.stop() == 0
    site.feed(range(100))
    assert site.mark("test.flush").returncode == 0
    site.agent.kill()
    for path in site.directory.glob("store.db*"):
        path.unlink()
    for process, what in ((site.collector, "archive"), (site.agent, "spool")):
        folder = site.directory / f"opening-{what}"
        folder.mkdir()
        manager = Manager(folder)
        start(process, manager.environment)
        eventually(lambda: manager.has_heard("READY=1"), what="that it is ready")
        heard = [line for _, lines in manager.messages for line in lines]
        before = heard[: heard.index("READY=1")]
        assert "EXTEND_TIMEOUT_USEC=60000000" in before
        assert any(line.startswith("STATUS=") and what in line for line in before)
        manager.close()


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing; run Tools/bootstrap")
def test_a_sync_that_hangs_starves_the_watchdog_and_one_that_ends_feeds_it_again(site):
    agent, _ = watch(site)
    site.agent_settings["inputs"].append({"type": "host", "every": "100ms"})
    site.agent_settings["spool"]["sync"] = "100ms"
    site.write_settings()
    site.broker.start()
    manager = Manager(site.directory, watchdog=2)
    # Of each thread the sixtieth sync takes ten seconds. Only the engine's thread makes as many, and fewer before it is ready.
    hang = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=10000000:when=60"]
    start(site.agent, manager.environment, ["strace", "-f", "-D", "-qq", "-o", "/dev/null", *hang])
    eventually(lambda: manager.has_heard("READY=1"), what="that the agent is ready")
    eventually(lambda: manager.count("WATCHDOG=1") >= 1, what="a watchdog that is fed")
    stalled = eventually(lambda: agent.health if agent.health[0] == 503 else None, 30, "an agent that is stalled")
    assert stalled[1] == "stalled"
    assert "has not come round" in stalled[2]
    assert agent.value("fieldproof_agent_alive") == 0
    assert agent.value("fieldproof_agent_engine_delay_seconds") > 1
    # What only the engine knows is left out; what others know is there.
    assert agent.value("fieldproof_agent_spool_syncs_total") is None
    assert agent.value("fieldproof_agent_input_samples_total", input="host", kind="host") > 0
    # The watchdog's next meal is due within a second: two without one mean that it gets none.
    manager.listen()
    silent_since = time.monotonic()
    manager.listen(2.5)
    assert manager.count("WATCHDOG=1", since=silent_since) == 0, manager.messages
    site.agent.wait_for_log("the watchdog is not fed")
    eventually(lambda: agent.health[0] == 200, 30, "an agent that is alive again")
    eventually(lambda: manager.has_heard("WATCHDOG=1", since=silent_since), what="a watchdog that is fed again")
    site.agent.wait_for_log("data flow again")
    assert site.agent.stop() == 0


@pytest.mark.parametrize(
    ("listen", "status", "words"),
    [
        ("tcp:127.0.0.1:{taken}", 73, "stop the program that has it"),
        ("unix:/nowhere/health.sock", 73, "create the socket's directory"),
        ("unix:{file}", 73, "is no socket"),
    ],
)
def test_an_address_that_cannot_be_had_is_refused_at_the_start(site, listen, status, words):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (site.directory / "file").write_text("mine")
        address = listen.format(taken=taken.getsockname()[1], file=site.directory / "file")
        site.agent_settings["health"] = site.collector_settings["health"] = {"listen": address}
        site.write_settings()
        for process in (site.agent, site.collector):
            process.start()
            assert process.process.wait(20) == status
            assert words in process.log
        assert (site.directory / "file").read_text() == "mine"


def test_who_listens_to_every_network_is_warned(site):
    site.agent_settings["health"] = {"listen": f"tcp:0.0.0.0:{free_port()}"}
    site.collector_settings["health"] = {"listen": f"tcp:[::]:{free_port()}"}
    site.start()
    for process in (site.agent, site.collector):
        assert "whoever reaches this port may read" in process.log


# --- Prometheus


def test_the_rules_are_sound_and_do_what_they_say(tmp_path):
    # As they are installed: the configuration names the rules where they then lie.
    (tmp_path / "rules").mkdir()
    shutil.copy(MONITORING / "prometheus.yaml", tmp_path / "prometheus.yml")
    shutil.copy(MONITORING / "prometheus-rules.yaml", tmp_path / "rules" / "fieldproof.yaml")
    for words in (
        ("check", "rules", MONITORING / "prometheus-rules.yaml"), ("check", "config", tmp_path / "prometheus.yml"),
        ("test", "rules", MONITORING / "prometheus-rules.test.yaml"),
    ):
        result = promtool(*words)
        assert result.returncode == 0, result.stdout + result.stderr


def test_the_rules_speak_of_metrics_that_there_are():
    known = set(re.findall(r"`((?:fieldproof|process)_\w+)`", PAGE.read_text()))
    for file in ("prometheus-rules.yaml", "prometheus-rules.test.yaml"):
        used = set(re.findall(r"\bfieldproof_\w+", (MONITORING / file).read_text()))
        assert used and used <= known, used - known

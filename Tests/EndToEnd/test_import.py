"""A site without a network: a stick instead of a broker."""

import json
import subprocess

import pytest
import zstandard
from harness import AGENT, FIELDPROOF, eventually

SCENARIO = """
schema: fieldproof/scenario/v1
id: lifting
version: 1.0.0
title: {en: Lifting}
setting: real
runs: {outcomes: [success, failure]}
metrics:
  load: {series: counter, where: {device: x}, unit: "1"}
criteria:
  - {id: success-rate, statistic: proportion, outcome: success, at-least: 0.50, confidence: 0.90}
  - {id: load-mean, statistic: mean, metric: load, reduce: max, at-most: 1000, confidence: 0.95}
completeness: {loss-at-most: 0}
"""
RUNS = 6


@pytest.fixture
def stick(site):
    """A box that nobody listened to, and what its spool holds on a stick."""
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    site.write_settings()
    site.agent.start()
    eventually(lambda: (site.directory / "control.sock").exists(), what="the control socket")
    for number in range(1, RUNS + 1):
        assert site.mark("run.start", "scenario=lifting", f"id=r{number}", "subject=arm-07").returncode == 0
        site.feed(range(number * 100, number * 100 + 50))
        eventually(lambda: site.spool_status()["accepted"] >= number * 52 - 1, what="the samples")
        assert site.mark("run.stop", "scenario=lifting", f"id=r{number}", "outcome=success").returncode == 0
    assert site.agent.stop() == 0
    path = site.directory / "box-01.frames"
    result = subprocess.run([AGENT, "spool", "dump", "--config", site.agent_file, "--output", path], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    site.dumped = int(result.stderr.split()[0])
    return path


def load(site, *files):
    result = site.fieldproof("import", "--json", *map(str, files))
    assert result.returncode in (0, 65), result.stderr
    return json.loads(result.stdout), result.returncode


def evidence(site):
    """The summary but for what tells how often frames came."""
    summary = site.summary("lifting")
    duplicates = summary["completeness"].pop("duplicates")
    return summary, duplicates


def test_what_a_stick_brings_is_judged_as_if_it_came_by_network_and_the_network_then_adds_nothing(site, stick):
    told, status = load(site, stick)
    assert status == 0
    file = told["files"][0]
    assert file["frames"] == file["taken"] == site.dumped and file["duplicates"] == file["refused"] == 0
    assert told["runs_folded"] == RUNS
    first, duplicates = evidence(site)
    assert first["verdict"] == "pass" and first["runs"]["counted"] == RUNS and duplicates == 0
    assert first["completeness"]["verdict"] == "complete"
    # The markers of runs count as samples, and the last words of the start.
    assert file["samples"] == first["completeness"]["delivered"] > RUNS * 52

    again, status = load(site, stick)
    assert status == 0 and again["runs_folded"] == 0
    assert again["files"][0]["duplicates"] == site.dumped and again["files"][0]["taken"] == 0
    assert evidence(site) == (first, site.dumped)
    assert site.fieldproof("rebuild").returncode == 0
    assert evidence(site) == (first, site.dumped)

    # The same box delivers what it still holds.
    site.broker.start()
    site.start_collector()
    site.start_agent()
    site.wait_until_drained()
    assert site.agent.stop() == 0
    assert site.collector.stop() == 0
    delivered, duplicates = evidence(site)
    assert duplicates >= 2 * site.dumped
    for part in ("verdict", "criteria", "runs"):
        assert delivered[part] == first[part]
    assert {run["run"]: run["completeness"]["delivered"] for run in delivered["ledger"]} == {
        run["run"]: run["completeness"]["delivered"] for run in first["ledger"]
    }
    # The one event of the drain, and the last words of this start.
    assert 0 < delivered["completeness"]["delivered"] - first["completeness"]["delivered"] < 10
    assert delivered["completeness"]["pending"] == delivered["completeness"]["lost"] == 0


def test_files_may_be_compressed_hexadecimal_or_piped_and_come_in_parts(site, stick):
    frames = stick.read_bytes()
    packed = site.directory / "box-01.frames.zst"
    packed.write_bytes(zstandard.ZstdCompressor().compress(frames))
    told, status = load(site, packed)
    assert status == 0 and told["files"][0]["taken"] == site.dumped
    listed = subprocess.run([FIELDPROOF, "decode", "--format", "csv", packed], capture_output=True, text=True)
    assert listed.stdout == subprocess.run([FIELDPROOF, "decode", "--format", "csv", stick], capture_output=True, text=True).stdout
    piped = subprocess.run(
        [FIELDPROOF, "import", "-", "--config", site.collector_file], input=packed.read_bytes(), capture_output=True
    )
    assert piped.returncode == 0, piped.stderr
    assert f"-: {site.dumped} frames: 0 taken with 0 samples, {site.dumped} duplicates, 0 refused" in piped.stdout.decode()


def test_what_is_wrong_with_a_file_is_told_and_costs_nothing_else(site, stick):
    frames = bytearray(stick.read_bytes())
    # A bit flipped by the stick, within a word of the first marker, and the last frame cut off.
    frames[frames.index(b"arm-07")] ^= 1
    broken = site.directory / "broken.frames"
    broken.write_bytes(frames[:-7])
    result = site.fieldproof("import", str(broken), str(stick))
    assert result.returncode == 65
    assert f"{broken}: {site.dumped - 1} frames: {site.dumped - 2} taken" in result.stdout
    assert "  refused, frame " in result.stdout
    assert "  not read to its end: it ends in the middle of a frame" in result.stdout
    assert f"{stick}: {site.dumped} frames: 2 taken" in result.stdout
    assert f"{RUNS} runs folded" in result.stdout
    assert evidence(site)[0]["verdict"] == "pass"

    text = site.directory / "notes.txt"
    text.write_text("bring milk\n")
    result = site.fieldproof("import", str(text))
    assert result.returncode == 65 and "neither a frame nor hexadecimal" in result.stdout
    missing = site.fieldproof("import", str(site.directory / "nothing"))
    assert missing.returncode == 65 and "No such file" in missing.stderr


def test_a_running_collector_keeps_its_archive_for_itself(site, stick):
    site.broker.start()
    site.start_collector()
    for command in (["import", str(stick)], ["rebuild"]):
        refused = site.fieldproof(*command)
        assert refused.returncode == 74
        assert "a collector or another command has this archive open; stop it first" in refused.stderr
    assert site.collector.stop() == 0
    assert site.fieldproof("import", str(stick)).returncode == 0


@pytest.mark.takes(25)
def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere(site, stick):
    import os
    import pty

    # Enough of it that a picture is due: what comes again is read all the same.
    many = site.directory / "many.frames"
    many.write_bytes(stick.read_bytes() * 4000)
    command = [FIELDPROOF, "import", many, "--config", site.collector_file]
    leader, terminal = pty.openpty()
    shown = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    picture = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        picture += piece
    assert shown.wait() == 0
    os.close(leader)
    text = picture.decode()
    assert "█" in text and "░" in text and " %, " in text and "frames" in text
    assert text.endswith("\r\x1b[K"), "the line is left free"
    plain = subprocess.run(command, capture_output=True, text=True)
    assert "█" not in plain.stderr and "\x1b" not in plain.stderr

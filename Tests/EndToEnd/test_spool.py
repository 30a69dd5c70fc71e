"""What an engineer sees of a spool on a box with a problem: `spool status`, `verify` and `dump`."""

import json
import subprocess

import cbor2
import pytest
from harness import AGENT, FIELDPROOF, Site, eventually


def spool(site, *words):
    return subprocess.run(
        [AGENT, "spool", *words, "--config", site.agent_file], capture_output=True, timeout=60
    )


def snapshot(site):
    return {path.name: path.read_bytes() for path in sorted((site.directory / "spool").iterdir())}


@pytest.fixture(scope="module")
def stranded(tmp_path_factory):
    """A box that took 2,000 samples while nobody listened, then stopped."""
    site = Site(tmp_path_factory.mktemp("stranded"))
    site.write_settings()
    site.agent.start()
    eventually(lambda: (site.directory / "line.sock").exists(), what="the line socket")
    site.feed(range(1, 2001))
    eventually(lambda: site.spool_status()["accepted"] >= 2000, what="the samples")
    assert site.mark("test.flush").returncode == 0
    eventually(lambda: site.spool_status()["spool"]["pending"]["metric"]["frames"] > 0, what="frames on disk")
    running = site.spool_status()
    assert running["spool"]["pending"]["metric"]["oldest"].endswith("Z")
    site.agent.stop()
    yield site
    site.close()


def test_a_stopped_spool_says_what_waits_since_when(stranded):
    status = json.loads(spool(stranded, "status", "--json").stdout)
    assert status["running"] is False
    assert status["sound"] is True
    assert status["spool"]["closed"] is True
    metric = status["spool"]["pending"]["metric"]
    assert metric["samples"] == 2000
    assert metric["oldest"] <= metric["newest"]
    text = spool(stranded, "status").stdout.decode()
    assert "pending metric" in text and "2000 samples" in text


def test_verify_reads_everything_and_changes_nothing(stranded):
    before = snapshot(stranded)
    result = spool(stranded, "verify")
    assert result.returncode == 0, result.stdout
    assert "every checksum, number and link is good" in result.stdout.decode()
    assert snapshot(stranded) == before


def test_dump_gives_every_waiting_frame_to_any_cbor_reader(stranded):
    dumped = stranded.directory / "dump.bin"
    result = spool(stranded, "dump", "--class", "metric", "--output", dumped)
    assert result.returncode == 0, result.stderr
    status = json.loads(spool(stranded, "status", "--json").stdout)
    frames = []
    with open(dumped, "rb") as file:
        while True:
            try:
                frames.append(cbor2.load(file))
            except cbor2.CBORDecodeEOF:
                break
    assert len(frames) == status["spool"]["pending"]["metric"]["frames"]
    decoded = subprocess.run([FIELDPROOF, "decode", "--format", "csv", dumped], capture_output=True, text=True, timeout=60)
    assert decoded.returncode == 0, decoded.stderr
    values = [row.split(",")[4] for row in decoded.stdout.splitlines()[1:]]
    assert sorted(map(int, values)) == list(range(1, 2001))
    again = spool(stranded, "dump", "--output", dumped)
    assert again.returncode == 73, "an existing file is left alone"


def test_verify_names_a_flipped_bit(stranded):
    segments = sorted((stranded.directory / "spool").glob("*.segment"))
    # Where the first frame of the metric class stands, as dump gives it.
    dumped = spool(stranded, "dump", "--class", "metric").stdout
    first = dumped[:64]
    holder = next(path for path in segments if first in path.read_bytes())
    content = bytearray(holder.read_bytes())
    content[content.index(first) + 40] ^= 1
    intact = holder.read_bytes()
    holder.write_bytes(content)
    result = spool(stranded, "verify")
    assert result.returncode == 65
    text = result.stdout.decode()
    assert holder.name in text and "damaged" in text and "class 'metric'" in text
    status = json.loads(spool(stranded, "status", "--json").stdout)
    assert status["sound"] is False and len(status["faults"]) == 1
    holder.write_bytes(intact)


def test_verify_beside_a_running_agent(site):
    site.start()
    site.feed(range(1, 500))
    site.wait_until_drained()
    result = spool(site, "verify", "--json")
    assert result.returncode == 0, result.stdout
    assert json.loads(result.stdout)["sound"] is True

"""What is personal stays on the box: nobody at the broker sees it, the archive has none of it, and a summary shows that it is so."""

import base64
import csv
import hashlib
import hmac
import io
import json
import subprocess

import pytest
from harness import FIELDPROOF, dump_archive, eventually

SCENARIO = """
schema: fieldproof/scenario/v1
id: care-room
version: 1.0.0
title: {en: Care room}
setting: real
runs: {outcomes: [success, failure]}
metrics:
  near: {series: room.position.x, unit: "1"}
criteria:
  - {id: success-rate, statistic: proportion, outcome: success, at-least: 0.04, confidence: 0.95}
completeness: {loss-at-most: 0}
governance:
  classification: internal
  redact:
    - {series: "camera.*", action: drop}
    - {series: "person.*", action: pseudonymise}
    - {series: "room.position.*", action: coarsen}
"""
KEY = "0123456789abcdef0123456789abcdef"
# What was measured of people: the first names them, the last two are where somebody stood, finer than anybody needs.
PERSONAL = ["mrs-chen", "mr-wang", "camera", "a face", "3.14159", "2.71828"]


def pseudonym(name, key=KEY):
    digest = hmac.new(key.encode(), name.encode(), hashlib.sha256).digest()
    return "p-" + base64.b32encode(digest[:10]).decode().lower()


def rules(site):
    key = site.directory / "pseudonym.key"
    key.write_text(KEY + "\n")
    key.chmod(0o600)
    return {
        "drop": {"match": "camera.*", "action": "drop"},
        "pseudonymise": {"match": "person.*", "action": "pseudonymise", "key-file": str(key), "tags": ["person"]},
        "coarsen": {"match": "room.position.*", "action": "coarsen", "step": "0.5 m"},
    }


@pytest.fixture
def room(site):
    """A collector that listens and a subscriber to everything; the agent is each test's own."""
    (site.directory / "scenarios" / "care-room.yaml").write_text(SCENARIO)
    site.agent_settings["publish"] = {"senml": "every", "state": "1s"}
    site.write_settings()
    site.broker.start()
    site.everything = site.subscriber("#")
    site.start_collector()
    return site


def spend_a_night(site, run="r1"):
    site.send_line(f'run,scenario=care-room,id={run} event="start"')
    for name in ("mrs-chen", "mr-wang", "mrs-chen"):
        site.send_line(f'person,device=bed,person={name} id="{name}",heart.rate=72')
    site.send_line('camera,device=cam frames=25i,seen="a face"')
    site.send_line("room.position,device=radar x=3.14159,y=2.71828")
    site.send_line('event,device=bed name="person.fell",person="mrs-chen"')
    site.send_line(f'run,scenario=care-room,id={run} event="stop",outcome="success"')
    site.wait_until_drained()


def summary(site, runs):
    def folded():
        result = site.fieldproof("report", "care-room")
        found = json.loads(result.stdout) if result.returncode == 0 else None
        return found if found and found["runs"]["counted"] == runs else None

    return eventually(folded, what="the fold")


def decoded(site):
    """The archive as CSV, and the bytes of its segments, where what is compressed cannot be seen."""
    frames = site.directory / "frames.bin"
    dump_archive(site.directory, frames)
    listing = subprocess.run([FIELDPROOF, "decode", "--format", "csv", frames], capture_output=True, text=True, timeout=60)
    assert listing.returncode == 0, listing.stderr
    return listing.stdout, b"".join(path.read_bytes() for path in (site.directory / "archive").glob("*.segment"))


def heard(site, kind):
    return b"\n".join(payload for topic, payload in list(site.everything.messages) if f"/box-01/{kind}" in topic)


def test_nobody_at_the_broker_and_nobody_at_the_archive_sees_what_the_rules_take_away(room):
    room.agent_settings["pipeline"] = list(rules(room).values())
    room.write_settings()
    room.start_agent()
    spend_a_night(room)
    found = summary(room, 1)

    for kind in ("up/", "senml", "state/", "meta"):
        eventually(lambda kind=kind: heard(room, kind), what=kind)
    eventually(lambda: b"3.0" in heard(room, "state/") or b":3," in heard(room, "state/") or b":3}" in heard(room, "state/"))
    # Frames are compressed where it saves something: what is in them is what decode says.
    up = b"".join(dict.fromkeys(room.everything.frames))
    (room.directory / "up.bin").write_bytes(up)
    shown = subprocess.run(
        [FIELDPROOF, "decode", "--format", "csv", room.directory / "up.bin"], capture_output=True, text=True, timeout=60
    )
    assert shown.returncode == 0, shown.stderr
    archive, segments = decoded(room)
    views = {
        "up": shown.stdout,
        "up, raw": up.decode("latin1"),
        "senml": heard(room, "senml").decode(),
        "state": heard(room, "state/").decode(),
        "meta": heard(room, "meta").decode(),
        "all topics": "\n".join(topic for topic, _ in room.everything.messages),
        "archive": archive,
        "archive, raw": segments.decode("latin1"),
        "spool, raw": b"".join(path.read_bytes() for path in (room.directory / "spool").glob("*.segment")).decode("latin1"),
        "log": room.agent.log,
    }
    for view, text in views.items():
        # The record names the rules themselves, and those only.
        rest = text.replace("camera.*", "")
        assert [word for word in PERSONAL if word in rest] == [], view

    # And yet it is worth something: the same person is the same one, and near enough is near enough.
    for name in ("mrs-chen", "mr-wang"):
        for view in ("up", "senml", "meta", "archive"):
            assert pseudonym(name) in views[view], f"{name} in {view}"
    rows = list(csv.DictReader(io.StringIO(archive)))
    assert sorted(float(row["value"]) for row in rows if row["series"].startswith("room.position.")) == [2.5, 3.0]
    assert [float(row["value"]) for row in rows if row["series"].startswith("person.heart.rate")] == [72] * 3

    # The record that the collector judges by.
    assert room.collector_events("redaction.applied") == 1
    (check,) = [check for check in found["completeness"]["checks"] if check["id"] == "redaction-applied"]
    assert check["holds"] and check["value"] == 0
    assert [demand["applied"] for demand in found["governance"]["redact"]] == [True] * 3
    assert found["verdict"] == "pass", found["reason"]


@pytest.mark.parametrize("lacking", ["drop", "pseudonymise", "coarsen"])
def test_an_agent_without_one_of_the_rules_bears_no_pass(room, lacking):
    present = rules(room)
    del present[lacking]
    room.agent_settings["pipeline"] = list(present.values())
    room.write_settings()
    room.start_agent()
    spend_a_night(room)
    found = summary(room, 1)
    (check,) = [check for check in found["completeness"]["checks"] if check["id"] == "redaction-applied"]
    assert not check["holds"] and check["value"] == 1
    assert found["verdict"] == "inconclusive"
    assert [demand["applied"] for demand in found["governance"]["redact"]] == [
        demand["action"] != lacking for demand in found["governance"]["redact"]
    ]
    assert "lab/box-01" in found["reason"] and lacking in found["reason"]
    if lacking == "drop":
        assert "camera.frames" in found["reason"] and "should have been dropped" in found["reason"]
    result = room.fieldproof("report", "care-room", "--strict")
    assert result.returncode == 1


def test_one_start_without_the_rules_is_not_covered_by_the_record_of_another(room):
    room.agent_settings["pipeline"] = list(rules(room).values())
    room.write_settings()
    room.start_agent()
    spend_a_night(room)
    assert summary(room, 1)["verdict"] == "pass"
    assert room.agent.stop() == 0
    del room.agent_settings["pipeline"]
    room.write_settings()
    room.start_agent()
    spend_a_night(room, "r2")
    found = summary(room, 2)
    (check,) = [check for check in found["completeness"]["checks"] if check["id"] == "redaction-applied"]
    assert not check["holds"] and found["verdict"] == "inconclusive"
    # It follows from the archive alone.
    path = room.directory / "summary.json"
    assert room.fieldproof("report", "care-room", "--output", path).returncode == 0
    assert room.fieldproof("verify", path).returncode == 0


def test_a_program_that_says_it_was_redacted_is_not_believed(room):
    """The names of the record are the agent's own: a line or a mark that uses them is refused."""
    room.start_agent()
    refused = room.mark("redaction.applied", "rule.1=drop camera.*")
    assert refused.returncode != 0 and "redaction.applied" in refused.stderr
    room.send_line('event,device=x name="redaction.applied"')
    spend_a_night(room)
    assert room.collector_events("redaction.applied") == 0
    assert summary(room, 1)["verdict"] == "inconclusive"

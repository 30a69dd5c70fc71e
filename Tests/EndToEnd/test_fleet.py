"""What an operator sees of agents from afar, and what he may ask of them: with a real broker and its ACL, and paho-mqtt as whoever may not."""

import json
import shutil
import subprocess
import uuid

import paho.mqtt.client as mqtt
import pytest
from harness import FIELDPROOF, ROOT, Subscriber, eventually

ACL = ROOT / "Firmware-config" / "broker" / "acl"
SECRET = "correct-horse-battery-staple"


def fleet(site, *words):
    result = site.fieldproof("fleet", *words, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def row(site):
    rows = fleet(site)["agents"]
    return rows[0] if rows else None


def log_of(site):
    result = site.fieldproof("fleet", "log", "--json")
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def guarded(site):
    """A site whose broker has the ACL that is delivered with Fieldproof."""
    with open(site.broker.configuration, "a") as configuration:
        configuration.write(f"acl_file {ACL}\n")
    site.agent_settings["mqtt"]["username"] = "box-01"
    site.collector_settings["mqtt"]["username"] = "collector"
    return site


def publisher(site, user, topic, payload):
    """Publishes as paho-mqtt under a user name; returns the broker's reason code."""
    reasons = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    if user:
        client.username_pw_set(user)
    client.on_publish = lambda _, __, ___, reason, ____: reasons.append(reason.value)
    client.connect("127.0.0.1", site.broker.port)
    client.loop_start()
    client.publish(topic, payload, qos=1)
    reason = eventually(lambda: reasons or None, what="the broker's answer")[0]
    client.disconnect()
    client.loop_stop()
    return reason


def request(command, **fields):
    return {"command": command, "request": uuid.uuid4().hex, "by": "test", **fields}


def test_fleet_shows_an_agent_while_it_is_there_and_after(site):
    site.start()
    site.feed(range(1, 101))
    site.wait_until_drained()
    found = eventually(lambda: (r := row(site)) and r["state"] == "online" and r["spool"] and r, what="the agent in the list")
    assert (found["site"], found["agent"], found["version"]) == ("lab", "box-01", "0.1.0")
    assert found["lost"] == {"frames": 0, "samples": 0, "reasons": []} and found["holes"]["frames"] == 0
    assert found["commands"] == ["diagnose", "drain", "resend"]
    assert isinstance(found["clock"]["synchronised"], bool) and len(found["install"]) == 32
    assert set(found["spool"]["pending"]) == {"event", "metric", "bulk"}
    assert site.fieldproof("fleet", "--strict").returncode == 0
    table = site.fieldproof("fleet").stdout
    assert "lab/box-01" in table and all(len(line) <= 100 for line in table.splitlines()), table
    assert site.fieldproof("fleet", "--site", "elsewhere").stdout.startswith("no agent is known")
    site.agent.kill()
    away = eventually(lambda: (r := row(site)) and r["state"] == "offline" and r, what="offline in the list")
    assert away["version"] == "0.1.0" and away["seen"] and away["spool"], "what was known stays"
    assert site.fieldproof("fleet", "--strict").returncode == 1
    assert "is offline since" in site.fieldproof("fleet").stdout
    # What is known outlives the collector, which says that it is of another time; and a rebuild.
    assert site.collector.stop() == 0
    assert site.fieldproof("rebuild").returncode == 0
    assert row(site)["state"] == "offline"
    assert fleet(site)["collector"]["current"] is False
    assert "the collector was stopped" in site.fieldproof("fleet").stdout


def test_an_agent_tells_what_waits_in_its_spool(site):
    site.agent_settings["spool"]["size"] = "32MiB"
    site.start()
    site.wait_until_drained()
    site.collector.kill()
    # A box that goes on without a collector says so itself: the pulse is retained.
    subscriber = site.subscriber("fieldproof/v1/lab/box-01/pulse")
    site.feed(range(1, 20001))
    waiting = eventually(
        lambda: next((p for p in map(json.loads, reversed(subscriber.payloads("pulse"))) if p["pending"]["metric"]["frames"]), None),
        90, "a pulse that tells of what waits")
    assert waiting["pending"]["metric"]["oldest"].startswith("20")
    site.start_collector()
    eventually(lambda: site.pending == 0, 30, "the drain")


def test_only_operator_and_collector_may_ask(guarded):
    guarded.start()
    subscriber = Subscriber(guarded.broker.port, "fieldproof/v1/+/+/answer", username="operator")
    guarded.open.append(subscriber)
    topic = "fieldproof/v1/lab/box-01/down/command"
    eventually(lambda: row(guarded), what="the agent in the list")
    for user in ("box-02", "box-01", "somebody", None):
        assert publisher(guarded, user, topic, json.dumps(request("diagnose"))) == 0x87, user
    # Nor may anybody answer for another agent.
    for user in ("box-02", "somebody", None, "operator", "collector"):
        assert publisher(guarded, user, "fieldproof/v1/lab/box-01/answer", b"{}") == 0x87, user
    assert publisher(guarded, "box-02", "fieldproof/v1/lab/box-01/pulse", b"{}") == 0x87
    asked = request("diagnose")
    assert publisher(guarded, "operator", topic, json.dumps(asked)) < 0x80
    answer = json.loads(eventually(lambda: subscriber.payloads("answer"), what="the answer")[0])
    assert (answer["request"], answer["state"]) == (asked["request"], "done")
    # The audit is in the archive, and of what was denied there is nothing.
    entries = eventually(lambda: (e := log_of(guarded)) and e[0]["outcome"] and e, what="the log")
    assert [(e["command"], e["request"], e["by"], e["outcome"]) for e in entries] == [("diagnose", asked["request"], "test", "done")]
    assert guarded.agent.stop() == 0 and guarded.collector.stop() == 0
    (guarded.directory / "store.db").unlink()
    assert guarded.fieldproof("rebuild").returncode == 0
    assert [e["request"] for e in log_of(guarded)] == [asked["request"]]


def test_who_may_not_ask_is_told_why(guarded):
    guarded.start()
    eventually(lambda: row(guarded), what="the agent in the list")
    guarded.collector_settings["mqtt"]["username"] = "box-02"
    other = guarded.directory / "other.yaml"
    other.write_text(json.dumps(guarded.collector_settings))
    words = [FIELDPROOF, "fleet", "diagnose", "box-01", "--site", "lab", "--config", other]
    result = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert result.returncode == 69 and "keeps its status from this user" in result.stderr, result.stderr
    # Somebody who may read everything and write nothing.
    acl = guarded.directory / "acl"
    acl.write_text(ACL.read_text() + "\nuser reader\ntopic read fieldproof/v1/#\n")
    guarded.broker.configuration.write_text(guarded.broker.configuration.read_text().replace(str(ACL), str(acl)))
    import signal

    guarded.broker.process.send_signal(signal.SIGHUP)
    guarded.collector_settings["mqtt"]["username"] = "reader"
    other.write_text(json.dumps(guarded.collector_settings))

    def refused():
        result = subprocess.run(words, capture_output=True, text=True, timeout=60)
        return result.returncode == 65 and "not authorized" in result.stderr and "down/command" in result.stderr

    eventually(refused, 30, "the refusal")


def test_an_agent_that_is_away_or_old_or_unknown_is_told_at_once(site):
    site.start()
    eventually(lambda: row(site), what="the agent in the list")
    site.agent.kill()
    subscriber = site.subscriber("fieldproof/v1/lab/+/status")
    eventually(lambda: subscriber.payloads("status") and subscriber.payloads("status")[-1] == b"offline", what="the will")
    result = site.fieldproof("fleet", "drain", "box-01")
    assert result.returncode == 69 and "is offline" in result.stderr, result.stderr
    result = site.fieldproof("fleet", "drain", "box-09")
    assert result.returncode == 64 and "--site" in result.stderr
    result = site.fieldproof("fleet", "drain", "box-09", "--site", "lab")
    assert result.returncode == 69 and "knows of no agent" in result.stderr
    subscriber.publish("fieldproof/v1/lab/box-02/status", "online", retain=True)
    subscriber.publish("fieldproof/v1/lab/box-02/meta", json.dumps({"version": "0.0.9", "series": []}), retain=True)
    result = site.fieldproof("fleet", "diagnose", "box-02", "--site", "lab")
    assert result.returncode == 69 and "of version 0.0.9 that knows no 'diagnose'" in result.stderr, result.stderr


def test_drain_returns_when_a_backlog_is_delivered(site):
    site.agent_settings["spool"]["sync"] = "30s"
    site.start()
    site.wait_until_drained()
    site.collector.kill()
    for start in range(1, 4001, 500):
        # Each mark closes what is open: many frames wait.
        site.feed(range(start, start + 500))
        assert site.mark("run.start", "scenario=s", f"id=r{start}").returncode == 0
    assert site.pending > 8
    site.start_collector()
    site.feed(range(4001, 4101))
    result = site.fieldproof("fleet", "drain", "box-01")
    assert result.returncode == 0, result.stderr
    assert "everything is delivered" in result.stdout
    assert site.archived_counts() == {number: 1 for number in range(1, 4101)}, "what was open is delivered too"
    assert [e["outcome"] for e in log_of(site)] in (["done"], [None]), "its end may still be on its way"


def test_drain_with_stop_ends_the_agent_in_good_order(site):
    site.start()
    site.feed(range(1, 1001))
    result = site.fieldproof("fleet", "drain", "box-01", "--stop")
    assert result.returncode == 0, result.stderr
    assert "the agent has ended" in result.stdout
    assert site.agent.process.wait(20) == 0
    assert site.archived_counts() == {number: 1 for number in range(1, 1001)}
    eventually(lambda: row(site)["state"] == "offline", what="offline")
    eventually(lambda: log_of(site)[0]["details"] == "stop=true", what="the audit")
    assert site.collector_events("stream.end") == 3, "nothing is open behind it"


def test_resend_heals_an_archive_that_was_restored_from_a_copy(site):
    site.start()
    site.feed(range(1, 501))
    site.wait_until_drained()
    assert site.collector.stop() == 0
    copy = site.directory / "copy"
    shutil.copytree(site.directory / "archive", copy)
    shutil.copy(site.directory / "store.db", site.directory / "copy.db")
    site.start_collector()
    site.feed(range(501, 2001))
    site.wait_until_drained()
    assert site.archived_counts() == {number: 1 for number in range(1, 2001)}
    assert site.collector.stop() == 0
    shutil.rmtree(site.directory / "archive")
    shutil.copytree(copy, site.directory / "archive")
    for name in ("store.db-wal", "store.db-shm"):
        (site.directory / name).unlink(missing_ok=True)
    shutil.copy(site.directory / "copy.db", site.directory / "store.db")
    site.start_collector()
    assert len(site.archived_counts()) == 500, "the rest was acknowledged and released, and is gone from the archive"
    result = site.fieldproof("fleet", "resend", "box-01")
    assert result.returncode == 0, result.stderr
    assert "went again" in result.stdout
    eventually(lambda: site.archived_counts() == {number: 1 for number in range(1, 2001)}, 30, "the healed archive")
    eventually(lambda: row(site)["holes"]["frames"] == 0, what="no hole")
    assert row(site)["lost"]["frames"] == 0
    assert "lacks nothing" in site.fieldproof("fleet", "resend", "box-01", "--holes").stdout


def test_resend_of_a_range_sends_that_and_no_more(site):
    site.start()
    for number in range(1, 11):
        site.feed([number])
        assert site.mark("run.start", "scenario=s", f"id=r{number}").returncode == 0
    site.wait_until_drained()
    subscriber = site.subscriber("fieldproof/v1/lab/box-01/up/metric")
    before = len(subscriber.frames)
    result = site.fieldproof("fleet", "resend", "box-01", "--site", "lab", "--stream", "metric", "--from", "3", "--to", "5")
    assert result.returncode == 0, result.stderr
    assert "3 frames of those" in result.stdout
    eventually(lambda: len(subscriber.frames) == before + 3, what="three frames")
    result = site.fieldproof("fleet", "resend", "box-01", "--stream", "bulk")
    assert result.returncode == 69 and "knows no such stream" in result.stderr


def test_a_diagnosis_tells_much_and_no_secret(site):
    password = site.directory / "password"
    password.write_text(SECRET + "\n")
    password.chmod(0o600)
    key = site.directory / "pseudonym.key"
    key.write_text("00112233445566778899aabbccddeeff" * 2)
    key.chmod(0o600)
    site.agent_settings["mqtt"].update({"username": "box-01", "password-file": str(password)})
    site.agent_settings["pipeline"] = [
        {"match": "person.*", "action": "pseudonymise", "key-file": str(key), "tags": ["person"]}
    ]
    site.agent_settings["inputs"].append({"type": "tail", "name": "scale", "path": str(site.directory / "no-such.log"), "format": {"type": "value", "series": "w"}})
    site.start()
    site.send_line("this is no line")
    eventually(lambda: "scale" in site.agent.log or "no-such" in site.agent.log, what="a warning in the log")
    result = site.fieldproof("fleet", "diagnose", "box-01", "--site", "lab", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["agent"] == "box-01" and report["version"] == "0.1.0" and report["uptime_s"] >= 0
    assert report["configuration"].startswith("sha256:") and len(report["configuration"]) == 71
    assert [i["name"] for i in report["inputs"]] == ["line", "scale"]
    scale = report["inputs"][1]
    assert scale["state"] == "silent" and "no-such" in json.dumps(scale["silent"]), scale
    assert report["connection"]["history"][-1]["connected"] is True and report["connection"]["tls"] is False
    assert report["resources"]["resident_bytes"] > 1 << 20 and report["resources"]["descriptors"] > 3
    assert report["log"] and report["spool"]["pending"]["event"]["frames"] >= 0
    everything = result.stdout + site.fieldproof("fleet", "diagnose", "box-01").stdout
    assert SECRET not in everything and "00112233445566778899aabbccddeeff" not in everything
    text = site.fieldproof("fleet", "diagnose", "box-01").stdout
    assert "last warnings" in text and "scale (tail): silent" in text


def test_a_flood_of_requests_fills_neither_spool_nor_broker(site):
    site.start()
    subscriber = site.subscriber("fieldproof/v1/lab/box-01/answer")
    topic = "fieldproof/v1/lab/box-01/down/command"
    site.wait_until_drained()
    events = site.collector_events("command.received")
    for number in range(2000):
        subscriber.client.publish(topic, json.dumps(request("diagnose")), qos=1)
    # What is no request at all, and what is larger than any.
    for junk in (b"\xff" * 1000, b"[" * 60000, b"{" * 200_000, json.dumps({"command": "drain", "request": 3}).encode()):
        subscriber.client.publish(topic, junk, qos=1)
    eventually(lambda: any(json.loads(a)["state"] == "refused" for a in subscriber.payloads("answer")), what="a refusal")
    site.wait_until_drained()
    received = site.collector_events("command.received") - events
    assert 1 <= received <= 10, received
    assert len(subscriber.payloads("answer")) < 60
    assert site.agent.log.count("a message was refused") < 20
    assert site.agent.is_running


def test_a_request_that_comes_twice_is_carried_out_once(site):
    site.start()
    subscriber = site.subscriber("fieldproof/v1/lab/box-01/answer")
    topic = "fieldproof/v1/lab/box-01/down/command"
    asked = json.dumps(request("diagnose"))
    subscriber.publish(topic, asked)
    eventually(lambda: subscriber.payloads("answer"), what="the first answer")
    subscriber.publish(topic, asked)
    eventually(lambda: len(subscriber.payloads("answer")) == 2, what="the second answer")
    first, second = map(json.loads, subscriber.payloads("answer"))
    assert first["request"] == second["request"] and "report" in first and "report" not in second
    site.wait_until_drained()
    assert site.collector_events("command.received") == 1


def test_a_request_that_the_broker_kept_was_meant_for_another_time(site):
    site.write_settings()
    site.broker.start()
    site.start_collector()
    subscriber = site.subscriber("fieldproof/v1/lab/box-01/answer")
    subscriber.publish("fieldproof/v1/lab/box-01/down/command", json.dumps(request("drain", stop=True)), retain=True)
    site.start_agent()
    site.wait_until_drained()
    assert site.agent.is_running and not subscriber.payloads("answer")
    assert site.collector_events("command.received") == 0

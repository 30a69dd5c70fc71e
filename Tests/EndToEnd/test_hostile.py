"""A hostile client on the same broker changes nothing but a counter and a log line."""

import json
import os
import random

from harness import eventually


def frames_of(site, count):
    subscriber = site.subscriber("fieldproof/v1/lab/box-01/up/#")
    site.feed(range(1, count + 1))
    site.wait_until_drained()
    return list(dict.fromkeys(subscriber.frames))


def test_garbage_forged_and_oversize_frames_are_refused(site):
    site.start()
    frames = frames_of(site, 500)
    before = site.archived_counts()
    attacker = site.subscriber("fieldproof/none")
    seed = random.randrange(2**32)
    noise = random.Random(seed)
    up = "fieldproof/v1/lab/box-01/up"
    payloads = [b"", b"\x00", os.urandom(100), b"{}", b"[" * 100_000, bytes(3 * 1024 * 1024), b"\xd9\xd9\xf7" + b"\x9f" * 5000]
    payloads += [frames[0][:cut] for cut in range(1, len(frames[0]), max(1, len(frames[0]) // 40))]
    for _ in range(200):
        forged = bytearray(noise.choice(frames))
        forged[noise.randrange(len(forged))] ^= 1 << noise.randrange(8)
        payloads.append(bytes(forged))
    for payload in payloads:
        for priority in ("event", "metric"):
            attacker.publish(f"{up}/{priority}", payload)
    # Sound frames under a name that is not theirs, and in a class that is not theirs.
    for frame in frames:
        attacker.publish("fieldproof/v1/lab/other/up/metric", frame)
        attacker.publish("fieldproof/v1/elsewhere/box-01/up/metric", frame)
        attacker.publish(f"{up}/bulk", frame)
    for topic in ("fieldproof/v1/LAB/x/up/metric", "fieldproof/v1/lab//up/metric", "fieldproof/v1/lab/box-01/up/urgent"):
        attacker.publish(topic, frames[0])
    # The same frames again, which is what a resend looks like: they count once.
    for frame in frames:
        attacker.publish(f"{up}/metric" if b"counter" not in frame else f"{up}/event", frame)
    site.feed(range(501, 601))
    site.wait_until_drained()
    counts = site.archived_counts()
    assert counts == {number: 1 for number in range(1, 601)}, f"seed {seed}"
    assert {number: counts[number] for number in before} == before
    assert site.collector.is_running and site.agent.is_running
    assert "a payload was refused" in site.collector.log
    assert len(site.collector.log.splitlines()) < 100, "the log is not the attacker's to fill"


def test_malformed_acknowledgements_and_commands_do_not_move_the_agent(site):
    site.write_settings()
    site.broker.start()
    site.start_agent()
    site.feed(range(1, 101))
    eventually(lambda: site.spool_status()["sent"] >= 2)
    pending = site.pending
    attacker = site.subscriber("fieldproof/none")
    bomb = b'{"a":' * 5000
    status = site.spool_status()
    forged = {"install": "0" * 32, "epoch": 1, "class": "metric", "through": 2**53, "also": [], "generation": "0" * 32}
    for topic in ("ack", "command"):
        for payload in (b"", b"null", b"[]", bomb, os.urandom(300), b'{"class":"metric"}', b"{" + b'"x":1,' * 9000 + b'"y":2}'):
            attacker.publish(f"fieldproof/v1/lab/box-01/down/{topic}", payload)
    attacker.publish("fieldproof/v1/lab/box-01/down/ack", json.dumps(forged).encode())
    attacker.publish("fieldproof/v1/lab/box-01/down/ack", json.dumps({**forged, "epoch": -1}).encode())
    attacker.publish("fieldproof/v1/lab/run", b'{"event":"start","scenario":"A B","id":"x","time":"yesterday"}')
    site.agent.wait_for_log("a message was refused", count=5)
    assert site.pending >= pending, "an acknowledgement for another install released frames"
    assert site.spool_status()["install"] == status["install"]
    site.start_collector()
    site.wait_until_drained()
    assert site.archived_counts() == {number: 1 for number in range(1, 101)}


def test_bad_lines_cost_only_themselves(site):
    site.start()
    for line in ("no fields", "x value=", "X value=1", 'x value="open', "counter,device=x value=1i extra junk", "\x00\xff"):
        site.send_line(line)
    site.feed(range(1, 11))
    site.wait_until_drained()
    assert site.archived_counts() == {number: 1 for number in range(1, 11)}
    rejected = {(entry["input"], entry["reason"]): entry["count"] for entry in site.spool_status()["rejected"]}
    assert rejected[("line", "bad line")] >= 5

"""Another client of the same broker sends what it should not: rubbish, forgeries, and frames under a name not its own."""

import contextlib
import json
import os
import time

from harness import Subscriber, eventually

from . import fault


@contextlib.contextmanager
def _client(world, topic):
    client = Subscriber(world.broker.port, topic)
    try:
        yield client
    finally:
        client.close()


def _frames(world, client):
    """(topic, payload) of frames that the agent sent, once each."""
    world.agent.feed.more(2000)
    world.agent.barrier()
    eventually(lambda: len(client.frames) >= 3, 30, "frames on the wire")
    return list(dict.fromkeys((topic, payload) for topic, payload in list(client.messages) if "/up/" in topic))


def _refused(world):
    return world.collector.life.log.count("a payload was refused")


@fault("foreign-topic", "sound frames published under another agent, another site and another class: none is taken", 15)
def foreign_topic(run):
    world = run.make_world(sync="50ms")
    with _client(world, "fieldproof/v1/lab/box-01/up/#") as client:
        frames = _frames(world, client)
        for _ in range(run.count(2, 20)):
            for topic, payload in frames:
                for other in ("lab/other/up/metric", "elsewhere/box-01/up/metric", "lab/box-01/up/bulk"):
                    client.publish(f"fieldproof/v1/{other}", payload)
                    world.hurt()
                client.publish("fieldproof/v1/LAB/x/up/metric", payload)
                client.publish("fieldproof/v1/lab/box-01/up/urgent", payload)
                # What a resend looks like: counted once all the same.
                client.publish(topic, payload)
            world.agent.feed.more(500)
        eventually(lambda: _refused(world) > 0, 30, "a refusal in the collector's log")
    time.sleep(0.5)


@fault("hostile-payloads", "oversize, malformed, cut and bit-flipped payloads to collector and agent", 20)
def hostile_payloads(run):
    world = run.make_world(sync="50ms")
    random = run.random
    up = "fieldproof/v1/lab/box-01/up"
    down = "fieldproof/v1/lab/box-01/down"
    with _client(world, f"{up}/#") as client:
        frames = [payload for _, payload in _frames(world, client)]
        for _ in range(run.count(1, 10)):
            payloads = [b"", b"\0", random.randbytes(100), b"{}", b"[" * 100_000, bytes(3 << 20)]
            # Arrays without an end, and arrays that announce more than there is memory.
            payloads += [b"\xd9\xd9\xf7" + b"\x9f" * 5000, b"\xd9\xd9\xf7\x9b" + b"\xff" * 8, b"\xd9\xd9\xf7\x5b\x7f" + b"\xff" * 7]
            payloads += [frames[-1][:cut] for cut in range(1, len(frames[-1]), max(1, len(frames[-1]) // 40))]
            for _ in range(100):
                forged = bytearray(random.choice(frames))
                forged[random.randrange(len(forged))] ^= 1 << random.randrange(8)
                payloads.append(bytes(forged))
            for payload in payloads:
                client.publish(f"{up}/{random.choice(['event', 'metric', 'bulk'])}", payload)
                world.hurt()
            acknowledgement = {
                "install": "0" * 32,
                "epoch": 1,
                "class": "metric",
                "through": 2**53,
                "also": [],
                "generation": "0" * 32,
            }
            messages = [b"", b"null", b"[]", b'{"a":' * 5000, os.urandom(300), b"{" + b'"x":1,' * 9000 + b'"y":2}']
            messages += [json.dumps(acknowledgement).encode(), json.dumps({**acknowledgement, "epoch": -1}).encode()]
            for message in messages:
                for topic in ("ack", "command"):
                    client.publish(f"{down}/{topic}", message)
                    world.hurt()
            client.publish("fieldproof/v1/lab/run", b'{"event":"start","scenario":"A B","id":"x","time":"yesterday"}')
            world.agent.feed.more(500)
        eventually(lambda: _refused(world) > 0, 30, "a refusal in the collector's log")
    for daemon in (world.agent, world.collector):
        if len(daemon.lives) > 1:
            raise AssertionError(f"{daemon.name} did not live through it")

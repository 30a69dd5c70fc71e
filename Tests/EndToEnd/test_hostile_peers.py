"""A box that turned against its site, a broker that did, and what either can take: with certificates and the ACL that is shipped."""

import json
import os
import random
import resource
import signal
import socket
import threading

import pytest
from harness import AGENT, Process, eventually
from test_clock import SCENARIO
from trust import SecureSite, run


@pytest.fixture
def secure(tmp_path_factory):
    site = SecureSite(tmp_path_factory.mktemp("s"))
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    yield site
    site.close()


def state_of(site):
    """What is archived, which runs there are, and what the summary says of them; not how much the box itself has sent meanwhile."""
    summary = site.summary("lifting")
    runs = site.fieldproof("run", "list", "--json")
    assert runs.returncode == 0, runs.stderr
    return site.archived_counts(), runs.stdout, {key: summary[key] for key in ("verdict", "criteria", "metrics", "runs") if key in summary}


def a_run(site, name):
    assert site.mark("run.start", "scenario=lifting", f"id={name}").returncode == 0
    site.feed(range(1, 51))
    assert site.mark("run.stop", "scenario=lifting", f"id={name}", "outcome=success").returncode == 0
    site.wait_until_drained()


def test_a_box_writes_below_its_own_name_and_nowhere_else(secure):
    """As box-99 it tries every topic of the README, with what would do harm there."""
    site = secure
    site.start()
    operator = site.operator()
    a_run(site, "r1")
    eventually(lambda: "r1" in site.fieldproof("run", "list", "--json").stdout)
    before = state_of(site)
    install = site.spool_status()["install"]
    frames = {topic: payload for topic, payload in operator.messages if "/up/" in topic}
    acknowledgement = {
        "install": install, "epoch": 1, "class": "metric", "through": 10**6, "also": [], "generation": "0" * 32}
    marker = {"event": "stop", "scenario": "lifting", "id": "r1", "outcome": "failure", "time": "2026-01-01T00:00:00Z"}
    start = {"event": "start", "scenario": "lifting", "id": "forged", "time": "2026-01-01T00:00:00Z"}
    box = "fieldproof/v1/lab/box-01"
    attempts = [
        (f"{box}/status", b"offline"), (f"{box}/meta", b'{"site":"lab","agent":"box-01"}'), (f"{box}/senml", b"[]"),
        (f"{box}/state/x", b'{"counter":0}'), (f"{box}/down/ack", json.dumps(acknowledgement).encode()),
        (f"{box}/down/command", json.dumps({"command": "hello", "generation": "0" * 32}).encode()),
        ("fieldproof/v1/lab/run", json.dumps(marker).encode()), ("fieldproof/v1/lab/run", json.dumps(start).encode()),
        ("fieldproof/v1/scenarios/lifting/summary", b'{"verdict":"pass"}'),
        ("fieldproof/v1/scenarios/lifting/alert", b'{"state":"raised"}'),
        ("fieldproof/v1/lab/collector/up/event", next(iter(frames.values()))),
        ("$SYS/broker/version", b"0"),
    ]
    attempts += [(topic, payload) for topic, payload in frames.items()]
    attempts += [(f"{box}/up/{name}", os.urandom(50)) for name in ("event", "metric", "bulk")]
    heard = len(operator.messages)
    box_99 = site.authority.enrol("agent", "box-99") / "box-99"
    hostile = site.client(box_99)
    site.open.append(hostile)
    for topic, payload in attempts:
        for retain in (False, True):
            assert hostile.publish(topic, payload, retain) == 0x87, f"the broker let {topic} through"
    # Nor does it hear what is for others.
    for topic in ("fieldproof/#", f"{box}/#", f"{box}/up/#", "fieldproof/v1/scenarios/#"):
        hostile.subscribe(topic)
    site.feed([51])
    site.wait_until_drained()
    assert [topic for topic, _ in hostile.messages if "/lab/run" not in topic] == []
    # Under its own name it may say anything, and what is another's is refused by the collector.
    for payload in [*frames.values(), b"", os.urandom(200)]:
        for topic in ("fieldproof/v1/lab/box-99/up/metric", "fieldproof/v1/lab/box-99/up/event"):
            assert hostile.publish(topic, payload) in (0, 0x10)
    site.collector.wait_for_log("it says it is from lab/box-01/")
    # Lines about refusals come once a second at the most.
    meta = json.dumps({"site": "lab", "agent": "box-01"}).encode()
    eventually(lambda: hostile.publish("fieldproof/v1/lab/box-99/meta", meta) in (0, 0x10) and 'it says it is from lab/box-01"' in site.collector.log)
    after = state_of(site)
    before[0][51] = 1
    assert after == before
    forged = [(topic, payload) for topic, payload in operator.messages[heard:] if (topic, payload) in attempts]
    assert forged == []


def test_a_will_is_no_way_around_the_acl(secure):
    site = secure
    site.start()
    operator = site.operator("fieldproof/v1/lab/box-01/status")
    eventually(lambda: operator.messages)
    import ssl

    import paho.mqtt.client as mqtt

    box_99 = site.authority.enrol("agent", "box-99") / "box-99"
    hostile = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    hostile.tls_set(str(site.authority.directory / "ca.pem"), f"{box_99}.pem", f"{box_99}.key", tls_version=ssl.PROTOCOL_TLS_CLIENT)
    hostile.will_set("fieldproof/v1/lab/box-01/status", b"offline", 1, True)
    hostile.connect("localhost", site.broker.port)
    hostile.loop_start()
    eventually(hostile.is_connected)
    # Without a DISCONNECT, so that the will speaks.
    hostile.socket().shutdown(socket.SHUT_RDWR)
    eventually(lambda: "closed its connection" in site.broker.log or "disconnected" in site.broker.log)
    hostile.loop_stop()
    site.feed(range(1, 11))
    site.wait_until_drained()
    assert {payload for _, payload in operator.messages} == {b"online"}


@pytest.mark.takes(60)
def test_who_takes_the_client_id_of_a_box_delays_it_and_takes_nothing(secure):
    site = secure
    site.start()
    site.feed(range(1, 51))
    hostile = site.client(site.authority.enrol("agent", "box-99") / "box-99", client_id="box-01")
    site.agent.wait_for_log("not connected to the broker")
    assert hostile.publish("fieldproof/v1/lab/box-01/up/metric", b"x") == 0x87
    site.feed(range(51, 101))
    hostile.close()
    site.agent.wait_for_log("connected to the broker broker=", 2, 70)
    site.wait_until_drained()
    assert site.archived_counts() == {number: 1 for number in range(1, 101)}


class FalseBroker:
    """Speaks just enough MQTT 5 to be believed, and then does what it is told to."""

    def __init__(self, after_connack):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.after_connack = after_connack
        self.connections = 0
        self.published = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        try:
            connection.settimeout(20)
            assert connection.recv(65536)[:1] == b"\x10"
            connection.sendall(bytes([0x20, 3, 0, 0, 0]))
            self.after_connack(self, connection)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self):
        self.listener.close()


def packet(kind, body):
    length, digits = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (0x80 if length else 0))
        if not length:
            return bytes([kind]) + bytes(digits) + body


def publish(topic, payload):
    name = topic.encode()
    return packet(0x31, len(name).to_bytes(2, "big") + name + b"\x00" + payload)


def read_packets(broker, connection):
    """Answers every PUBLISH of QoS 1 and every SUBSCRIBE as if all were well."""
    buffer = b""
    while True:
        data = connection.recv(65536)
        if not data:
            return
        buffer += data
        while len(buffer) >= 2:
            length, shift, index = 0, 0, 1
            while index < len(buffer):
                length |= (buffer[index] & 0x7F) << shift
                shift, index = shift + 7, index + 1
                if not buffer[index - 1] & 0x80:
                    break
            else:
                break
            if len(buffer) < index + length:
                break
            kind, body, buffer = buffer[0], buffer[index : index + length], buffer[index + length :]
            if kind & 0xF0 == 0x30 and kind & 0x06:
                size = int.from_bytes(body[:2], "big")
                broker.published.append(body[2 : 2 + size].decode())
                connection.sendall(packet(0x40, body[2 + size : 4 + size]))
            elif kind & 0xF0 == 0x80:
                connection.sendall(packet(0x90, body[:2] + b"\x00\x01"))


def resident(process):
    with open(f"/proc/{process.process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def garbage(seed):
    noise = random.Random(seed)

    def act(broker, connection):
        connection.sendall(noise.randbytes(noise.randrange(1, 4000)))
        connection.recv(1)

    return act


def unknown_property(broker, connection):
    """One that MQTT does not have: libmosquitto before 2.0.16 ends the whole process on it."""
    connection.sendall(packet(0x30, b"\x00\x01x" + bytes([2, 0x7F, 0]) + b"payload"))
    connection.recv(1)


def huge_retained(broker, connection):
    connection.sendall(publish("fieldproof/v1/lab/box-01/down/ack", bytes(40 << 20)))
    read_packets(broker, connection)


def swallow(broker, connection):
    read_packets(broker, connection)


@pytest.mark.parametrize("behaviour", ["garbage", "property", "huge", "swallow"])
def test_a_hostile_broker_harms_neither_the_box_nor_its_data(site, behaviour):
    seed = random.randrange(2**32)
    behaviours = {"garbage": garbage(seed), "property": unknown_property, "huge": huge_retained, "swallow": swallow}
    broker = FalseBroker(behaviours[behaviour])
    site.agent_settings["mqtt"]["url"] = f"mqtt://127.0.0.1:{broker.port}"
    site.write_settings()
    site.agent.start()
    eventually(lambda: (site.directory / "line.sock").exists())
    site.feed(range(1, 201))
    eventually(lambda: broker.connections >= 3 or broker.published, 60, f"attempts, seed {seed}")
    eventually(lambda: site.pending > 0)
    assert site.agent.is_running and resident(site.agent) < 200_000, f"seed {seed}"
    # A broker that says it took everything frees nothing: only the collector's word does.
    status = site.spool_status()
    if behaviour == "swallow":
        eventually(lambda: any("/up/" in topic for topic in broker.published))
        assert sum(lane["frames"] for lane in site.spool_status()["spool"]["pending"].values()) > 0
    broker.close()
    assert site.agent.stop() == 0
    # The true broker, and everything arrives.
    site.agent_settings["mqtt"]["url"] = f"mqtt://127.0.0.1:{site.broker.port}"
    site.write_settings()
    site.broker.start()
    site.start_collector()
    site.start_agent()
    site.wait_until_drained()
    assert site.archived_counts() == {number: 1 for number in range(1, 201)}
    assert status["install"] == site.spool_status()["install"]


def test_a_forged_acknowledgement_is_found_out_and_what_it_released_is_sent_again(site):
    """Whoever may write below `down/`, the broker above all, can tell a box that its frames are safe. The collector misses them all the same,
    and the spool has them until it needs their room."""
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    site.start()
    attacker = site.subscriber("fieldproof/v1/lab/box-01/down/ack")
    site.feed(range(1, 11))
    site.wait_until_drained()
    generation = json.loads(attacker.messages[-1][1])["generation"]
    site.collector.stop()
    assert site.mark("run.start", "scenario=lifting", "id=r1").returncode == 0
    site.feed(range(11, 51))
    sent = site.spool_status()["sent"]
    eventually(lambda: site.spool_status()["sent"] >= sent + 2 and site.pending > 0)
    status = site.spool_status()
    for name in ("event", "metric"):
        attacker.publish("fieldproof/v1/lab/box-01/down/ack", json.dumps({
            "install": status["install"], "epoch": status["epoch"], "class": name, "through": 10**6, "also": [],
            "generation": generation}).encode())
    eventually(lambda: site.pending == 0, what="the box's belief in it")
    site.start_collector()
    assert site.mark("run.stop", "scenario=lifting", "id=r1", "outcome=success").returncode == 0
    assert site.mark("run.start", "scenario=lifting", "id=r2").returncode == 0
    site.feed(range(51, 101))
    assert site.mark("run.stop", "scenario=lifting", "id=r2", "outcome=success").returncode == 0
    site.wait_until_drained()
    # Nothing is believed to be safe but what is in the archive: a hole is no pass, and is asked for after 20 s.
    eventually(lambda: {number: count for number, count in site.archived_counts().items()} == {number: 1 for number in range(1, 101)},
        seconds=90, what="every sample in the archive, once")

    def whole():
        """A summary, once the runs are folded again."""
        try:
            checks = site.summary("lifting")["completeness"]["checks"]
            return next(check["holds"] for check in checks if check["id"] == "loss-at-most")
        except AssertionError:
            return False

    eventually(whole, seconds=60, what="a summary that lacks nothing")


@pytest.mark.parametrize("program", ["agent", "collector"])
def test_no_secret_is_left_in_a_core_dump_a_log_or_the_process_list(secure, program):
    site = secure
    site.start()
    process = {"agent": site.agent, "collector": site.collector}[program]
    pid = process.process.pid
    with open(f"/proc/{pid}/limits") as file:
        limits = next(line for line in file if line.startswith("Max core file size"))
    assert limits.split()[4] == "0"
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0
    key = (site.box / "box-01.key").read_text().splitlines()[1]
    for name in ("cmdline", "environ"):
        with open(f"/proc/{pid}/{name}", "rb") as file:
            assert key.encode() not in file.read()
    process.process.send_signal(signal.SIGABRT)
    process.process.wait(20)
    assert process.process.returncode == -signal.SIGABRT
    assert [path for path in site.directory.rglob("core*") if path.is_file()] == []
    assert key not in process.log and "PRIVATE KEY" not in process.log


def test_a_core_dump_is_there_for_who_asks_for_it(site):
    """That the test above can fail."""
    with open("/proc/sys/kernel/core_pattern") as file:
        if file.read().strip() not in ("core", "core.%p"):
            pytest.skip("core dumps of this machine go elsewhere")
    site.write_settings()
    site.broker.start()

    def dump(*words):
        directory = site.directory / ("with" if words else "without")
        directory.mkdir()
        log = open(directory / "log", "ab")
        import subprocess

        process = subprocess.Popen(
            [AGENT, "run", "--config", site.agent_file, *words], cwd=directory, stdout=log, stderr=log,
            # Swift's own handler of crashes takes its time.
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
        eventually(lambda: b"connected to the broker" in (directory / "log").read_bytes())
        process.send_signal(signal.SIGABRT)
        process.wait(20)
        return [path.name for path in directory.glob("core*")]

    assert dump() == []
    assert len(dump("--core-dumps")) == 1

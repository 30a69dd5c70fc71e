"""Real processes for end-to-end tests: a mosquitto, agents, collectors, and an MQTT subscriber that is not our code.

Everything runs on 127.0.0.1 and in a directory of the test's own. Nothing here sleeps for a fixed time: it waits for a condition
with a deadline.
"""

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import paho.mqtt.client as mqtt

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("FIELDPROOF_BIN", ROOT / ".build" / "debug"))
AGENT = BIN / "fieldproof-agent"
FIELDPROOF = BIN / "fieldproof"
MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


def eventually(condition, seconds=20, what="the condition"):
    """Calls `condition` until it returns something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.05)


def free_port(_next=itertools.count()):
    """A port that nobody has, and that nobody gets by chance: each worker of pytest-xdist takes from a range of its own, and all of these are
    below those that the kernel gives to clients."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    for _ in range(500):
        port = 20000 + worker % 20 * 500 + (next(_next) + os.getpid()) % 500
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class Process:
    """A program with its output in a file."""

    def __init__(self, name, command, directory):
        self.name = name
        self.command = [str(part) for part in command]
        self.log_path = directory / f"{name}.log"
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=30):
        """SIGTERM; returns the exit status."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def wait_for_log(self, text, count=1, seconds=20):
        def has_said():
            is_running = self.is_running
            if self.log.count(text) >= count:
                return True
            assert is_running, f"{self.name} ended without '{text}': {self.log[-2000:]}"
            return False

        eventually(has_said, seconds, f"'{text}' in the log of {self.name}")

    def close(self):
        if self.is_running:
            self.process.send_signal(signal.SIGCONT)
            self.kill()


class Broker(Process):
    def __init__(self, directory, lines=()):
        self.port = free_port()
        self.configuration = directory / "mosquitto.conf"
        # Started by root, mosquitto would become a user who cannot read the test's directory.
        user = ["user root"] if os.getuid() == 0 else []
        settings = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "max_inflight_messages 200", *user, *lines, ""]
        self.configuration.write_text("\n".join(settings))
        super().__init__("mosquitto", [MOSQUITTO, "-c", self.configuration], directory)

    def start(self):
        super().start()

        def answers():
            assert self.is_running, f"mosquitto does not start: {self.log}"
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        eventually(answers, what="mosquitto's start")
        return self


class Subscriber:
    """paho-mqtt, collecting what it hears."""

    def __init__(self, port, topic="fieldproof/#", username=None):
        self.messages = []
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        if username:
            self.client.username_pw_set(username)
        subscribed = []
        self.client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        self.client.on_subscribe = lambda *_: subscribed.append(True)
        self.client.on_message = lambda _, __, message: self.messages.append((message.topic, bytes(message.payload)))
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        eventually(lambda: subscribed, what="the subscription")

    def payloads(self, suffix):
        return [payload for topic, payload in list(self.messages) if topic.endswith(suffix)]

    @property
    def frames(self):
        return [payload for topic, payload in list(self.messages) if "/up/" in topic]

    def publish(self, topic, payload, retain=False):
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class Site:
    """One box, one collector, one broker."""

    def __init__(self, directory):
        self.directory = directory
        self.broker = Broker(directory)
        self.open = [self.broker]
        for folder in ("spool", "archive", "scenarios"):
            (directory / folder).mkdir()
        self.agent_settings = {
            "agent": {"id": "box-01", "site": "lab"},
            "mqtt": {"url": f"mqtt://127.0.0.1:{self.broker.port}"},
            "spool": {"path": str(directory / "spool"), "size": "64MiB", "sync": "1s"},
            "control": {"listen": f"unix:{directory}/control.sock"},
            "inputs": [{"type": "line", "listen": f"unix:{directory}/line.sock"}],
        }
        self.collector_settings = {
            "mqtt": {"url": f"mqtt://127.0.0.1:{self.broker.port}"},
            "archive": {"path": str(directory / "archive")},
            "store": f"sqlite:{directory}/store.db",
            "scenarios": str(directory / "scenarios"),
        }
        self.agent = Process("agent", [AGENT, "run", "--config", self.agent_file], directory)
        self.collector = Process("collector", [FIELDPROOF, "collect", "--config", self.collector_file], directory)
        self.open += [self.agent, self.collector]

    @property
    def agent_file(self):
        return self.directory / "agent.yaml"

    @property
    def collector_file(self):
        return self.directory / "collector.yaml"

    def write_settings(self):
        # JSON is YAML.
        self.agent_file.write_text(json.dumps(self.agent_settings))
        self.collector_file.write_text(json.dumps(self.collector_settings))

    def start(self):
        self.write_settings()
        self.broker.start()
        self.start_collector()
        self.start_agent()
        return self

    def start_agent(self):
        before = self.agent.log.count("connected to the broker broker=")
        self.agent.start()
        self.agent.wait_for_log("connected to the broker broker=", before + 1)
        eventually(lambda: (self.directory / "line.sock").exists(), what="the line socket")

    def start_collector(self):
        before = self.collector.log.count("connected to the broker broker=")
        self.collector.start()
        self.collector.wait_for_log("connected to the broker broker=", before + 1)

    def subscriber(self, topic="fieldproof/#"):
        subscriber = Subscriber(self.broker.port, topic)
        self.open.append(subscriber)
        return subscriber

    def feed(self, numbers, series="counter,device=x"):
        """Writes `series value=<n>i` for each number, in one connection."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.directory / "line.sock"))
            for number in numbers:
                connection.sendall(f"{series} value={number}i\n".encode())

    def send_line(self, line):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.directory / "line.sock"))
            connection.sendall(line.encode() + b"\n")

    def mark(self, *words):
        return subprocess.run(
            [AGENT, "mark", "--socket", self.directory / "control.sock", *words], capture_output=True, text=True, timeout=20
        )

    def fieldproof(self, *words):
        return subprocess.run(
            [FIELDPROOF, *words, "--config", self.collector_file], capture_output=True, text=True, timeout=60
        )

    def fieldproof_alone(self, *words):
        """A command that needs no configuration."""
        return subprocess.run([FIELDPROOF, *words], capture_output=True, text=True, timeout=60)

    def spool_status(self):
        result = subprocess.run(
            [AGENT, "spool", "status", "--json", "--config", self.agent_file], capture_output=True, text=True, timeout=20
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    @property
    def pending(self):
        return sum(lane["frames"] for lane in self.spool_status()["spool"]["pending"].values())

    def wait_until_drained(self, seconds=60):
        """Everything fed so far is stored, sent and acknowledged: an event marks the end of what was fed."""
        result = self.mark("test.flush")
        assert result.returncode == 0, result.stderr
        accepted = self.spool_status()["accepted"]

        def drained():
            status = self.spool_status()
            return status["accepted"] >= accepted and sum(
                lane["frames"] for lane in status["spool"]["pending"].values()
            ) == 0

        # One sync window more, so that samples which were still in memory are counted too.
        eventually(lambda: self.archived_after_window(drained), seconds, "the drain of the spool")

    def archived_after_window(self, drained):
        first = self.spool_status()["sent"]
        if not drained():
            return False
        time.sleep(1.2)
        return drained() and self.spool_status()["sent"] == first

    def archived_counts(self):
        """How often each number of the counted sequence is in the archive, by the collector's own index of frames."""
        frames = self.directory / "frames.bin"
        dump_archive(self.directory, frames)
        result = subprocess.run(
            [FIELDPROOF, "decode", "--format", "csv", frames], capture_output=True, text=True, timeout=120
        )
        assert result.returncode == 0, result.stderr
        counts = {}
        for row in result.stdout.splitlines()[1:]:
            cells = row.split(",")
            # The series key of a tagged series holds a comma, so the cell is quoted: counter,device=x
            if 'counter' in row:
                value = int(row.split('",')[1].split(",")[0]) if '"' in row else int(cells[4])
                counts[value] = counts.get(value, 0) + 1
        return counts

    def collector_events(self, name):
        """How many events of this name the collector has."""
        import sqlite3

        store = sqlite3.connect(f"file:{self.directory}/store.db?mode=ro", uri=True)
        try:
            return store.execute("SELECT count(*) FROM event WHERE name = ?", [name]).fetchone()[0]
        finally:
            store.close()

    def summary(self, scenario, *words):
        result = self.fieldproof("report", scenario, "--format", "json", *words)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def close(self):
        for thing in reversed(self.open):
            thing.close()


def dump_archive(directory, output):
    """Copies every frame out of the archive, event frames first, by the places that the collector's store has for them."""
    import sqlite3

    store = sqlite3.connect(f"file:{directory}/store.db?mode=ro", uri=True)
    rows = store.execute(
        "SELECT f.segment, f.offset FROM frame f JOIN stream s ON s.id = f.stream ORDER BY s.class, s.id, f.sequence"
    ).fetchall()
    store.close()
    segments = {}
    with open(output, "wb") as file:
        for segment, offset in rows:
            if segment not in segments:
                segments[segment] = (directory / "archive" / f"{segment:016x}.segment").read_bytes()
            file.write(frame_at(segments[segment], offset))


def frame_at(segment, offset):
    """The CBOR item that begins at or shortly after a record's place: its record header comes before it."""
    import cbor2
    import io

    start = segment.index(b"\xd9\xd9\xf7", offset)
    assert start - offset <= 64, "no frame where the store says one is"
    stream = io.BytesIO(segment[start:])
    cbor2.CBORDecoder(stream).decode()
    return segment[start : start + stream.tell()]

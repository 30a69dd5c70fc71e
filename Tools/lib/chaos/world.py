"""One box, one collector, one broker, and the account of every sample between them."""

import base64
import dataclasses
import json
import os
import signal
import socket
import time

import harness
from harness import Broker, eventually

from . import archive
from .daemons import Daemon
from .feed import Feed, peer

# How long after the last fault everything must be drained, seconds.
DRAIN = 75
FRESH = 20


@dataclasses.dataclass
class Account:
    """What became of the samples, all counts in samples but `times`."""

    times: int = 0
    accepted: int = 0
    delivered: int = 0
    declared: int = 0
    # Holes that the collector knows of and that nobody has declared.
    open: int = 0
    tail: int = 0
    # Seconds from the first sample of a crash tail to the crash.
    oldest: float = 0
    doubled: int = 0
    silent: int = 0
    seconds: float = 0
    verdict: str = "ok"
    # What must not be, in words.
    broken: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)


class Box(Daemon):
    """An agent with its settings, its feed and its control socket."""

    def __init__(self, world, name, port, spool, rate, ballast, start):
        folder = world.folder / name
        folder.mkdir()
        self.settings = {
            "agent": {"id": "box-01", "site": "lab"},
            "mqtt": {"url": f"mqtt://127.0.0.1:{port}", "keepalive": "5s"},
            "spool": {"path": str(spool or folder / "spool"), "size": world.size, "sync": world.sync},
            "control": {"listen": f"unix:{folder}/control.sock"},
            "inputs": [
                {"type": "line", "listen": f"unix:{folder}/line.sock"},
                {"type": "line", "name": "flood", "listen": f"unix:{folder}/flood.sock", "class": "bulk"},
            ],
        }
        self.control = folder / "control.sock"
        self.flood_path = folder / "flood.sock"
        self.settings_path = folder / "agent.yaml"
        # JSON is YAML.
        self.settings_path.write_text(json.dumps(self.settings))
        super().__init__(name, [harness.AGENT, "run", "--config", self.settings_path], folder)
        self.spool = spool or folder / "spool"
        self.feed = Feed(self, folder / "line.sock", rate, ballast, start)
        self._marks = 0
        self.stored_marks = []

    def ask(self, request, seconds=10):
        """The answer of the control socket and the life that gave it; (nil, nil) when there is none."""
        life = None
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(seconds)
                connection.connect(str(self.control))
                life = next((life for life in self.lives if life.pid == peer(connection)), None)
                if request["do"] == "mark" and life:
                    life.marks += 1
                connection.sendall(json.dumps(request).encode() + b"\n")
                answer = b""
                while not answer.endswith(b"\n"):
                    part = connection.recv(65536)
                    if not part:
                        raise ConnectionError
                    answer += part
                answer = json.loads(answer)
        except (OSError, ValueError):
            if life and request["do"] == "mark":
                life.unsure_marks += 1
            return None, None
        if life and request["do"] == "mark" and not answer.get("ok"):
            life.marks -= 1
        return answer, life

    def status(self):
        answer, life = self.ask({"do": "status"})
        if not life or not answer.get("ok"):
            return None
        life.refused = sum(each["count"] for each in answer["rejected"])
        return answer

    @property
    def pending(self):
        status = self.status()
        return sum(lane["frames"] for lane in status["spool"]["pending"].values()) if status else None

    def barrier(self, seconds=30):
        """Waits until everything fed to this life is on its disk, by the agent's own word.

        A run marker is answered when it is durable, with all that was accepted before it. False when the agent dies.
        """
        end = time.monotonic() + seconds
        life = self.life
        sent = life.sent
        what, before, since = "no answer", None, end
        while time.monotonic() < end and life.is_running and self.life is life:
            status = self.status()
            if status and self.life is life:
                expected = self._expected(life, sent)
                if status["accepted"] != before:
                    before, since = status["accepted"], time.monotonic()
                # A mark that was not answered may have been taken or not: then a second without a change must do.
                is_taken = before >= expected - life.unsure_marks and time.monotonic() > since + 1
                if before >= expected or is_taken:
                    self._marks += 1
                    mark = f"b{self._marks}"
                    answer, answerer = self.ask(
                        {"do": "mark", "event": "run.start", "attributes": {"scenario": "chaos", "id": mark}}
                    )
                    if answer and answer.get("ok") and answerer is life:
                        self.stored_marks.append(mark)
                        life.floor = max(life.floor, sent)
                        return True
                    what = f"the mark was answered {answer}"
                else:
                    what = f"{status['accepted']} of {expected} accepted"
            time.sleep(0.05)
        if life.is_running and self.life is life:
            raise AssertionError(f"what was fed did not reach the agent's disk within {seconds} s: {what}")
        return False

    @staticmethod
    def _expected(life, sent):
        """What an agent must count as accepted that has taken everything up to `sent`."""
        fed = sent - life.first + 1 if life.first is not None and sent >= life.first else 0
        # One event more than ours: agent.start.
        return fed + life.flood + 1 + life.marks - life.refused - life.broken

    def flood(self, count, rate, ballast=450):
        """Feeds so many samples of class bulk to the life there is, at a rate (samples a second), beside the feed's own."""
        life = self.life
        noise = base64.b64encode(os.urandom(ballast)).decode()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.flood_path))
            begin = time.monotonic()
            for sent in range(0, count, 100):
                lines = "".join(
                    f'flood,device=x value="{life.flood + number} {noise[number % 64 :]}"\n' for number in range(100)
                )
                # Counted first: the agent may have it from here on.
                life.flood += 100
                connection.sendall(lines.encode())
                time.sleep(max(0, begin + sent / rate - time.monotonic()))

    def drain(self, seconds):
        """Nothing pending, and then that many fresh samples delivered."""
        self.feed.pause()
        end = time.monotonic() + seconds
        confirmed = None

        def is_settled():
            nonlocal confirmed
            if not self.is_running:
                return False
            if confirmed is not self.life:
                # A mark is a frame more to deliver: one for each life is enough.
                confirmed = self.life if self.barrier(max(1, end - time.monotonic())) else None
            return confirmed is self.life and self._is_empty()

        try:
            eventually(is_settled, seconds)
        except AssertionError as error:
            raise AssertionError(f"{self.name} did not drain within {seconds} s; {self._state()}; {error}") from error
        life = self.life
        self.feed.more(FRESH)
        if not self.barrier() or self.life is not life:
            raise AssertionError("the agent ended while it took fresh samples")
        eventually(self._is_empty, 30, "the delivery of twenty fresh samples")
        accepted, expected = self.status()["accepted"], self._expected(life, life.sent)
        if not expected - life.unsure_marks <= accepted <= expected:
            raise AssertionError(f"the agent says it accepted {accepted}, and was given {expected}")

    def _is_empty(self):
        return self.pending == 0

    def _state(self):
        status = self.status()
        if not status:
            return "running, and silent" if self.is_running else f"not running, ended with {self.life.status}"
        pending = {name: lane["frames"] for name, lane in status["spool"]["pending"].items()}
        return f"connected {status['connected']}, pending {pending}"

    def close(self):
        self.feed.close()
        super().close()


class World:
    """Starts everything in `folder`; `judge` says what became of each sample."""

    def __init__(
        self,
        folder,
        *,
        spool=None,
        archive=None,
        store=None,
        broker_lines=(),
        agent_port=None,
        rate=1000,
        ballast=0,
        size="32MiB",
        sync="200ms",
        start=True,
    ):
        self.folder, self.size, self.sync = folder, size, sync
        self.broker = Broker(folder, broker_lines)
        self.archive = archive or folder / "archive"
        self.store = store or folder / "store.db"
        self.account = Account()
        self.may_have_open_holes = False
        self.must_not_declare = False
        (folder / "scenarios").mkdir()
        settings = folder / "collector.yaml"
        settings.write_text(
            json.dumps(
                {
                    "mqtt": {"url": f"mqtt://127.0.0.1:{self.broker.port}", "keepalive": "5s"},
                    "archive": {"path": str(self.archive)},
                    "store": f"sqlite:{self.store}",
                    "scenarios": str(folder / "scenarios"),
                }
            )
        )
        self.collector = Daemon("collector", [harness.FIELDPROOF, "collect", "--config", settings], folder)
        port = agent_port(self.broker.port) if agent_port else self.broker.port
        self.agent = Box(self, "agent", port, spool, rate, ballast, 1)
        self.boxes = [self.agent]
        if start:
            self.start()

    def add_box(self, name, start):
        box = Box(self, name, self.broker.port, None, self.agent.feed.rate, 0, start)
        self.boxes.append(box)
        return box

    def start(self):
        self.broker.start()
        self.start_collector()
        self.agent.keep()
        self.agent.wait_for_log("connected to the broker")

    def start_collector(self):
        self.collector.keep()
        self.collector.wait_for_log("connected to the broker")

    def hurt(self):
        self.account.times += 1

    def settle(self, seconds=DRAIN):
        """Whatever was hurt is well again: everything must drain, fresh samples pass, and all stop in good order."""
        for box in self.boxes:
            if box.keeps:
                box.drain(seconds)
        for daemon in (*self.boxes, self.collector):
            if daemon.is_running and daemon.stop() != 0:
                raise AssertionError(f"{daemon.name} ended with {daemon.life.status} on SIGTERM")

    def judge(self):
        """Fills the account from the archive's bytes; call when all programs have ended."""
        account = self.account
        content = archive.read(self.archive, self.store, harness.FIELDPROOF, self.folder)
        account.broken += content.problems
        account.delivered = len(content.numbers) + len(content.flood)
        account.doubled = content.doubled_frames + sum(
            count - 1 for counts in (content.numbers, content.flood) for count in counts.values()
        )
        for box in self.boxes:
            for life in box.lives:
                self._judge(life, content)
            # A mark that a restored archive has lost is a hole in the ledger of the class event.
            for mark in [] if self.may_have_open_holes else box.stored_marks:
                # The same ids in every box.
                found = content.marks[f"id={mark} scenario=chaos"]
                if found == 0:
                    account.silent += 1
                    account.notes.append(f"the mark {mark} was answered and is gone")
                elif found > len(self.boxes):
                    account.doubled += found - 1
        for daemon in (*self.boxes, self.collector):
            for life in daemon.lives:
                if life.crash:
                    account.broken.append(f"{daemon.name} crashed: {life.crash}")
        return content

    def _judge(self, life, content):
        account = self.account
        if life.first is None:
            return
        fed = range(life.first, life.last + 1)
        there = [number for number in fed if number in content.numbers]
        stream = life.stream
        declared, known = content.losses(stream) if stream else (0, 0)
        if life.flood:
            self._judge_flood(life, content, declared)
        refused = 0 if life.flood else life.refused
        accounted = declared + known + refused + life.broken
        floor = life.last if life.is_clean else max(life.floor, there[-1] if there else 0)
        missing = len(fed) - len(there)
        holes = missing - max(0, life.last - max(floor, life.first - 1))
        silent = max(0, holes - accounted)
        tail = max(0, missing - accounted - silent)
        account.accepted += len(fed) - refused - life.broken
        account.declared += declared
        account.open += known
        account.tail += tail
        account.silent += silent
        if silent:
            gone = [number for number in range(life.first, floor + 1) if number not in content.numbers]
            account.notes.append(
                f"life {life.number}: {silent} of {life.first}-{life.last} gone without a word, on disk through "
                f"{life.floor}, e.g. {gone[0]}-{gone[-1]}, {declared} declared, {refused} refused"
            )
        if tail and life.ended:
            lost_at = next((time for number, time in life.times if number > floor), life.ended)
            account.oldest = max(account.oldest, round(life.ended - lost_at, 1))

    def _judge_flood(self, life, content, declared_metrics):
        """Bulk data go first: whatever was refused or let go must have been of the flood."""
        account = self.account
        declared, known = content.losses(life.stream, archive.BULK)
        accepted = life.flood - life.refused
        account.accepted += accepted
        account.declared += declared
        account.open += known
        account.silent += max(0, accepted - len(content.flood) - declared - known)
        if not life.refused or not declared:
            account.broken.append(f"of the flood {life.refused} were refused and {declared} let go: it was none")
        if declared_metrics:
            account.broken.append(f"{declared_metrics} metric samples were let go beside a flood of bulk data")
        account.notes.append(
            f"of {life.flood} bulk samples {life.refused} were refused, {declared} let go, {len(content.flood)} delivered"
        )

    def close(self):
        for each in (*self.boxes, self.collector, self.broker):
            each.close()


def pause(process, seconds):
    """SIGSTOP for a while; `process` has `send_signal`."""
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)

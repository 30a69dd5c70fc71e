"""Programs that die and come back: each start is a life with its own log, and a supervisor may start the next."""

import dataclasses
import os
import re
import signal
import subprocess
import threading
import time

from harness import eventually


@dataclasses.dataclass
class Life:
    """One process of a program, from its start to its end."""

    number: int
    process: subprocess.Popen
    log_path: object
    born: float = dataclasses.field(default_factory=time.monotonic)
    ended: float | None = None
    status: int | None = None
    # Whoever hurts the process says so here; any other violent end is a crash of the program's own.
    is_doomed: bool = False
    done: threading.Event = dataclasses.field(default_factory=threading.Event)

    # What an agent was fed in this life, by sample numbers, both ends included.
    first: int | None = None
    last: int | None = None
    # Everything up to here was sent whole, and everything up to `floor` was confirmed to be on disk.
    sent: int = 0
    floor: int = 0
    # Samples of class bulk that came on top of these.
    flood: int = 0
    marks: int = 0
    unsure_marks: int = 0
    refused: int = 0
    broken: int = 0
    times: list = dataclasses.field(default_factory=list)

    @property
    def pid(self):
        return self.process.pid

    @property
    def is_running(self):
        return not self.done.is_set()

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def stream(self):
        """(install, epoch) of an agent's life; nil when it ended before it had a spool."""
        found = re.search(r"agent started .*\bepoch=(\d+) install=([0-9a-f-]+)", self.log)
        return (bytes.fromhex(found.group(2).replace("-", "")), int(found.group(1))) if found else None

    @property
    def is_clean(self):
        """Ended as it should: everything that it had taken was put on disk before."""
        return self.status == 0

    @property
    def crash(self):
        """The signal that ended it without anybody's doing."""
        if self.is_doomed or self.status is None or self.status >= 0:
            return None
        return signal.Signals(-self.status).name

    def signal(self, number):
        if self.is_running:
            self.process.send_signal(number)

    def kill(self):
        self.is_doomed = True
        self.signal(signal.SIGKILL)
        self.done.wait(20)


class Daemon:
    """A program and its lives. With `keeps` it is started again whenever it ends, as a service manager would."""

    def __init__(self, name, command, folder):
        self.name = name
        self.command = [str(part) for part in command]
        self.folder = folder
        self.lives = []
        self.keeps = False
        # What every life gets from now on, those that the supervisor starts included.
        self.prefix = []
        self.environment = {}
        self._lock = threading.Lock()

    @property
    def life(self):
        return self.lives[-1] if self.lives else None

    @property
    def is_running(self):
        return self.life is not None and self.life.is_running

    def start(self, prefix=(), environment=None):
        """Starts the next life, under `prefix` (strace and the like) in this one only."""
        with self._lock:
            return self._start(prefix, environment or {})

    def keep(self):
        """Starts the next life, and one more whenever a life ends."""
        with self._lock:
            self.keeps = True
            return self._start((), {})

    def hold(self):
        """kill -9, and no life after this one until `start` or `keep`."""
        with self._lock:
            self.keeps = False
        self.life.kill()

    def _start(self, prefix, environment):
        number = len(self.lives) + 1
        log_path = self.folder / f"{self.name}-{number}.log"
        with open(log_path, "wb") as log:
            process = subprocess.Popen(
                [*self.prefix, *prefix, *self.command],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.environment, **environment},
            )
        life = Life(number, process, log_path)
        self.lives.append(life)
        threading.Thread(target=self._watch, args=(life,), daemon=True).start()
        return life

    def _watch(self, life):
        life.status = life.process.wait()
        life.ended = time.monotonic()
        life.done.set()
        time.sleep(0.2)
        with self._lock:
            if self.keeps and self.life is life:
                self._start((), {})

    def next_life(self, after, seconds=20):
        """The life that the supervisor starts once `after` has ended."""
        eventually(lambda: self.life is not after, seconds, f"the next start of {self.name}")
        return self.life

    def wait_for_log(self, text, seconds=30):
        eventually(lambda: text in self.life.log, seconds, f"'{text}' in the log of {self.name}")

    def stop(self, seconds=40):
        """SIGTERM, and no life after this one; returns the exit status."""
        with self._lock:
            self.keeps = False
        life = self.life
        life.signal(signal.SIGTERM)
        if not life.done.wait(seconds):
            raise AssertionError(f"{self.name} did not stop within {seconds} s of SIGTERM")
        return life.status

    def close(self):
        with self._lock:
            self.keeps = False
        for life in self.lives:
            if life.is_running:
                life.is_doomed = True
                life.signal(signal.SIGCONT)
                life.kill()

"""The source of numbered samples: writes them to an agent's socket, and records which of its lives was given which."""

import base64
import os
import socket
import struct
import threading
import time

from harness import eventually

SERIES = 4


def line(number, ballast=0):
    """Sample `number` in line protocol; integers, fractions and texts take turns, each kind in a series of its own."""
    kind = number % SERIES
    if kind == 3 and ballast:
        # Nothing that a compressor could make small.
        noise = base64.b64encode(os.urandom(ballast)).decode()
        return f'n,device=d value="{number} {noise}"\n'
    values = (f"{number}i", f"{number}i", f"{number / 4}", f'"{number}"')
    return f"n,device={'abcd'[kind]} value={values[kind]}\n"


def number_of(device, text):
    """The number of the sample that was stored as `text`."""
    if device == "c":
        return round(float(text) * 4)
    return int(text.split(" ", 1)[0])


def peer(connection):
    """The process at the other end of a unix socket."""
    return struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


class Feed(threading.Thread):
    """Feeds 1, 2, 3 … at a rate (samples a second) to whatever life of the agent is there; waits while there is none.

    A number is sent to one life, once, and never again: what a dying agent did not take is gone, as with a real sensor.
    """

    def __init__(self, agent, path, rate=1000, ballast=0, start=1):
        super().__init__(daemon=True)
        self.agent, self.path, self.rate, self.ballast = agent, str(path), rate, ballast
        self.next = self.begin = start
        self._goal = start - 1
        self._connection = None
        self._life = None
        self._is_closing = False
        self._wake = threading.Condition()
        self.start()

    def go(self):
        """Feeds until `pause`."""
        self._set_goal(1 << 62)

    def pause(self):
        """Feeds nothing more; returns when the chunk under way is out or has failed."""
        with self._wake:
            self._goal = min(self._goal, self.next - 1)
        eventually(lambda: self._is_idle, 60, "the end of feeding")

    def more(self, count, seconds=180):
        """Feeds so many more numbers, and returns when they are out."""
        self._set_goal(self.next - 1 + count)
        # The last number is taken before it is sent.
        eventually(lambda: self.next > self._goal and self._is_idle, seconds, f"feeding {count} samples")

    def close(self):
        self._is_closing = True
        with self._wake:
            self._wake.notify()
        self.join(10)

    def _set_goal(self, goal):
        with self._wake:
            self._goal = goal
            self._is_idle = False
            self._wake.notify()

    _is_idle = True

    def run(self):
        due = time.monotonic()
        while not self._is_closing:
            with self._wake:
                if self.next > self._goal:
                    self._is_idle = True
                    self._wake.wait(0.2)
                    due = time.monotonic()
                    continue
            if not self._connect():
                time.sleep(0.02)
                due = time.monotonic()
                continue
            count = min(max(1, self.rate // 50), self._goal - self.next + 1)
            if count > 0:
                self._send(count)
            due = max(due + count / self.rate, time.monotonic() - 0.5)
            time.sleep(max(0, due - time.monotonic()))
        self._disconnect()

    def _connect(self):
        if self._connection is not None and self._life.is_running:
            return True
        self._disconnect()
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(0.2)
        try:
            connection.connect(self.path)
            life = next((life for life in self.agent.lives if life.pid == peer(connection)), None)
        except OSError:
            life = None
        if life is None:
            connection.close()
            return False
        self._connection, self._life = connection, life
        return True

    def _disconnect(self):
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _send(self, count):
        life, first = self._life, self.next
        last = first + count - 1
        if life.first is None:
            life.first = first
        # Before it is sent: from here on the agent may have it.
        life.last = last
        self.next = last + 1
        life.times.append((last, time.monotonic()))
        data = memoryview("".join(line(number, self.ballast) for number in range(first, last + 1)).encode())
        while data:
            try:
                data = data[self._connection.send(data) :]
            except TimeoutError:
                if not life.is_running or self._is_closing:
                    self._disconnect()
                    return
            except OSError:
                self._disconnect()
                # An agent that lives on has hung up: this chunk may not have been taken.
                if not life.done.wait(0.5):
                    life.broken += count
                return
        life.sent = last

"""A TCP proxy that is a bad network: stalls, drops, delivers one way only, or cuts connections within a packet."""

import random
import selectors
import socket
import threading
import time


class Proxy(threading.Thread):
    """Forwards connections to `target`; set `mode` at any time:

    pass     forwards
    stall    forwards nothing, keeps connections
    up       forwards to the broker only; answers wait (`down`: the other way round)
    refuse   closes all connections and takes none
    cut      forwards, and cuts each connection after some random number of bytes
    """

    def __init__(self, target, seed=1):
        super().__init__(daemon=True)
        self.target, self.mode = target, "pass"
        self.cuts = 0
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        # Each end: the other end, which way it sends, how many bytes until the cut.
        self._ends = {}
        self._is_closing = False
        self.start()

    def close(self):
        self._is_closing = True
        self.join(5)

    def run(self):
        while not self._is_closing:
            if self.mode == "refuse":
                self._drop_all()
            for key, _ in self._selector.select(0.05):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj in self._ends:
                    self._forward(key.fileobj)
        self._drop_all()
        self._selector.close()
        self._listener.close()

    def _accept(self):
        client, _ = self._listener.accept()
        if self.mode == "refuse":
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 2)
        except OSError:
            client.close()
            return
        budget = [self._random.randrange(1, 30_000)]
        for end, other, way in ((client, server, "up"), (server, client, "down")):
            end.settimeout(5)
            self._ends[end] = (other, way, budget)
            self._selector.register(end, selectors.EVENT_READ)

    def _forward(self, end):
        other, way, budget = self._ends[end]
        if self.mode == "stall" or (self.mode in ("up", "down") and self.mode != way):
            # What waits keeps the selector busy.
            time.sleep(0.02)
            return
        try:
            data = end.recv(16384)
            if self.mode == "cut":
                budget[0] -= len(data)
                if budget[0] < 0:
                    self.cuts += 1
                    other.sendall(data[: max(0, len(data) + budget[0])])
                    data = b""
            if data:
                other.sendall(data)
                return
        except OSError:
            pass
        self._drop(end)

    def _drop(self, end):
        other, _, _ = self._ends.pop(end)
        self._ends.pop(other, None)
        for each in (end, other):
            self._selector.unregister(each)
            each.close()

    def _drop_all(self):
        while self._ends:
            self._drop(next(iter(self._ends)))

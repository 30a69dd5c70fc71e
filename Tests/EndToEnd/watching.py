"""Who watches the programs: a client of the health endpoint, Prometheus' own tools, and systemd's side of sd_notify."""

import http.client
import json
import os
import re
import select
import shutil
import socket
import subprocess
import time

from harness import ROOT
from prometheus_client.parser import text_string_to_metric_families

PAGE = ROOT / "Sources" / "Health" / "Health.docc" / "Metrics.md"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


class Watcher:
    """Asks a program how it is, at `unix:PATH` or `tcp:HOST:PORT`."""

    def __init__(self, address):
        self.kind, _, self.place = address.partition(":")

    def ask(self, path, method="GET"):
        """The response, with its whole body as `text`."""
        if self.kind == "unix":
            connection = _UnixConnection(self.place)
        else:
            host, _, port = self.place.rpartition(":")
            connection = http.client.HTTPConnection(host, int(port), timeout=20)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            response.text = response.read().decode()
            return response
        finally:
            connection.close()

    @property
    def answers(self):
        try:
            return self.ask("/healthz").status in (200, 503)
        except OSError:
            return False

    @property
    def health(self):
        """The status, the state and the reasons in one string."""
        response = self.ask("/healthz")
        body = json.loads(response.text)
        return response.status, body["state"], "\n".join(body["reasons"])

    @property
    def metrics(self):
        """Each sample's value by (name, labels), after Prometheus' own tools have agreed to the text."""
        response = self.ask("/metrics")
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        check_metrics(response.text)
        samples = {}
        for family in text_string_to_metric_families(response.text):
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                assert key not in samples, f"{key} is there twice"
                samples[key] = sample.value
        return samples

    def value(self, name, **labels):
        return self.metrics.get((name, tuple(sorted(labels.items()))))


def promtool(*words, text=None):
    path = shutil.which("promtool")
    assert path, "promtool is missing; run Tools/bootstrap"
    return subprocess.run([path, *map(str, words)], input=text, capture_output=True, text=True, timeout=60)


def check_metrics(text):
    result = promtool("check", "metrics", text=text)
    assert result.returncode == 0 and not result.stderr, result.stderr


def families(text):
    """Of each family: its name, its kind, the names of its labels as far as there are samples, its help."""
    found = []
    for family in re.finditer(r"# HELP (\S+) (.*)\n# TYPE \1 (\S+)\n((?:\1.*\n)*)", text):
        name, help_text, kind, samples = family.groups()
        labels = []
        for label in re.findall(r'[{,](\w+)="', samples):
            if label not in labels:
                labels.append(label)
        found.append((name, kind, labels, help_text))
    assert len(found) == text.count("# TYPE ")
    return found


class Manager:
    """systemd's side: the socket that `NOTIFY_SOCKET` names."""

    def __init__(self, directory, watchdog=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.path = str(directory / "notify.sock")
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.watchdog = watchdog
        self.messages = []

    @property
    def environment(self):
        """`watchdog`: seconds. Without WATCHDOG_PID, since a tracer may stand between."""
        variables = {**os.environ, "NOTIFY_SOCKET": self.path}
        if self.watchdog:
            variables["WATCHDOG_USEC"] = str(int(self.watchdog * 1e6))
        return variables

    def listen(self, seconds=0):
        """Takes in what has come, and waits for more for so long."""
        end = time.monotonic() + seconds
        while True:
            left = max(0, end - time.monotonic())
            if not select.select([self.socket], [], [], left)[0]:
                return self
            self.messages.append((time.monotonic(), self.socket.recv(4096).decode().split("\n")))

    def has_heard(self, line, since=0):
        self.listen()
        return any(time >= since and line in lines for time, lines in self.messages)

    def count(self, line, since=0):
        self.listen()
        return sum(time >= since and line in lines for time, lines in self.messages)

    def close(self):
        self.socket.close()

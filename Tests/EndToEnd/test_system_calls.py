"""Every system call that both programs make is one that their unit allows; also where no systemd can run, which test_services.py needs."""

import os
import pathlib
import re
import signal
import subprocess

import pytest
from harness import ROOT, eventually

UNITS = ROOT / "Firmware-config/systemd"
# SQLite gives its files to the owner of the database, as root only.
BY_ROOT_ONLY = {"fchown"} if os.getuid() == 0 else set()


def members(name, _known={}):
    """The system calls of a set such as @system-service."""
    if not name.startswith("@"):
        return {name}
    if name not in _known:
        told = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], capture_output=True, text=True, check=True)
        parts = [line.strip() for line in told.stdout.splitlines()[1:]]
        _known[name] = set().union(*(members(part) for part in parts if part and not part.startswith("#")))
    return _known[name]


def allowed(unit):
    calls = set()
    for line in re.findall(r"(?m)^SystemCallFilter=(.*)$", (UNITS / f"{unit}.service").read_text()):
        parts = set().union(*map(members, line.removeprefix("~").split()))
        calls = calls - parts if line.startswith("~") else calls | parts
    return calls


def made(trace):
    return set(re.findall(r"(?m)^(?:\d+ +)?(\w+)\(", trace.read_text(errors="replace")))


def forbidden(unit, trace):
    return made(trace) - allowed(unit) - BY_ROOT_ONLY


def children(process):
    if not process.is_running:
        return []
    pid = process.process.pid
    return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


@pytest.mark.takes(30)
def test_both_programs_make_no_call_that_their_unit_forbids(site):
    traces = {"fieldproof-agent": site.directory / "agent.trace", "fieldproof-collector": site.directory / "collector.trace"}
    for process, trace in zip((site.agent, site.collector), traces.values()):
        process.command = ["strace", "-f", "-qq", "-o", str(trace), *process.command]
    site.agent_settings["inputs"] += [
        {"type": "host", "every": "250ms"},
        {"type": "exec", "command": ["/bin/sh", "-c", "echo script answer=42i"], "every": "500ms", "format": "line"},
        {"type": "tail", "path": str(site.directory / "agent.log"), "format": "line"},
        {"type": "statsd", "listen": f"unix:{site.directory}/statsd.sock"},
    ]
    try:
        site.start()
        site.feed(range(1, 2001))
        # Inputs go on, so it is never drained; an event is behind what was fed.
        assert site.mark("test.flush").returncode == 0
        eventually(lambda: site.collector_events("test.flush") > 0, 60, "the event at the collector")
        eventually(lambda: site.spool_status()["sent"] > 10, 60, "some frames")
    finally:
        # strace hands SIGTERM on to nobody, and leaves behind what it traces.
        for process in (site.agent, site.collector):
            for child in children(process):
                os.kill(child, signal.SIGTERM)
    for process in (site.agent, site.collector):
        assert process.process.wait(30) == 0
    for unit, trace in traces.items():
        assert "fdatasync" in made(trace) or "fsync" in made(trace)
        assert forbidden(unit, trace) == set(), unit


def test_a_call_outside_of_the_filter_is_noticed(tmp_path):
    (tmp_path / "trace").write_text('7 openat(AT_FDCWD, "/x") = 3\n7 mount("a", "b") = 0\n8 swapoff("/x") = 0\n8 adjtimex({modes=0}) = 0\n')
    for unit in ("fieldproof-agent", "fieldproof-collector"):
        assert forbidden(unit, tmp_path / "trace") == {"mount", "swapoff"}

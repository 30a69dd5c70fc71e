"""Both programs as services of a real systemd, by the units of Firmware-config, inside the sandbox that these describe."""

import collections
import grp
import json
import os
import pathlib
import pty
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tty

import pytest
from harness import FIELDPROOF, Broker, dump_archive, eventually, free_port
from service_manager import ServiceManager

PEERS = pathlib.Path(__file__).parents[1] / "InputsTests/Fixtures"
pytestmark = [pytest.mark.takes(40), pytest.mark.timeout(300)]


@pytest.fixture
def manager(tmp_path_factory):
    obstacle = ServiceManager.obstacle()
    if obstacle:
        pytest.skip(obstacle)
    manager = ServiceManager(tmp_path_factory.mktemp("m"))
    # A system call that the unit does not allow ends the program instead of failing quietly.
    for unit in ("fieldproof-agent", "fieldproof-collector"):
        manager.drop_in(unit, "strict", "SystemCallErrorNumber=kill\nRestart=no")
    yield manager
    manager.close()


@pytest.fixture
def broker(tmp_path_factory):
    broker = Broker(tmp_path_factory.mktemp("b")).start()
    yield broker
    broker.close()


def configure(manager, broker, inputs, **more):
    folder = manager.root / "etc/fieldproof"
    agent = {
        "agent": {"id": "box-01", "site": "lab"},
        "mqtt": {"url": f"mqtt://127.0.0.1:{broker.port}"},
        "spool": {"path": "/var/lib/fieldproof/spool", "size": "64MiB"},
        "control": {"listen": "unix:/run/fieldproof/control.sock"},
        "inputs": [{"type": "line", "listen": "unix:/run/fieldproof/line.sock"}, *inputs],
    } | more
    (folder / "agent.yaml").write_text(json.dumps(agent))
    collector = {
        "mqtt": {"url": f"mqtt://127.0.0.1:{broker.port}"},
        "archive": {"path": "/var/lib/fieldproof/archive"},
        "store": "sqlite:/var/lib/fieldproof/store.db",
        "scenarios": "/etc/fieldproof/scenarios",
    }
    (folder / "collector.yaml").write_text(json.dumps(collector))


def start(manager, unit):
    """Starts a unit; of the agent's, until it takes lines."""
    started = manager.systemctl("start", unit)
    assert started.returncode == 0, started.stderr + manager.told(unit) + str(manager.show(unit, "Result", "ExecMainStatus")) + manager.log
    if unit == "fieldproof-agent":

        def listens():
            assert manager.show(unit, "ActiveState")["ActiveState"] == "active", manager.told(unit) + str(manager.show(unit, "Result", "ExecMainStatus", "ExecMainCode"))
            return (manager.root / "run/fieldproof/line.sock").exists()

        eventually(listens, what="the line socket")


def spool_status(manager):
    told = manager.run("fieldproof-agent", "spool", "status", "--json", user="fieldproof")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def feed(manager, lines):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(manager.root / "run/fieldproof/line.sock"))
        connection.sendall("".join(line + "\n" for line in lines).encode())


def test_every_kind_of_input_works_inside_the_sandbox(manager, broker):
    manager.adopt("fieldproof-agent", "serial")
    # A pseudo terminal stands for the serial line, and is a device of another kind.
    manager.drop_in("fieldproof-agent", "pty", "DeviceAllow=char-pts rw")
    instrument, line = pty.openpty()
    tty.setraw(line)
    # By its group, as a serial line is.
    os.chown(os.ttyname(line), 0, grp.getgrnam("dialout").gr_gid)
    os.chmod(os.ttyname(line), 0o660)
    domain = 1 + os.getpid() % 99
    modbus = subprocess.Popen(
        [sys.executable, PEERS / "modbus/peer.py", "tcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    ros = subprocess.Popen(
        [sys.executable, PEERS / "ros2/peer.py", str(domain)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert ros.stdout.readline() == "ready\n"
        ros.stdin.write("open /joint_states sensor_msgs/JointState\n")
        assert ros.stdout.readline().startswith("ok")
        registers = [{"address": 0, "kind": "input", "encode": "int16", "scale": 0.1, "series": "room.temperature", "unit": "Cel"}]
        statsd = free_port()
        inputs = [
            {"type": "host", "every": "250ms"},
            {"type": "hwmon"},
            {"type": "modbus", "device": {"url": f"tcp://localhost:{modbus.stdout.readline().strip()}", "unit": 1}, "every": "100ms", "registers": registers},
            {
                "type": "ros2", "domain": domain, "network": {"interfaces": "lo", "multicast": "off", "peers": "127.0.0.1"},
                "topics": [{"topic": "/joint_states", "type": "sensor_msgs/JointState"}],
            },
            {"type": "serial", "port": os.ttyname(line), "format": {"type": "value", "series": "scale.weight"}},
            {"type": "statsd", "listen": f"udp:127.0.0.1:{statsd}", "every": "200ms"},
            {"type": "exec", "command": ["/usr/bin/python3", "-c", "print('script answer=42i')"], "every": "500ms", "format": "line"},
            {"type": "mqtt", "url": f"mqtt://localhost:{broker.port}", "topics": [{"topic": "doors/{device}/opened", "event": "door.opened"}]},
            {"type": "tail", "path": "/var/log/scale.log", "format": "line"},
        ]
        manager.start()
        configure(manager, broker, inputs)
        start(manager, "fieldproof-collector")
        start(manager, "fieldproof-agent")
        wanted = {"cpu.usage", "room.temperature", "joint.position", "scale.weight", "app.requests", "script.answer", "counter", "tailed"}

        def seen():
            feed(manager, ["counter value=1i"])
            os.write(instrument, b"12.5\n")
            ros.stdin.write('send /joint_states {"name": ["j1"], "position": [0.5]}\n')
            assert ros.stdout.readline().startswith("ok")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.sendto(b"app.requests:1|c", ("127.0.0.1", statsd))
            with (manager.root / "var/log/scale.log").open("a") as file:
                file.write("tailed value=1i\n")
            return wanted <= archived_series(manager)

        try:
            eventually(seen, 60, "series of every input")
        except AssertionError as error:
            raise AssertionError(f"{error}: {archived_series(manager)}\n{manager.told('fieldproof-agent')}") from None
        assert manager.systemctl("stop", "fieldproof-agent").returncode == 0
        assert manager.systemctl("stop", "fieldproof-collector").returncode == 0
        for unit in ("fieldproof-agent", "fieldproof-collector"):
            shown = manager.show(unit, "Result", "ExecMainStatus", "ActiveState")
            assert shown == {"Result": "success", "ExecMainStatus": "0", "ActiveState": "inactive"}, manager.told(unit)
    finally:
        for peer in (modbus, ros):
            peer.stdin.close()
            peer.terminate()
            peer.wait(10)
        os.close(instrument)
        os.close(line)


def archived_series(manager):
    """The names of all series that the collector's store has."""
    question = "import sqlite3; print(*(row[0] for row in sqlite3.connect('store.db').execute('SELECT definition FROM series')), sep='\\n')"
    told = manager.run("env", "--chdir=/var/lib/fieldproof", "/usr/bin/python3", "-c", question, user="fieldproof")
    return {json.loads(line)["name"] for line in told.stdout.splitlines()}


def archived_numbers(manager, folder):
    """How often each number of the series `counter` is in the archive, by a copy of it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(manager.root / "var/lib/fieldproof", folder, ignore=shutil.ignore_patterns("spool"))
    dump_archive(folder, folder / "frames")
    told = subprocess.run([FIELDPROOF, "decode", "--format", "csv", folder / "frames"], capture_output=True, text=True, timeout=60)
    return collections.Counter(int(cells[4]) for cells in (row.split(",") for row in told.stdout.splitlines()) if cells[3] == "counter")


def has_archived(manager, folder, count):
    try:
        return len(archived_numbers(manager, folder)) == count
    except (sqlite3.Error, ValueError, KeyError, OSError):
        # The copy was made while the collector wrote.
        return False


def process_of(manager, unit):
    """Its id as this test sees it: the one below systemd's control group."""
    inside = manager.show(unit, "MainPID")["MainPID"]
    for path in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            ids = re.search(r"^NSpid:\s+(.*)$", path.read_text(), re.M)
        except OSError:
            continue
        if ids and ids[1].split()[-1] == inside and len(ids[1].split()) > 1 and same_namespace(path.parent, manager.first):
            return int(path.parent.name)
    raise AssertionError(f"{unit} has no process")


def same_namespace(process, first):
    try:
        return os.readlink(process / "ns/pid") == os.readlink(f"/proc/{first}/ns/pid")
    except OSError:
        return False


def test_a_service_can_do_nothing_but_its_work(manager, broker):
    manager.start()
    configure(manager, broker, [])
    start(manager, "fieldproof-collector")
    start(manager, "fieldproof-agent")
    own = {"fieldproof-agent": "/var/lib/fieldproof/spool", "fieldproof-collector": "/var/lib/fieldproof/archive"}
    for unit, place in own.items():
        process = process_of(manager, unit)
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines())
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
        assert all(int(status[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
        assert "0" not in status["Uid"].split()

        def inside(*words, process=process):
            # Without the filter and as the same user, who sees what the service sees.
            return subprocess.run(
                ["nsenter", "-t", str(process), "-m", "setpriv", "--reuid=fieldproof", "--regid=fieldproof", "--clear-groups", *words],
                capture_output=True, text=True,
            )

        assert inside("touch", f"{place}/probe").returncode == 0
        for path in ("/etc/fieldproof/probe", "/usr/probe", "/var/log/probe", "/etc/probe"):
            assert inside("touch", path).returncode != 0, path
        other = next(path for name, path in own.items() if name != unit)
        for path in (other, "/home", "/root", "/etc/credstore"):
            assert inside("ls", path).returncode != 0, path
        assert inside("ls", "/dev").stdout.split() and not {"vda", "sda", "kmsg", "mem", "ttyS0"} & set(inside("ls", "/dev").stdout.split())
        assert inside("ls", "/tmp").stdout == ""


def test_a_drop_in_opens_what_it_says(manager, broker):
    for name in ("iio", "w1", "serial", "tail", "exec"):
        manager.adopt("fieldproof-agent", name)
    manager.start()
    configure(manager, broker, [])
    start(manager, "fieldproof-agent")
    process = pathlib.Path(f"/proc/{process_of(manager, 'fieldproof-agent')}")
    # The last mount at a place is the one that is seen.
    mounts = {line.split()[4]: line.split()[5].split(",") for line in (process / "mountinfo").read_text().splitlines()}
    assert "ro" in mounts["/sys"] and "rw" in mounts["/sys/devices"]
    assert "ro" in mounts["/proc/sys"] and "ro" in mounts["/"]
    groups = re.search(r"^Groups:(.*)$", (process / "status").read_text(), re.M)[1].split()
    named = (line.split(":") for line in (manager.root / "etc/group").read_text().splitlines())
    ids = {name: number for name, _, number, *_ in named}
    assert {ids["dialout"], ids["adm"]} <= set(groups)
    assert manager.show("fieldproof-agent", "MemoryMax", "MemoryDenyWriteExecute") == {"MemoryMax": str(512 << 20), "MemoryDenyWriteExecute": "no"}
    # The devices of the machine are in sight, and the control group lets nobody at them but by kind.
    assert manager.show("fieldproof-agent", "DevicePolicy", "PrivateDevices") == {"DevicePolicy": "closed", "PrivateDevices": "no"}


def test_lines_reach_the_journal_with_their_levels(manager, broker):
    manager.start()
    configure(manager, broker, [{"type": "tail", "path": "/var/lib/fieldproof/missing.log", "format": "line"}])
    start(manager, "fieldproof-agent")
    start(manager, "fieldproof-collector")
    eventually(lambda: any("connected to the broker" in text for _, text in manager.journal("fieldproof-agent")), what="the line")
    levels = {text.split(" input=")[0].split(" epoch=")[0].split(" broker=")[0]: priority for priority, text in manager.journal("fieldproof-agent")}
    assert levels["agent started"] == 5 and levels["connected to the broker"] == 5
    assert levels["a source does not answer; trying again"] == 4
    assert levels["listening on unix:/run/fieldproof/line.sock"] == 6
    # Neither marks nor times are left in the text; the journal has its own.
    for unit in ("fieldproof-agent", "fieldproof-collector"):
        assert all(re.match(r"[a-z]", text) for _, text in manager.journal(unit)), manager.told(unit)


def test_a_mistake_in_the_configuration_is_told_and_not_tried_again(manager, broker):
    manager.drop_in("fieldproof-agent", "zz-again", "Restart=always\nRestartSec=100ms")
    manager.start()
    configure(manager, broker, [{"type": "host", "evry": "1s"}])
    manager.systemctl("start", "fieldproof-agent")
    eventually(lambda: manager.show("fieldproof-agent", "ActiveState")["ActiveState"] == "failed", what="the end")
    shown = manager.show("fieldproof-agent", "ExecMainStatus", "NRestarts")
    assert shown == {"ExecMainStatus": "78", "NRestarts": "0"}
    eventually(lambda: (3, "/etc/fieldproof/agent.yaml") in [(level, text[:26]) for level, text in manager.journal("fieldproof-agent")])
    assert "did you mean 'every'?" in manager.told("fieldproof-agent")


def test_a_reload_takes_a_sound_file_and_refuses_another(manager, broker):
    manager.start()
    configure(manager, broker, [])
    start(manager, "fieldproof-agent")
    configure(manager, broker, [{"type": "host", "evry": "1s"}])
    assert manager.systemctl("reload", "fieldproof-agent").returncode != 0
    assert "did you mean 'every'?" in manager.told("fieldproof-agent")
    configure(manager, broker, [{"type": "line", "listen": "unix:/run/fieldproof/other.sock", "name": "other"}])
    reloaded = manager.systemctl("reload", "fieldproof-agent")
    assert reloaded.returncode == 0, manager.told("fieldproof-agent")
    eventually(lambda: (manager.root / "run/fieldproof/other.sock").exists(), what="the new socket")
    assert manager.show("fieldproof-agent", "ActiveState", "NRestarts") == {"ActiveState": "active", "NRestarts": "0"}


@pytest.mark.parametrize("kept", ["plain", "encrypted"])
def test_a_password_of_root_reaches_the_broker(manager, tmp_path_factory, kept):
    folder = tmp_path_factory.mktemp("p")
    password = "a secret of root's"
    made = subprocess.run(["mosquitto_passwd", "-b", "-c", folder / "passwords", "box-01", password], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    broker = Broker(folder, [f"password_file {folder}/passwords"])
    text = broker.configuration.read_text().replace("allow_anonymous true", "allow_anonymous false")
    broker.configuration.write_text(text)
    broker.start()
    try:
        if kept == "encrypted":
            manager.adopt("fieldproof-agent", "credentials-encrypted")
        manager.start()
        secret = manager.root / "etc/credstore/fieldproof-agent.password"
        secret.write_text(password + "\n")
        secret.chmod(0o600)
        if kept == "encrypted":
            (manager.root / "etc/credstore.encrypted").mkdir()
            place = "/etc/credstore.encrypted/fieldproof-agent.password"
            made = manager.run("systemd-creds", "encrypt", "--with-key=host", "--name=password", "/etc/credstore/fieldproof-agent.password", place)
            assert made.returncode == 0, made.stderr
            secret.unlink()
        access = {
            "url": f"mqtt://127.0.0.1:{broker.port}",
            "username": "box-01",
            "password-file": "/run/credentials/fieldproof-agent.service/password",
        }
        configure(manager, broker, [], mqtt=access)
        start(manager, "fieldproof-agent")
        eventually(lambda: "connected to the broker" in manager.told("fieldproof-agent"), what="the connection")
        assert manager.run("ls", "/etc/credstore", user="fieldproof").returncode != 0
        assert manager.run("ls", "/run/credentials/fieldproof-agent.service", user="nobody").returncode != 0
    finally:
        broker.close()


def test_who_is_of_the_group_may_mark_runs(manager, broker):
    manager.start()
    configure(manager, broker, [])
    start(manager, "fieldproof-agent")
    mark = ["fieldproof-agent", "mark", "--socket", "/run/fieldproof/control.sock", "shift.begun"]
    assert manager.run(*mark, user="nobody").returncode != 0
    marked = manager.run(*mark, user="nobody", groups=["fieldproof"])
    assert marked.returncode == 0, marked.stderr
    # What is stored is for the service's user alone.
    looked = manager.run("ls", "/var/lib/fieldproof/spool", user="nobody", groups=["fieldproof"])
    assert looked.returncode != 0
    assert spool_status(manager)["accepted"] >= 1


def test_a_killed_agent_starts_again_and_nothing_comes_twice(manager, broker, tmp_path):
    manager.drop_in("fieldproof-agent", "zz-again", "Restart=always\nRestartSec=100ms")
    manager.start()
    configure(manager, broker, [])
    start(manager, "fieldproof-collector")
    start(manager, "fieldproof-agent")
    feed(manager, [f"counter value={number}i" for number in range(1, 1001)])
    eventually(lambda: has_archived(manager, tmp_path / "copy", 1000), 30, "the first thousand")
    manager.systemctl("kill", "--signal=SIGKILL", "fieldproof-agent")
    eventually(lambda: manager.show("fieldproof-agent", "NRestarts", "ActiveState") == {"NRestarts": "1", "ActiveState": "active"}, 30)

    def fed():
        try:
            feed(manager, [f"counter value={number}i" for number in range(1001, 2001)])
            return True
        except OSError:
            return False

    eventually(fed, what="the line socket of the second start")
    eventually(lambda: has_archived(manager, tmp_path / "copy", 2000), 30, "the second thousand")
    assert archived_numbers(manager, tmp_path / "copy") == {number: 1 for number in range(1, 2001)}


def test_an_agent_that_hangs_is_started_again(manager, broker):
    manager.drop_in("fieldproof-agent", "zz-again", "Restart=always\nRestartSec=100ms\nWatchdogSec=2s\nTimeoutAbortSec=1s")
    manager.start()
    configure(manager, broker, [])
    start(manager, "fieldproof-agent")
    # A stopped process heeds no SIGABRT, so what ends it is the SIGKILL after TimeoutAbortSec.
    before = manager.show("fieldproof-agent", "WatchdogTimestampMonotonic")
    eventually(lambda: manager.show("fieldproof-agent", "WatchdogTimestampMonotonic") != before, what="a sign of life")
    manager.systemctl("kill", "--signal=SIGSTOP", "fieldproof-agent")
    eventually(lambda: manager.show("fieldproof-agent", "NRestarts", "ActiveState") == {"NRestarts": "1", "ActiveState": "active"}, 60)


def test_neither_waits_for_a_network_or_a_broker(manager, broker):
    broker.kill()
    manager.start()
    configure(manager, broker, [])
    start(manager, "fieldproof-collector")
    start(manager, "fieldproof-agent")
    feed(manager, ["counter value=1i"])
    eventually(lambda: spool_status(manager)["accepted"] >= 1, what="a stored sample")
    asked = manager.systemctl("show", "--property=After,Wants,Requires", "fieldproof-agent", "fieldproof-collector").stdout
    assert "network-online" not in asked and "time-s" not in asked


def test_what_root_asks_for_leaves_the_services_well(manager, broker, tmp_path):
    manager.start()
    configure(manager, broker, [])
    units = ("fieldproof-collector", "fieldproof-agent")
    questions = [["fieldproof", "run", "list"], *(["fieldproof-agent", "spool", word] for word in ("status", "verify"))]
    for unit in units:
        start(manager, unit)
    feed(manager, [f"counter value={number}i" for number in range(1, 101)])
    eventually(lambda: has_archived(manager, tmp_path / "copy", 100), 30, "the samples")
    for are_running in (True, False):
        for question in questions:
            asked = manager.run(*question)
            assert asked.returncode == 0, (question, are_running, asked.stderr)
        if are_running:
            for unit in reversed(units):
                assert manager.systemctl("stop", unit).returncode == 0
    for unit in units:
        start(manager, unit)
    feed(manager, [f"counter value={number}i" for number in range(101, 201)])
    eventually(lambda: has_archived(manager, tmp_path / "copy", 200), 30, "what came afterwards")
    mine = [str(path) for path in (manager.root / "var/lib/fieldproof").rglob("*") if path.stat().st_uid == 0]
    assert mine == []

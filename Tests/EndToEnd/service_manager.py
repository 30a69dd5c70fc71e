"""systemd itself, as the first process of namespaces of its own, with the units of Firmware-config and the programs of this build.

It sees the machine's files, but has /etc, /run, /tmp, /var/lib and control groups for itself, and reads no units but those that it is given. The
network is the machine's, so that a test's broker is at hand.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness import AGENT, FIELDPROOF, ROOT, eventually

UNITS = ROOT / "Firmware-config/systemd"
SYSTEMD = pathlib.Path("/lib/systemd/systemd")
LIB = SYSTEMD.parent

# What a machine's own units would be about: nothing has to happen before ours.
TARGETS = ["sysinit.target", "basic.target", "shutdown.target", "umount.target", "network.target", "multi-user.target", "mosquitto.service"]
JOURNAL = ["systemd-journald.socket", "systemd-journald-dev-log.socket", "systemd-journald.service"]

UNSHARE = ["unshare", "-m", "-p", "-f", "-i", "-u", "-C", "--kill-child"]

# What `BEGIN` needs; tried alone, it says whether this machine can.
MOUNTS = r"""
set -eu
work=$1; agent=$2; fieldproof=$3
mount --make-rprivate /
# As systemd finds it: credentials and private directories are mounted beside it and must reach it.
mount --make-rshared /
mount -t proc proc /proc
# Bound before what hides them.
mkdir -p "$work/new/bin" "$work/new/units"
mount -t tmpfs -o mode=755 tmpfs "$work/new/bin"
for program in "$agent" "$fieldproof"; do
    touch "$work/new/bin/${program##*/}"
    mount --bind "$program" "$work/new/bin/${program##*/}"
done
mount --rbind "$work/new/bin" /usr/local/bin
mkdir -p "$work/overlay"
mount -t tmpfs -o mode=755 tmpfs "$work/overlay"
mkdir "$work/overlay/up" "$work/overlay/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$work/overlay/up,workdir=$work/overlay/work" overlay /etc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/units
cp -r "$work"/new/units/. /run/units/
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /var/log
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
mount -t tmpfs -o mode=1777 tmpfs /tmp
umount -R /sys/fs/cgroup
"""
BEGIN = MOUNTS + r"""
echo fieldproof-test-machine | md5sum | cut -d' ' -f1 >/etc/machine-id
mkdir -p /etc/fieldproof/scenarios
install -d -m 0700 /etc/credstore
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\nReadKMsg=no\nForwardToConsole=no\nForwardToWall=no\n' >/etc/systemd/journald.conf.d/test.conf
systemd-sysusers /run/units/fieldproof.conf
# Of systemd's own variables only where its units are.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin container=test SYSTEMD_UNIT_PATH=/run/units \
    /lib/systemd/systemd --system --unit=multi-user.target --log-target=console --show-status=no
"""


def own_cgroups(name):
    """A group of this name in each hierarchy, below where this process is."""
    groups = []
    mounts = [line.split() for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()]
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for _, place, kind, options, *_ in mounts:
            if (kind == "cgroup2" and not controllers) or (kind == "cgroup" and controllers.split(",")[0] in options.split(",")):
                groups.append(pathlib.Path(place + path) / name)
                break
    return groups


class ServiceManager:
    """`obstacle` says why there cannot be one here, or is None."""

    @staticmethod
    def obstacle():
        if os.getuid() != 0:
            return "needs root, for namespaces"
        with tempfile.TemporaryDirectory(prefix="fp-") as folder:
            # Gone with the namespace.
            tried = subprocess.run([*UNSHARE, "bash", "-c", MOUNTS, "begin", folder, "/bin/true", "/bin/true"], capture_output=True, text=True)
        if tried.returncode != 0:
            return f"this machine gives no namespaces, or no mounts in them: {tried.stderr.strip()}"
        groups = own_cgroups(f"fieldproof-probe-{os.getpid()}")
        try:
            for group in groups:
                group.mkdir()
                group.rmdir()
        except OSError as error:
            return f"this machine gives no control groups: {error}"
        return None if groups else "this machine has no control groups"

    def __init__(self, directory, agent=AGENT, fieldproof=FIELDPROOF):
        assert SYSTEMD.exists(), "systemd is not installed; run Tools/bootstrap"
        self.directory = directory
        self.programs = [agent, fieldproof]
        self.units = directory / "new/units"
        self.units.mkdir(parents=True)
        self.log_path = directory / "systemd.log"
        self.groups = own_cgroups(f"fieldproof-{os.getpid()}-{directory.name}")
        self.process = None
        for target in TARGETS:
            # A service that exists for nothing but its name.
            text = "[Service]\nType=oneshot\nExecStart=true\n" if target.endswith(".service") else ""
            wants = "".join(f"Wants={name}\nAfter={name}\n" for name in JOURNAL) if target == "sysinit.target" else ""
            (self.units / target).write_text(f"[Unit]\nDescription={target}\nDefaultDependencies=no\n{wants}{text}")
        for name in JOURNAL:
            shutil.copy(LIB / "system" / name, self.units)
        for name in ("fieldproof-agent.service", "fieldproof-collector.service"):
            shutil.copy(UNITS / name, self.units)
        shutil.copy(UNITS / "fieldproof.sysusers", self.units / "fieldproof.conf")
        self.carry_runtime()

    def carry_runtime(self):
        """A Swift of somebody's home is out of sight for a service; its libraries come along."""
        listed = subprocess.run(["ldd", *self.programs], capture_output=True, text=True).stdout
        paths = {line.split()[2] for line in listed.splitlines() if "=> /home" in line or "=> /root" in line}
        if paths:
            (self.units / "lib").mkdir()
            for path in paths:
                shutil.copy(path, self.units / "lib")
            for unit in ("fieldproof-agent", "fieldproof-collector"):
                self.drop_in(unit, "runtime", "Environment=LD_LIBRARY_PATH=/run/units/lib")

    def drop_in(self, unit, name, lines):
        folder = self.units / f"{unit}.service.d"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.conf").write_text(f"[Service]\n{lines}\n")

    def adopt(self, unit, name):
        """A drop-in of Firmware-config."""
        folder = self.units / f"{unit}.service.d"
        folder.mkdir(exist_ok=True)
        shutil.copy(UNITS / f"drop-ins/{name}.conf", folder)

    def start(self):
        for group in self.groups:
            group.mkdir()
            for name in ("cpuset.cpus", "cpuset.mems"):
                # Empty in a new group of the first version, which then takes nobody.
                if (group / name).exists() and not (group / name).read_text().strip():
                    (group / name).write_text((group.parent / name).read_text())

        def enter():
            for group in self.groups:
                (group / "cgroup.procs").write_text("0")

        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*UNSHARE, "bash", "-c", BEGIN, "begin", self.directory, *self.programs],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=enter,
            )

        def is_up():
            assert self.process.poll() is None, self.log
            return self.first and self.systemctl("is-system-running").stdout.strip() in ("running", "degraded")

        eventually(is_up, 60, "the start of systemd")
        return self

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")[-4000:]

    @property
    def first(self):
        """The process id of systemd, as this test sees it."""
        path = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = path.read_text().split()
        return int(children[0]) if children else None

    @property
    def root(self):
        """The files as systemd sees them."""
        return pathlib.Path(f"/proc/{self.first}/root")

    def run(self, *command, user=None, groups=(), seconds=60):
        """Runs a program beside the services."""
        as_user = []
        if user:
            group = "nogroup" if user == "nobody" else user
            as_user = ["setpriv", f"--reuid={user}", f"--regid={group}", f"--groups={','.join(groups)}" if groups else "--clear-groups"]
        return subprocess.run(
            ["nsenter", "-t", str(self.first), "-m", "-p", "-i", "-u", "-C", "--", *as_user, *map(str, command)],
            capture_output=True, text=True, timeout=seconds, cwd="/",
        )

    def systemctl(self, *words):
        return self.run("systemctl", "--no-pager", *words)

    def show(self, unit, *properties):
        told = self.systemctl("show", unit, *(f"--property={name}" for name in properties))
        return dict(line.split("=", 1) for line in told.stdout.splitlines())

    def journal(self, unit):
        """The unit's entries: a priority and a message each."""
        told = self.run("journalctl", "--unit", unit, "--output=json", "--no-pager")
        entries = [json.loads(line) for line in told.stdout.splitlines()]
        return [(int(entry["PRIORITY"]), entry["MESSAGE"]) for entry in entries if entry.get("_SYSTEMD_UNIT") == f"{unit}.service"]

    def told(self, unit):
        return "\n".join(f"<{priority}> {message}" for priority, message in self.journal(unit))

    def close(self):
        if self.process and self.process.poll() is None:
            first = self.first
            if first:
                # The end of the first process of a namespace is the end of all of it.
                os.kill(first, signal.SIGKILL)
            self.process.wait(20)
        # The kernel may still be ending the last of their processes.
        for group in self.groups:
            for folder in [*(path for path in sorted(group.rglob("*"), reverse=True) if path.is_dir()), group]:
                eventually(lambda folder=folder: removed(folder), what=f"the end of {folder}")


def removed(group):
    try:
        group.rmdir()
    except OSError:
        return not group.exists()
    return True

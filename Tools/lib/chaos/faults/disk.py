"""The disk fails: power cuts, no space, errors, short writes, limits on file sizes, a file system turned read-only."""

import signal
import time

from ..machine import Disk, Tmpfs, check_strace, limit, short_writes, strace
from . import fault


def _heal(disk, daemon, run_with_disk_gone=0.3):
    """Ends the program, mounts the disk again, and lets the supervisor start the next life."""
    time.sleep(run_with_disk_gone)
    daemon.hold()
    disk.unmount()
    disk.mount()
    daemon.keep()


@fault("power-cut-spool", "the agent's disk loses all that was not synchronized (EXT4_IOC_SHUTDOWN)", 20)
def power_cut_spool(run):
    disk = Disk(run.folder, "disk")
    world = run.make_world(spool=disk.path / "spool")
    agent = world.agent
    agent.feed.go()
    for cycle in range(run.count(6, 60)):
        if cycle % 2 == 0:
            agent.barrier()
        time.sleep(run.random.uniform(0, 0.8))
        disk.cut()
        world.hurt()
        _heal(disk, agent, run.random.uniform(0, 0.5))
        if cycle % 3 == 2:
            agent.wait_for_log("connected to the broker")


@fault("power-cut-archive", "the collector's disk, archive and store, loses all that was not synchronized", 20)
def power_cut_archive(run):
    # Each start begins a segment of 4 MiB.
    disk = Disk(run.folder, "disk", 2048)
    world = run.make_world(archive=disk.path / "archive", store=disk.path / "store.db", sync="50ms")
    world.agent.feed.go()
    for _ in range(run.count(6, 60)):
        time.sleep(run.random.uniform(0.3, 1.2))
        disk.cut()
        world.hurt()
        _heal(disk, world.collector, run.random.uniform(0, 0.5))
        world.collector.wait_for_log("connected to the broker")


FAILURES = {
    "ENOSPC from write": "pwrite64:error=ENOSPC",
    "EIO from write": "pwrite64:error=EIO",
    "EIO from fdatasync": "fdatasync:error=EIO",
    "EIO from rename": "?rename,?renameat,renameat2:error=EIO",
    "EIO from open": "openat:error=EIO",
    "EIO from read": "pread64:error=EIO",
}


def _files(spool):
    """The names that files of a spool have in the time of a test: strace knows no patterns."""
    names = ["lock", "cursor", "identity", "identity.new", *(f"{number:016x}.segment" for number in range(400))]
    return [spool / name for name in names]


def _fail(run, rule):
    """Lives of an agent in which a call fails once, some times, or from some time on."""
    check_strace()
    world = run.make_world(sync="50ms", rate=2000)
    agent = world.agent
    agent.feed.more(1000)
    agent.barrier()
    agent.stop()
    paths = _files(agent.spool)
    short = ["1", "4", "12", "25..28", "30+"]
    long = [f"{n}{more}" for n in range(1, 80, 3) for more in ("", f"..{n + 1}", f"..{n + 5}", "+")]
    for when in run.count(short, long):
        life = agent.start(strace([f"{rule}:when={when}"], paths=paths))
        agent.feed.go()
        end = time.monotonic() + 2.5
        while time.monotonic() < end and life.is_running:
            # Also tells what was refused, before it is too late to ask.
            agent.status()
            time.sleep(0.1)
        world.hurt()
        agent.feed.pause()
        if life.is_running:
            agent.status()
            agent.stop(60)
    agent.keep()


def _register_failures():
    for what, rule in FAILURES.items():
        name = "agent-" + what.lower().replace(" from ", "-")

        def inject(run, rule=rule):
            _fail(run, rule)

        fault(name, f"the agent's spool gets {what}, once, a few times, and from then on", 30)(inject)


_register_failures()


@fault("short-writes", "every third write of agent and collector is cut short, every fifth interrupted", 15)
def short_writes_everywhere(run):
    environment = short_writes(run.folder)
    world = run.make_world(start=False, sync="50ms", rate=3000)
    world.agent.environment = environment
    world.collector.environment = environment
    world.start()
    world.agent.feed.go()
    for _ in range(run.count(2, 20)):
        time.sleep(2)
        world.hurt()
        life = world.agent.life
        life.kill()
        world.agent.next_life(life)
        life = world.collector.life
        life.kill()
        world.collector.next_life(life)
    time.sleep(1)


@fault(
    "file-size-limit",
    "a limit on file sizes cuts a write of the agent short and refuses the next (prlimit --fsize)",
    20,
)
def file_size_limit(run):
    world = run.make_world(rate=2000, ballast=200)
    agent = world.agent
    agent.feed.go()
    for size in run.count([20_001, 150_003], [*range(5_001, 400_000, 20_011)]):
        agent.barrier()
        life = agent.life
        limit(life.pid, "FSIZE", size)
        world.hurt()
        life.done.wait(4)
        if life.is_running:
            limit(life.pid, "FSIZE", -1)
        else:
            # SIGXFSZ ends a program that does not ask for the error instead; it is no crash of its own.
            life.is_doomed = life.status == -signal.SIGXFSZ
            agent.next_life(life)


@fault("read-only-spool", "the agent's file system turns read-only under it", 20)
def read_only_spool(run):
    disk = Disk(run.folder, "disk")
    world = run.make_world(spool=disk.path / "spool")
    agent = world.agent
    agent.feed.go()
    for _ in range(run.count(2, 15)):
        agent.barrier()
        time.sleep(0.5)
        disk.abort()
        world.hurt()
        time.sleep(2)
        _heal(disk, agent)
        agent.wait_for_log("connected to the broker")


@fault("read-only-archive", "the collector's file system turns read-only under it", 20)
def read_only_archive(run):
    disk = Disk(run.folder, "disk")
    world = run.make_world(archive=disk.path / "archive", store=disk.path / "store.db")
    world.agent.feed.go()
    for _ in range(run.count(2, 15)):
        time.sleep(1)
        disk.abort()
        world.hurt()
        time.sleep(2)
        _heal(disk, world.collector)
        world.collector.wait_for_log("connected to the broker")


@fault("full-disk-archive", "the collector's disk, archive and store, is full for a while", 25)
def full_disk_archive(run):
    disk = Tmpfs(run.folder, "disk", 24)
    world = run.make_world(archive=disk.path / "archive", store=disk.path / "store.db", rate=2000, ballast=4000)
    world.agent.feed.go()
    for _ in range(run.count(1, 4)):
        time.sleep(1)
        disk.fill()
        world.hurt()
        # The segment under way has its room; it is the next one that has none.
        world.collector.life.done.wait(15)
        time.sleep(2)
        disk.empty()
        disk.resize(256)
        time.sleep(1)
        world.agent.feed.rate = 1000


@fault(
    "full-disk-spool",
    "the agent's disk is too small for its spool at the start, and full of other files while it runs",
    15,
)
def full_disk_spool(run):
    disk = Tmpfs(run.folder, "disk", 20)
    world = run.make_world(spool=disk.path / "spool", start=False)
    agent = world.agent
    world.broker.start()
    world.start_collector()
    life = agent.start()
    world.hurt()
    if not life.done.wait(15) or life.status == 0:
        raise AssertionError("the agent started on a disk that cannot hold its spool")
    disk.resize(64)
    agent.keep()
    agent.wait_for_log("connected to the broker")
    agent.feed.go()
    for _ in range(run.count(2, 10)):
        disk.fill()
        world.hurt()
        time.sleep(1)
        life = agent.life
        life.kill()
        agent.next_life(life)
        time.sleep(1)
        disk.empty()


@fault(
    "lost-write",
    "a write to a segment or the cursor of the spool reports one byte written that never was (strace retval injection)",
    25,
)
def lost_write(run):
    check_strace()
    world = run.make_world(sync="50ms", rate=2000)
    agent = world.agent
    agent.feed.more(1000)
    agent.barrier()
    agent.stop()
    # Not the identity: an agent whose name cannot be read does not guess at it.
    paths = [path for path in _files(agent.spool) if not path.name.startswith("identity")]
    # Nor the last frame of a start: what nothing follows cannot be told from what never was.
    for n in run.count([2, 9, 30], range(1, 31)):
        life = agent.start(strace([f"pwrite64:retval=1:when={n}"], paths=paths))
        agent.feed.go()
        time.sleep(3)
        world.hurt()
        agent.feed.pause()
        if life.is_running:
            agent.stop(60)
    agent.keep()

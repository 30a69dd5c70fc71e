"""The collector is killed, stopped, restored from an old copy, robbed of its store, or its system calls fail."""

import shutil
import signal
import time

from ..machine import check_strace, strace
from . import fault
from .agent import calls_of, spread


@fault("collector-kill", "kill -9 of the collector at random moments", 20)
def collector_kill(run):
    world = run.make_world(sync="50ms")
    world.agent.feed.go()
    for _ in range(run.count(8, 120)):
        time.sleep(run.random.uniform(0.1, 1.2))
        life = world.collector.life
        life.kill()
        world.hurt()
        world.collector.next_life(life)
    time.sleep(1)


@fault("collector-kill-syscall", "kill -9 of the collector in the n-th system call around its commit", 60)
def collector_kill_syscall(run):
    check_strace()
    world = run.make_world(sync="50ms")
    world.agent.feed.go()
    world.collector.hold()
    calls = "pwrite64,fdatasync,fsync,openat,?rename,?renameat,renameat2,?unlink,unlinkat,ftruncate,fallocate"
    log = run.folder / "calls"
    world.collector.start(strace([f"{calls}:delay_enter=0:when=1"], log))
    world.collector.wait_for_log("connected to the broker")
    time.sleep(1)
    world.collector.life.kill()
    time.sleep(0.2)
    for call, n in spread(calls_of(log), run.count(20, None)):
        life = world.collector.start(strace([f"{call}:signal=KILL:when={n}"]))
        if life.done.wait(2.5):
            world.hurt()
        life.kill()
    world.start_collector()


@fault("collector-stopped", "SIGSTOP of the collector for 20 s", 30)
def collector_stopped(run):
    world = run.make_world()
    world.agent.feed.go()
    for _ in range(run.count(1, 5)):
        time.sleep(1)
        world.collector.life.signal(signal.SIGSTOP)
        world.hurt()
        time.sleep(20)
        world.collector.life.signal(signal.SIGCONT)
    time.sleep(1)


@fault(
    "archive-restored",
    "archive and store put back to an older copy: what came since is a hole that the ledger knows",
    20,
)
def archive_restored(run):
    world = run.make_world()
    world.may_have_open_holes = True
    for _ in range(run.count(1, 5)):
        _copy_back(world, with_store=True)
        _copy_back(world, with_store=False)


def _copy_back(world, with_store):
    """Without the store, the store that stays knows more than the archive that is put back."""
    world.agent.feed.more(2000)
    world.agent.barrier()
    time.sleep(0.5)
    world.collector.stop()
    copy = world.folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    shutil.copytree(world.archive, copy / "archive")
    for path in world.folder.glob("store.db*"):
        shutil.copy(path, copy)
    world.start_collector()
    world.agent.feed.more(2000)
    world.agent.barrier()
    time.sleep(0.5)
    world.collector.stop()
    world.hurt()
    shutil.rmtree(world.archive)
    shutil.copytree(copy / "archive", world.archive)
    if with_store:
        for path in world.folder.glob("store.db*"):
            path.unlink()
        for path in copy.glob("store.db*"):
            shutil.copy(path, world.folder)
    world.start_collector()
    world.agent.feed.more(2000)


FAILURES = {
    "enospc": "pwrite64:error=ENOSPC:when={}..{}",
    "eio": "pwrite64:error=EIO:when={}..{}",
    "fdatasync": "fdatasync:error=EIO:when={}..{}",
    "open": "openat:error=EIO:when={}..{}",
}


@fault(
    "collector-io-errors", "ENOSPC and EIO from write, fdatasync and open of the collector, once and for a while", 40
)
def collector_io_errors(run):
    check_strace()
    world = run.make_world(sync="50ms")
    world.agent.feed.go()
    world.collector.stop()
    for rule in FAILURES.values():
        for first, last in run.count([(12, 12), (30, 60)], [(n, n + k) for n in range(1, 60, 3) for k in (0, 1, 8)]):
            life = world.collector.start(strace([rule.format(first, last)]))
            life.done.wait(3)
            world.hurt()
            if life.is_running:
                world.collector.stop()
    world.start_collector()

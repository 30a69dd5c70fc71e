"""The collector's store is locked, full or gone: the archive goes on, and the store catches up with it."""

import sqlite3
import time

from harness import eventually

from ..machine import Tmpfs
from . import fault


@fault("store-locked", "another program holds the collector's store locked, while it runs and while it starts", 40)
def store_locked(run):
    world = run.make_world()
    world.agent.feed.go()
    for _ in range(run.count(1, 5)):
        time.sleep(1)
        connection = sqlite3.connect(world.store, isolation_level=None, timeout=30)
        connection.execute("BEGIN EXCLUSIVE")
        world.hurt()
        # Longer than the ten seconds for which a store that is in use is waited for.
        time.sleep(12)
        life = world.collector.life
        life.kill()
        world.collector.next_life(life)
        world.hurt()
        time.sleep(3)
        connection.execute("ROLLBACK")
        connection.close()
    time.sleep(1)


@fault("store-full", "the disk of the collector's store is full, that of its archive is not: frames are still taken", 25)
def store_full(run):
    disk = Tmpfs(run.folder, "disk", 16)
    world = run.make_world(store=disk.path / "store.db", sync="50ms", rate=2000)
    agent = world.agent
    for _ in range(run.count(1, 5)):
        agent.feed.more(1000)
        agent.barrier()
        disk.fill()
        world.hurt()
        agent.feed.more(6000)
        agent.barrier()
        eventually(lambda: agent.pending == 0, 60, "the archive of what came while the store was full")
        disk.empty()
    agent.feed.more(1000)


@fault("store-deleted", "the collector's store is deleted: it is made again from the archive", 15)
def store_deleted(run):
    world = run.make_world()
    world.agent.feed.go()
    for _ in range(run.count(3, 20)):
        time.sleep(1)
        world.collector.hold()
        for path in world.folder.glob("store.db*"):
            path.unlink()
        world.hurt()
        world.start_collector()

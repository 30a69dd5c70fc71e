"""The test that other agents are measured by: the network is gone for a minute, and the agent is killed in mid-stream."""

import time

from ..machine import resident
from . import fault


def _megabytes(size):
    return f"{size / (1 << 20):.1f} MiB"


def _disk(folder):
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())


@fault(
    "outage",
    "60 s without a broker (15 s in the short form) and a kill -9 of the agent in mid-stream; figures below the table",
    30,
)
def outage(run):
    world = run.make_world(rate=2000)
    world.must_not_declare = True
    agent, note = world.agent, world.account.notes.append
    agent.feed.go()
    time.sleep(5)
    agent.barrier()
    before, disk = resident(agent.life.pid), _disk(agent.spool)
    seconds = run.count(15, 60)
    world.broker.kill()
    world.hurt()
    time.sleep(seconds / 2)
    life = agent.life
    at_kill = resident(life.pid)
    life.kill()
    world.hurt()
    agent.next_life(life)
    time.sleep(seconds / 2)
    agent.barrier()
    backlog, at_end = agent.pending, resident(agent.life.pid)
    full = _disk(agent.spool)
    world.broker.start()
    begin = time.monotonic()
    agent.wait_for_log("connected to the broker")
    agent.drain(75)
    note(
        f"agent resident {_megabytes(before)} before, {_megabytes(at_kill)} at the kill, {_megabytes(at_end)} at the end of "
        f"the outage, {_megabytes(resident(agent.life.pid))} when drained"
    )
    note(
        f"spool {_megabytes(disk)} on disk before, {_megabytes(full)} at the end of {seconds} s without a broker; "
        f"{backlog} frames waited and were through {time.monotonic() - begin:.1f} s after it was back"
    )

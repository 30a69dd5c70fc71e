"""There is no descriptor, no memory, or more data than room."""

import os
import time

from ..machine import MemoryGroup, check_strace, descriptors, limit, resident, strace
from . import fault


def _starve(run, pick):
    world = run.make_world(ballast=600, rate=2000)
    world.agent.feed.go()
    for cycle in range(run.count(2, 16)):
        time.sleep(1)
        life = pick(world).life
        # As many as it has, so that one that is closed may be opened again; then none at all.
        before = limit(life.pid, "NOFILE", descriptors(life.pid) if cycle % 2 == 0 else 3)
        world.hurt()
        # Whoever lost the broker needs a descriptor to come back.
        world.broker.stop()
        world.broker.start()
        time.sleep(4)
        if life.is_running:
            limit(life.pid, "NOFILE", before)
    time.sleep(1)


@fault("agent-no-descriptors", "the running agent may open no further file or connection", 25)
def agent_no_descriptors(run):
    _starve(run, lambda world: world.agent)


@fault("collector-no-descriptors", "the running collector may open no further file or connection", 25)
def collector_no_descriptors(run):
    _starve(run, lambda world: world.collector)


@fault(
    "agent-memory", "little memory beyond what the agent has, while a backlog of many times that grows and drains", 30
)
def agent_memory(run):
    group = MemoryGroup(f"fieldproof-chaos-{os.getpid()}")
    run.later(group.remove)
    world = run.make_world(ballast=4000, rate=2000)
    agent = world.agent
    agent.feed.more(500)
    agent.barrier()
    agent.keeps = False
    group.add(agent.life.pid)
    group.limit(resident(agent.life.pid) + (12 << 20))
    world.broker.kill()
    world.hurt()
    agent.feed.go()
    time.sleep(run.count(6, 12))
    world.broker.start()
    time.sleep(1)
    if not agent.is_running:
        agent.life.is_doomed = True
        world.account.notes.append(f"killed for want of memory: {group.kills} times")
        agent.start()
    agent.keeps = True


@fault(
    "spool-full", "more data than the spool holds while the collector is away: what goes is declared, to the sample", 45
)
def spool_full(run):
    # A quarter of the samples carry the ballast, three quarters of which no compressor can take away.
    world = run.make_world(ballast=6000, rate=3000)
    agent = world.agent
    for _ in range(run.count(1, 5)):
        agent.feed.more(500)
        agent.barrier()
        world.collector.hold()
        world.hurt()
        agent.feed.more(22_000, 120)
        agent.barrier(60)
        world.start_collector()
        agent.drain(100)


@fault(
    "overload",
    "ten times the load in bulk data, on a slow disk and without a collector: bulk is shed first, metrics are all kept",
    40,
)
def overload(run):
    check_strace()
    world = run.make_world(start=False)
    agent = world.agent
    world.broker.start()
    world.start_collector()
    agent.prefix = strace(["fdatasync:delay_enter=400000:when=1+"])
    agent.keep()
    agent.wait_for_log("connected to the broker")
    agent.feed.go()
    for _ in range(run.count(1, 4)):
        time.sleep(1)
        world.collector.hold()
        world.hurt()
        agent.flood(70_000, rate=10 * agent.feed.rate)
        agent.barrier(120)
        world.start_collector()
        agent.drain(150)
        agent.feed.go()
    time.sleep(1)

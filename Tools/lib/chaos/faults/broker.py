"""The broker hangs, dies with messages that it has acknowledged, or drops what overflows its queues."""

import signal
import time

from ..world import pause
from . import fault


@fault("broker-stopped", "SIGSTOP of the broker for 20 s", 30)
def broker_stopped(run):
    world = run.make_world()
    world.agent.feed.go()
    for _ in range(run.count(1, 5)):
        time.sleep(1)
        world.hurt()
        pause(world.broker.process, 20)
    time.sleep(1)


@fault(
    "broker-kill",
    "kill -9 of a broker without persistence, just after it has acknowledged what a stopped collector never saw",
    25,
)
def broker_kill(run):
    world = run.make_world(sync="50ms")
    world.agent.feed.go()
    for cycle in range(run.count(4, 40)):
        time.sleep(run.random.uniform(0.2, 1))
        if cycle % 2 == 0:
            # The broker takes and acknowledges, and the collector has none of it.
            world.collector.life.signal(signal.SIGSTOP)
            time.sleep(1)
        world.broker.kill()
        world.hurt()
        world.collector.life.signal(signal.SIGCONT)
        time.sleep(run.random.uniform(0, 0.5))
        world.broker.start()
    time.sleep(1)


@fault(
    "broker-queue",
    "a broker that queues 10 messages and drops the rest without a word, while the collector is slow",
    35,
)
def broker_queue(run):
    world = run.make_world(sync="50ms", broker_lines=["max_queued_messages 10"])
    world.agent.feed.go()
    for _ in range(run.count(3, 20)):
        time.sleep(0.5)
        world.collector.life.signal(signal.SIGSTOP)
        world.hurt()
        time.sleep(3)
        world.collector.life.signal(signal.SIGCONT)
    time.sleep(1)


@fault("broker-restarts", "the broker ends and comes back, at random moments", 20)
def broker_restarts(run):
    world = run.make_world()
    world.agent.feed.go()
    for _ in range(run.count(5, 60)):
        time.sleep(run.random.uniform(0.1, 1.5))
        world.broker.stop()
        world.hurt()
        time.sleep(run.random.uniform(0, 0.5))
        world.broker.start()
    time.sleep(1)

"""The agent is killed: at random moments, and at each system call of its way to the disk."""

import re
import time

from ..machine import check_strace, strace
from . import fault

# The system calls of the spool's way to the disk, from opening to renaming.
# With a question mark: some architectures have no such call.
WRITE_PATH = (
    "pwrite64,write,fdatasync,fsync,?rename,?renameat,renameat2,openat,ftruncate,fallocate,?unlink,unlinkat,"
    "?mkdir,mkdirat,flock"
)


@fault("agent-kill", "kill -9 of the agent at random moments; what was confirmed to be on its disk must survive", 25)
def agent_kill(run):
    world = run.make_world()
    agent = world.agent
    agent.feed.go()
    for cycle in range(run.count(8, 120)):
        life = agent.life
        if cycle % 2 == 0:
            agent.barrier()
        time.sleep(run.random.uniform(0, 1.2))
        life.kill()
        world.hurt()
        agent.next_life(life)
        if cycle % 4 == 3:
            agent.wait_for_log("agent started")


def calls_of(log):
    """How often each system call is made by the thread that makes it most: strace counts per thread."""
    counts = {}
    for row in log.read_text(errors="replace").splitlines():
        match = re.match(r"(\d+)\s+(\w+)\(", row)
        if match:
            counts[match.groups()] = counts.get(match.groups(), 0) + 1
    most = {}
    for (_, call), count in counts.items():
        most[call] = max(most.get(call, 0), count)
    return most


def spread(counts, number):
    """So many (system call, n) out of all, early ones and rare calls favoured: a start has most kinds of them."""
    every = [(call, n) for call, count in sorted(counts.items()) for n in range(1, count + 1)]
    if number is None or len(every) <= number:
        return every
    picked = []
    for call, count in sorted(counts.items(), key=lambda item: item[1]):
        share = max(1, min(count, number // len(counts)))
        # Quadratic: 1, 2, 4, 7 … so that the first ones are all tried.
        picked += sorted({(call, max(1, round(count * ((k + 1) / share) ** 2))) for k in range(share)})
    return picked[:number]


@fault(
    "agent-kill-syscall",
    "kill -9 of the agent in the n-th system call of its write path, for many n, start included",
    60,
)
def agent_kill_syscall(run):
    check_strace()
    world = run.make_world(sync="50ms", rate=2000)
    agent = world.agent
    agent.feed.go()
    agent.barrier()
    agent.hold()
    # One life to count the calls of.
    log = run.folder / "calls"
    agent.start([*strace([f"{WRITE_PATH}:delay_enter=0:when=1"], log)])
    agent.wait_for_log("connected to the broker")
    time.sleep(1)
    agent.life.kill()
    time.sleep(0.2)
    for call, n in spread(calls_of(log), run.count(25, None)):
        life = agent.start(strace([f"{call}:signal=KILL:when={n}"]))
        if life.done.wait(2.5):
            world.hurt()
        # Not reached: ended like the others, and not counted.
        life.kill()
    agent.keep()


@fault(
    "agent-restarts",
    "a box that is switched off again and again, for weeks without a collector, with hardly any data",
    15,
)
def agent_restarts(run):
    world = run.make_world()
    world.must_not_declare = True
    agent = world.agent
    agent.feed.more(500)
    agent.barrier()
    world.collector.hold()
    for _ in range(run.count(10, 60)):
        agent.feed.more(20)
        agent.barrier()
        life = agent.life
        life.kill()
        world.hurt()
        agent.next_life(life)
    world.start_collector()


@fault("agent-stopped", "SIGSTOP of the agent for a while; its feed waits", 12)
def agent_stopped(run):
    import signal

    world = run.make_world()
    world.agent.feed.go()
    for _ in range(run.count(1, 5)):
        time.sleep(1)
        world.agent.life.signal(signal.SIGSTOP)
        world.hurt()
        time.sleep(run.count(9, 20))
        world.agent.life.signal(signal.SIGCONT)
    time.sleep(1)


@fault("duplicate-agent", "two boxes under one agent id, each with its own spool: neither is taken for the other", 30)
def duplicate_agent(run):
    world = run.make_world()
    world.agent.feed.go()
    world.agent.barrier()
    twin = world.add_box("twin", 1_000_000_001)
    twin.keep()
    world.hurt()
    twin.wait_for_log("agent started")
    twin.feed.go()
    time.sleep(run.count(8, 60))
    # Two of one name throw each other out, and the collector takes nothing new from either for as long as it has heard of both: each
    # drains when it is alone, and the collector knows of no other.
    twin.feed.pause()
    twin.barrier()
    twin.stop()
    world.collector.hold()
    world.start_collector()
    world.agent.drain(75)
    world.agent.stop()
    world.collector.hold()
    world.start_collector()
    twin.keep()
    twin.drain(75)

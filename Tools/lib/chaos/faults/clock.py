"""The wall clock is wrong: at the epoch, ten years off, or jumping; the monotonic clock is left alone."""

import time

from ..machine import FALSE_CLOCK_PREFIX, false_clock, forget_clock
from . import fault


def _sweep(run, *daemons):
    def sweep():
        for daemon in daemons:
            for life in daemon.lives:
                forget_clock(life.pid)

    run.later(sweep)


def _lives(run, settings):
    false_clock("+0")
    world = run.make_world()
    agent = world.agent
    _sweep(run, agent)
    agent.prefix = FALSE_CLOCK_PREFIX
    agent.feed.go()
    for setting in settings * run.count(1, 5):
        agent.environment = false_clock(setting)
        agent.barrier()
        life = agent.life
        life.kill()
        world.hurt()
        agent.next_life(life)
        agent.wait_for_log("connected to the broker")
        time.sleep(1.2)
    agent.environment, agent.prefix = {}, []
    life = agent.life
    life.kill()
    agent.next_life(life)


@fault("clock-1970", "the agent starts with a wall clock of 1970, as a box without a battery does", 12)
def clock_1970(run):
    _lives(run, ["@1970-01-01 00:00:05"])


@fault("clock-ten-years", "the agent starts with a wall clock ten years ahead, then ten years behind", 15)
def clock_ten_years(run):
    _lives(run, ["+10y", "-10y"])


@fault("clock-jumps", "the wall clock of the running agent and collector jumps years ahead, back, and to 1970", 20)
def clock_jumps(run):
    file = run.folder / "clock"
    file.write_text("+0\n")
    environment = false_clock("+0")
    del environment["FAKETIME"]
    environment["FAKETIME_TIMESTAMP_FILE"] = str(file)
    world = run.make_world(start=False)
    _sweep(run, world.agent, world.collector)
    for daemon in (world.agent, world.collector):
        daemon.environment, daemon.prefix = environment, FALSE_CLOCK_PREFIX
    world.start()
    world.agent.feed.go()
    for _ in range(run.count(1, 10)):
        for setting in ("+10y", "-10y", "@1970-01-01 00:00:05", "+0"):
            time.sleep(1.2)
            file.write_text(f"{setting}\n")
            world.hurt()
    time.sleep(1)

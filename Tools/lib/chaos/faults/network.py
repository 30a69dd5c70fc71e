"""The network between agent and broker stalls, breaks, works in one direction only, or cuts packets in half."""

import time

from ..proxy import Proxy
from . import fault


def _world(run, **options):
    proxies = []

    def through(port):
        proxies.append(Proxy(port, seed=run.random.random()))
        return proxies[0].port

    world = run.make_world(agent_port=through, **options)
    run.later(proxies[0].close)
    return world, proxies[0]


@fault("network-stall", "nothing passes for longer than the keepalive, then everything", 25)
def network_stall(run):
    world, proxy = _world(run)
    world.agent.feed.go()
    for _ in range(run.count(1, 6)):
        time.sleep(1)
        proxy.mode = "stall"
        world.hurt()
        time.sleep(10)
        proxy.mode = "pass"
    time.sleep(1)


@fault("network-one-way", "only what the agent sends passes, then only what it is sent", 30)
def network_one_way(run):
    world, proxy = _world(run)
    world.agent.feed.go()
    for mode in ["up", "down"] * run.count(1, 5):
        time.sleep(1)
        proxy.mode = mode
        world.hurt()
        time.sleep(9)
        proxy.mode = "pass"
    time.sleep(1)


@fault("network-refused", "the broker cannot be reached for a while", 20)
def network_refused(run):
    world, proxy = _world(run)
    world.agent.feed.go()
    for _ in range(run.count(2, 15)):
        time.sleep(1)
        proxy.mode = "refuse"
        world.hurt()
        time.sleep(4)
        proxy.mode = "pass"
    time.sleep(1)


@fault("network-cuts", "connections break after random numbers of bytes, in the middle of packets", 25)
def network_cuts(run):
    world, proxy = _world(run, rate=4000, sync="50ms")
    world.agent.feed.go()
    proxy.mode = "cut"
    time.sleep(run.count(12, 120))
    proxy.mode = "pass"
    world.account.times = proxy.cuts
    time.sleep(1)

"""Two simulated arms, one a site, that grasp and place. The same seed gives the same samples."""

import datetime
import math
import random

SCENARIO = "grasp-and-place"
SEED = 9283
UNITS = {
    "gripper.force": "N",
    "joint.temperature": "Cel",
    "pose.x": "mm",
    "pose.y": "mm",
    "pose.z": "mm",
}
BEGIN = datetime.datetime(2026, 9, 14, 8, tzinfo=datetime.timezone.utc)
SECOND = 1_000_000_000
# What happens at which site in which run; all others succeed.
STORY = {
    "deqing": {
        12: {"outcome": "invalid"},
        31: {"outcome": "success", "intervention": True},
        40: {"outcome": "success", "gap": True},
        52: {"outcome": "failure", "failure_mode": "slip", "fault": True},
    },
    "hall-2": {},
}


def record(session):
    session.simulate_clock(1500)
    for site, agent, runs in [("deqing", "arm-07", 66), ("hall-2", "arm-11", 66)]:
        box = session.box(site, agent, UNITS)
        box.feed(list(lines(site, agent, runs, random.Random(f"{SEED}/{site}"))))


def lines(site, agent, runs, chance):
    """A run each 20 s or so, with idle time between them."""
    time = int(BEGIN.timestamp()) * SECOND + (0 if site == "deqing" else 977_000_000)
    heat = [31.0 + joint for joint in range(6)]
    for number in range(1, runs + 1):
        fate = STORY[site].get(number, {"outcome": "success"})
        seconds = round(chance.gauss(9.3, 0.5), 3)
        start, stop = time, time + int(seconds * 1000) * 1_000_000
        run = f"run,scenario={SCENARIO},id={agent}-r{number:03}"
        yield f'{run},subject={agent} event="start" {start}'
        yield from force(start, stop, fate, chance)
        for joint in range(6):
            for second in range(int(seconds) + 1):
                heat[joint] += (46 + 2 * joint - heat[joint]) * 0.002 + chance.gauss(0, 0.05)
                stamp = start + second * SECOND + joint * 1_000_000
                yield f"joint,joint=j{joint + 1} temperature={heat[joint]:.1f} {stamp}"
        x, y, z = (chance.gauss(0, 0.0095) for _ in range(3))
        if fate.get("fault"):
            # The part turns in the grip and is put down beside its place.
            yield f'event,device={agent} name="fault",code="grip-lost" {stop - 2 * SECOND}'
            x += 0.055
        yield f"pose x={x:.3f},y={y:.3f},z={z:.3f} {stop - 10_000_000}"
        facts = "".join(f',{key}="{fate[key]}"' for key in ("outcome", "failure_mode") if key in fate)
        step_in = ",intervention=true" if fate.get("intervention") else ""
        yield f'{run} event="stop"{facts}{step_in} {stop}'
        time = stop + int(chance.uniform(8, 14) * 1000) * 1_000_000


def force(start, stop, fate, chance):
    """It closes after 2 s, holds, and opens 1.5 s before the end. 100 readings a second."""
    hold = chance.gauss(31.5, 1.2)
    length = (stop - start) / SECOND
    for step in range(int(length * 100)):
        at = step / 100
        # The cable of the gripper comes loose for a moment.
        if fate.get("gap") and 3 <= at < 5.4:
            continue
        rise = 1 / (1 + math.exp(-(at - 2) * 12))
        fall = 1 / (1 + math.exp(-(length - 1.5 - at) * 12))
        lost = 0.15 if fate.get("fault") and at > length - 3 else 1
        value = max(0.0, hold * rise * fall * lost + chance.gauss(0, 0.12))
        yield f"gripper force={value:.1f} {start + step * 10_000_000}"

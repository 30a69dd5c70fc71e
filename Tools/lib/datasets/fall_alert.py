"""Thirty simulated nights of three rooms with staged falls. The same seed gives the same samples."""

import datetime
import hashlib
import random

SCENARIO = "fall-alert"
SEED = 2026
UNITS = {"help.delay": "s"}
BEGIN = datetime.datetime(2026, 10, 1, 20, tzinfo=datetime.timezone.utc)
SECOND = 1_000_000_000
HOURS = 12
NIGHTS = 30
MISSED = {("room-101", 9), ("room-103", 21)}
EMPTY = {("room-102", 17)}
DARK = {("room-103", 5)}
# Alarms for nothing in a night, on average: a curtain in the draught of room 102.
FALSE = {"room-101": 0.3, "room-102": 0.7, "room-103": 0.35}


def record(session):
    session.simulate_clock(4000)
    # So that the same people have the same pseudonyms each time; they are as simulated as the rest. A real key comes from `openssl rand`.
    key = session.folder / "pseudonym.key"
    key.write_text(hashlib.sha256(f"{SCENARIO}/{SEED}".encode()).hexdigest())
    key.chmod(0o600)
    pipeline = [
        {"match": "radar.track.*", "action": "drop"},
        {"match": "person.*", "action": "pseudonymise", "key-file": str(key)},
    ]
    for number, room in enumerate(["room-101", "room-102", "room-103"], 101):
        box = session.box(room, f"radar-{number}", UNITS, pipeline=pipeline)
        box.feed(list(lines(room, f"radar-{number}", random.Random(f"{SEED}/{room}"))))


def lines(room, agent, chance):
    for night in range(1, NIGHTS + 1):
        start = int((BEGIN + datetime.timedelta(days=night - 1)).timestamp()) * SECOND
        stop = start + HOURS * 3600 * SECOND
        run = f"run,scenario={SCENARIO},id={room}-n{night:02}"
        yield f'{run},subject={agent} event="start" {start}'
        yield f'person id="resident of {room}" {start + SECOND}'
        yield from people(room, night, start, chance)
        if (room, night) not in EMPTY:
            yield from falls(room, night, agent, start, chance)
            yield from alarms_for_nothing(room, agent, start, stop, chance)
        outcome = "invalid" if (room, night) in EMPTY else "monitored"
        yield f'{run} event="stop",outcome="{outcome}" {stop}'


def people(room, night, start, chance):
    """One reading a minute: mostly one person, two while somebody helps, none while the person is in the bathroom."""
    here = 1
    for minute in range(HOURS * 60):
        # The plug is pulled for cleaning.
        if (room, night) in DARK and 300 <= minute < 312:
            continue
        if chance.random() < 0.04:
            here = chance.choice([1, 1, 1, 0, 2])
        seen = 0 if (room, night) in EMPTY else here
        yield f"radar people={seen}i {start + minute * 60 * SECOND}"


def falls(room, night, agent, start, chance):
    """One staged fall a night, often a second one, each in a part of the night of its own."""
    count = 1 + (chance.random() < 0.45)
    for number in range(count):
        minute = chance.uniform(20, 700 / count - 30) + number * 700 / count
        at = start + int(minute * 60) * SECOND
        if (room, night) in MISSED and number == 0:
            # Found on the round.
            yield f'event,device={agent} name="fall.missed" {at}'
            yield f"help delay={chance.uniform(1100, 1700):.0f} {at + 1700 * SECOND}"
            continue
        # Where somebody walked before they fell: it must not leave the room.
        for step in range(5):
            x, y = chance.uniform(0, 4), chance.uniform(0, 3)
            yield f"radar.track x={x:.2f},y={y:.2f} {at - (5 - step) * SECOND}"
        seen = at + int(chance.uniform(8, 25)) * SECOND
        delay = min(170.0, chance.lognormvariate(4.25, 0.35))
        yield f'event,device={agent} name="fall.detected" {seen}'
        yield f'event,device={agent} name="alarm.true" {seen + SECOND}'
        yield f"help delay={delay:.0f} {at + int(delay) * SECOND}"


def alarms_for_nothing(room, agent, start, stop, chance):
    time = start
    while True:
        time += int(chance.expovariate(FALSE[room] / (HOURS * 3600))) * SECOND
        if time >= stop:
            return
        yield f'event,device={agent} name="alarm.false" {time}'

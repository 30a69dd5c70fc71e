"""Rooms of a care home at night: what happens in them, and what their sensors tell. The same seed gives the same nights.

What happens is drawn by the rules of the scenario fall-alert: in each night a trained person falls once or more, whoever watches the trial
notes whether the radar called, and the radar calls for nothing now and then.
"""

import heapq
import random
import zlib

from .pace import nanoseconds, rfc3339

HOURS = 12
SCENARIO = "fall-alert"
# Most of what a radar takes for a fall moves in few rooms: a curtain above a heater.
NOISE = (0.5, 1.9, 0.6)
CLIMATE_EVERY = 600
PEOPLE_EVERY = 60
# After so long without a word zigbee2mqtt calls a device offline, in this house.
OFFLINE_AFTER = 3600


class Message:
    """What goes to the broker at a moment."""

    __slots__ = ("moment", "payload", "retain", "topic")

    def __init__(self, moment, topic, payload, retain=False):
        self.moment, self.topic, self.payload, self.retain = moment, topic, payload, retain

    def __lt__(self, other):
        return self.moment < other.moment


class Room:
    def __init__(self, name, place, seed, options):
        self.name = name
        self.options = options
        self.chance = random.Random(f"{seed}/{name}")
        self.noise = NOISE[place % len(NOISE)]
        self.temperature = self.chance.uniform(20.5, 22.5)
        self.humidity = self.chance.uniform(38, 48)
        self.battery = {"climate": self.chance.uniform(60, 100), "presence": 11.4 if place == 1 else self.chance.uniform(60, 100)}

    def topic(self, device):
        return f"{self.options.base}/{self.name}/{device}"

    def state(self, moment, device, **values):
        """As zigbee2mqtt publishes a device: one flat object."""
        charge = self.battery[device]
        values |= {"battery": int(charge), "linkquality": self.chance.randint(60, 190), "last_seen": rfc3339(moment)}
        if device == "presence":
            values["battery_low"] = charge < 10
        return Message(moment, self.topic(device), values)

    def begin(self, moment):
        """What is said of this room's devices before the first night."""
        for device in self.battery:
            yield Message(moment, f"{self.topic(device)}/availability", {"state": "online"}, retain=True)

    def remains(self, moment):
        """What the broker has kept: somebody told the sensor to retain its values, and the one of last week is no measurement."""
        old = moment - 7 * 86400
        yield Message(
            moment,
            self.topic("climate"),
            {"temperature": 31.9, "humidity": 71.0, "battery": 100, "linkquality": 90, "last_seen": rfc3339(old)},
            retain=True,
        )

    def night(self, number, start):
        """All messages of a night in the order of their times, and what happened: falls, missed falls, alarms for nothing."""
        stop = start + HOURS * 3600
        empty = self.chance.random() < self.options.empty
        run = f"run,scenario={SCENARIO},id={self.name}-n{number:02}"
        trial = [
            self._line(start, f'{run},subject=radar-{self.name} event="start"'),
            self._line(start + 1, f'person id="resident of {self.name}"'),
        ]
        happened = {"falls": 0, "missed": 0, "for nothing": 0}
        if not empty:
            trial += self._falls(start, happened)
            trial += self._alarms_for_nothing(start, stop, happened)
        outcome = "invalid" if empty else "monitored"
        trial.append(self._line(stop, f'{run} event="stop",outcome="{outcome}"'))
        parts = [trial, list(self._people(start, empty)), list(self._climate(start, stop)), list(self._presence(start, stop, empty))]
        return heapq.merge(*(sorted(part) for part in parts)), happened

    def _line(self, moment, line):
        """What whoever watches the trial notes: lines, each with its time."""
        return Message(moment, f"trial/{self.name}", f"{line} {nanoseconds(moment)}")

    def _event(self, moment, name):
        return self._line(moment, f'event,device=radar-{self.name} name="{name}"')

    def _radar(self, moment, topic, **values):
        return Message(moment, f"radar/{self.name}/{topic}", values | {"at": rfc3339(moment)})

    def _people(self, start, empty):
        """One reading a minute: mostly one person, two while somebody helps, none while the person is in the bathroom."""
        here = 1
        dark = self.chance.randrange(0, 700) if self.chance.random() < self.options.dark else None
        for minute in range(HOURS * 3600 // PEOPLE_EVERY):
            if self.chance.random() < 0.04:
                here = self.chance.choice([1, 1, 1, 0, 2])
            # The plug is pulled for cleaning.
            if dark is None or not dark <= minute < dark + 12:
                yield self._radar(start + minute * PEOPLE_EVERY, "people", people=0 if empty else here)

    def _falls(self, start, happened):
        count = 1 + (self.chance.random() < 0.45)
        for number in range(count):
            minute = self.chance.uniform(20, 700 / count - 30) + number * 700 / count
            at = start + int(minute * 60)
            happened["falls"] += 1
            if self.chance.random() >= self.options.sensitivity:
                # Found on the round.
                happened["missed"] += 1
                yield self._event(at, "fall.missed")
                yield self._line(at + 1700, f"help delay={self.chance.uniform(1100, 1700):.0f}")
                continue
            # Where somebody walked before they fell: it must not leave the room.
            for step in range(5):
                x, y = round(self.chance.uniform(0, 4), 2), round(self.chance.uniform(0, 3), 2)
                yield self._radar(at - (5 - step), "track", x=x, y=y)
            seen = at + int(self.chance.uniform(8, 25))
            yield self._radar(seen, "alarm", zone="floor")
            yield self._event(seen, "fall.detected")
            yield self._event(seen + 1, "alarm.true")
            delay = min(170.0, self.chance.lognormvariate(4.25, 0.35))
            yield self._line(at + int(delay), f"help delay={delay:.0f}")

    def _alarms_for_nothing(self, start, stop, happened):
        rate = self.options.false_alarms * self.noise / 86400
        moment = start
        while rate > 0:
            moment += self.chance.expovariate(rate)
            if moment >= stop:
                return
            happened["for nothing"] += 1
            yield self._radar(moment, "alarm", zone="floor")
            yield self._event(moment + 1, "alarm.false")

    def _climate(self, start, stop):
        """Every ten minutes; now and then the sensor falls silent for hours, and comes back."""
        silent = ()
        if self.chance.random() < self.options.silent:
            begin = start + self.chance.uniform(0.5, 5) * 3600
            silent = (begin, begin + self.chance.uniform(2, 5) * 3600)
            yield Message(silent[0] + OFFLINE_AFTER, f"{self.topic('climate')}/availability", {"state": "offline"}, retain=True)
        moment = start + self.chance.uniform(0, CLIMATE_EVERY)
        while moment < stop:
            self.temperature += (21.0 - self.temperature) * 0.02 + self.chance.gauss(0, 0.06)
            self.humidity += (43 - self.humidity) * 0.02 + self.chance.gauss(0, 0.3)
            self.battery["climate"] -= 0.002
            if not (silent and silent[0] <= moment < silent[1]):
                if silent and moment >= silent[1]:
                    yield Message(moment, f"{self.topic('climate')}/availability", {"state": "online"}, retain=True)
                    silent = ()
                values = {"temperature": round(self.temperature, 2), "humidity": round(self.humidity, 2)}
                yield self.state(moment, "climate", **values)
            moment += CLIMATE_EVERY

    def _presence(self, start, stop, empty):
        """Tells when somebody begins or ceases to move."""
        moment, moving = start, False
        while True:
            moment += self.chance.expovariate(1 / (240 if moving else 2400))
            if moment >= stop:
                return
            moving = not moving and not empty
            self.battery["presence"] -= 0.003
            yield self.state(moment, "presence", occupancy=moving, illuminance=self.chance.randint(0, 12))


def descriptions(rooms, base):
    """`bridge/devices`, as much of it as tells what is measured in which unit (zigbee2mqtt.io, "MQTT topics and messages")."""

    def numeric(name, unit):
        return {"type": "numeric", "name": name, "property": name, "access": 1, **({"unit": unit} if unit else {})}

    def binary(name):
        return {"type": "binary", "name": name, "property": name, "access": 1, "value_on": True, "value_off": False}

    def device(friendly, model, exposes):
        # The addresses are those of nobody: made of the names.
        address = f"0x00158d{zlib.crc32(friendly.encode()):010x}"
        common = {"type": "EndDevice", "supported": True, "interview_completed": True, "power_source": "Battery"}
        definition = {"model": model, "vendor": "Simulated", "description": model, "exposes": exposes}
        return {"ieee_address": address, "friendly_name": friendly, "definition": definition, **common}

    own = [numeric("battery", "%"), numeric("linkquality", "lqi")]
    coordinator = {"ieee_address": "0x00124b0000000000", "type": "Coordinator", "friendly_name": "Coordinator", "definition": None}
    listed = [coordinator]
    for room in rooms:
        climate = [numeric("temperature", "°C"), numeric("humidity", "%"), *own]
        presence = [binary("occupancy"), binary("battery_low"), numeric("illuminance", "lx"), *own]
        listed += [device(f"{room.name}/climate", "CLIMATE", climate), device(f"{room.name}/presence", "PRESENCE", presence)]
    return Message(0, f"{base}/bridge/devices", listed, retain=True)

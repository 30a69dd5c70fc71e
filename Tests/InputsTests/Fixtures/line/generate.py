"""Writes peers.json: lines made by other people's line protocol writers, and what another parser reads from them.

    pip install influxdb-client==1.50.0 influx-line-protocol==0.1.5 line-protocol-parser==2.0.1
    python generate.py > peers.json

The writers are InfluxData's own client and a small independent one; the reader is a third party's, written in C. A line is
kept only if the reader finds in it what was put in; text is kept as it was put in, because the reader leaves escapes.
"""

import json
import random
import warnings

from influx_line_protocol import Metric
from influxdb_client import Point, WritePrecision
from line_protocol_parser import parse_line

random.seed(20261122)
cases = []


def add(writer, line, tags, fields, time):
    """Keeps a line with what was put into it; the other parser must agree that it is well formed."""
    parsed = parse_line(line)
    assert set(parsed["fields"]) == {k for k, _ in fields}, line
    for key, value in fields:
        if not isinstance(value, str):
            assert parsed["fields"][key] == value, (line, key, value, parsed)
    cases.append({
        "writer": writer, "line": line, "measurement": parsed["measurement"], "tags": tags,
        "fields": [[k, type(v).__name__, v if isinstance(v, (str, bool)) else repr(v)] for k, v in fields],
        "time": str(time),
    })


words = ["arm", "joint", "gripper", "room", "battery"]
texts = ["slip", "a b", "comma, equals=", 'quote " inside', "back\\slash", "naïve Ωhm 温度", "tab\there", "two\nlines", "end\\"]
values = ["left", "bay 3", "a,b", "x=y", "温度", "ümlaut", "c:\\temp", "12"]


def number():
    return random.choice([
        random.uniform(-1e3, 1e3), random.uniform(-1, 1) * 10 ** random.randint(-300, 300), random.randint(-10**6, 10**6),
        random.randint(-2**63, 2**63 - 1), 0.0, -0.0, 1e22, 123456789012345678.0, 2.2250738585072014e-308, 1.7976931348623157e308,
        random.random(), True, False,
    ])


for index in range(200):
    name = random.choice(words)
    tags = {random.choice(["side", "bay", "unit"]): random.choice(values) for _ in range(random.randint(0, 3))}
    fields = {}
    for _ in range(random.randint(1, 4)):
        fields[random.choice(["value", "position", "note", "temp_1", "count"])] = (
            random.choice(texts) if random.random() < 0.25 else number())
    time = 1_795_300_000_000_000_000 + random.randint(0, 10**15)
    point = Point(name)
    for key, value in tags.items():
        point.tag(key, value)
    for key, value in fields.items():
        point.field(key, value)
    point.time(time, WritePrecision.NS)
    # The client sorts tags and fields, and leaves out what it cannot write.
    add("influxdb-client", point.to_line_protocol(), tags, sorted(fields.items()), time)

for index in range(50):
    metric = Metric(random.choice(words))
    tags = {k: random.choice(["left", "a,b", "x=y", "bay 3"]) for k in random.sample(["side", "bay"], random.randint(0, 2))}
    fields = {k: random.choice([round(random.uniform(-9, 9), 3), random.choice(["slip", 'say "x"', "a b"]), True, False])
              for k in random.sample(["value", "position", "note"], random.randint(1, 3))}
    time = 1_795_300_000_000_000_000 + random.randint(0, 10**15)
    for key, value in tags.items():
        metric.add_tag(key, value)
    for key, value in fields.items():
        metric.add_value(key, value)
    metric.with_timestamp(time)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        add("influx-line-protocol", str(metric), tags, list(fields.items()), time)

print(json.dumps(cases, indent=0, ensure_ascii=False))

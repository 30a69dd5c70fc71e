#!/usr/bin/env python3
"""A publisher of ROS 2 messages by PyPI cyclonedds, without ROS: `peer.py DOMAIN`.

The messages are made from the definitions that come with PyPI rosbags (ROS 2 Humble), and their bytes are held against its
encoder's, so that what is sent is what a ROS node would send. Does what lines on its standard input say and answers each with
`ok`; ends with its standard input.

    open TOPIC TYPE [reliable|best-effort] [transient-local]
    send TOPIC JSON                 once a reader is there; fields that are not given are 0, a time 'now' is now
    flood TOPIC COUNT RATE JSON     that many messages, so many a second; 'ok COUNT' when all are sent
    settle TOPIC                    once every reliable reader has what was sent
    close TOPIC
"""

import dataclasses
import json
import os
import sys
import time
import types

DOMAIN = int(sys.argv[1])
os.environ["CYCLONEDDS_URI"] = (
    '<CycloneDDS><Domain Id="any"><General><Interfaces><NetworkInterface name="lo"/></Interfaces>'
    "<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>"
    '<MaxAutoParticipantIndex>100</MaxAutoParticipantIndex><Peers><Peer Address="127.0.0.1"/></Peers></Discovery>'
    "</Domain></CycloneDDS>"
)

import numpy  # noqa: E402
from cyclonedds import idl  # noqa: E402
from cyclonedds.core import Policy, Qos  # noqa: E402
from cyclonedds.domain import DomainParticipant  # noqa: E402
from cyclonedds.idl import annotations, types as idl_types  # noqa: E402
from cyclonedds.pub import DataWriter  # noqa: E402
from cyclonedds.topic import Topic  # noqa: E402
from cyclonedds.util import duration  # noqa: E402
from rosbags.interfaces import Nodetype  # noqa: E402
from rosbags.typesys import Stores, get_typestore  # noqa: E402

STORE = get_typestore(Stores.ROS2_HUMBLE)
BASE = {"bool": bool, "string": str, "octet": idl_types.uint8, "byte": idl_types.uint8}
BASE |= {f"{sign}int{size}": getattr(idl_types, f"{sign}int{size}") for sign in ("", "u") for size in (8, 16, 32, 64)}
BASE |= {f"float{size}": getattr(idl_types, f"float{size}") for size in (32, 64)}
classes = {}


def annotation(field):
    kind, detail = field
    if kind == Nodetype.BASE:
        return BASE[detail[0]]
    if kind == Nodetype.NAME:
        return message_class(detail)
    if kind == Nodetype.ARRAY:
        return idl_types.array[annotation(detail[0]), detail[1]]
    return idl_types.sequence[annotation(detail[0])]


def message_class(name):
    """The class of `sensor_msgs/msg/JointState`, as DDS knows it."""
    if name not in classes:
        package, _, short = name.split("/")
        fields = {field: annotation(kind) for field, kind in STORE.fielddefs[name][1]}
        made = types.new_class(
            f"{short}_",
            (idl.IdlStruct,),
            {"typename": f"{package}.msg.dds_.{short}_"},
            lambda body: body.update(__annotations__=fields, __module__=__name__),
        )
        classes[name] = annotations.final(dataclasses.dataclass(made))
    return classes[name]


def stamp():
    now = time.time_ns()
    return {"sec": now // 10**9, "nanosec": now % 10**9}


def make(name, given, ours):
    """A message with some values given and all else 0: of our own class, or of the one that rosbags has."""
    if name == "builtin_interfaces/msg/Time" and given == "now":
        given = stamp()
    values = {field: value(kind, given.get(field), ours) for field, kind in STORE.fielddefs[name][1]}
    return (message_class(name) if ours else STORE.types[name])(**values)


def value(field, given, ours):
    kind, detail = field
    if kind == Nodetype.BASE:
        zero = {"bool": False, "string": ""}.get(detail[0], 0)
        given = zero if given is None else given
        return float(given) if detail[0].startswith("float") else given
    if kind == Nodetype.NAME:
        return make(detail, given or {}, ours)
    count = detail[1] if kind == Nodetype.ARRAY else 0
    given = list(given or []) + [None] * (count - len(given or []))
    elements = [value(detail[0], element, ours) for element in given]
    is_number = detail[0][0] == Nodetype.BASE and detail[0][1][0] != "string"
    return elements if ours or not is_number else numpy.array(elements, dtype=detail[0][1][0])


def main():
    participant = DomainParticipant(DOMAIN)
    writers = {}
    print("ready", flush=True)
    for line in sys.stdin:
        verb, topic, words = (line.rstrip("\n") + " ").split(" ", 2)
        if verb == "open":
            name, *terms = words.split()
            name = name.replace("/", "/msg/")
            reliable = "best-effort" not in terms
            qos = Qos(
                Policy.Reliability.Reliable(duration(milliseconds=100)) if reliable else Policy.Reliability.BestEffort,
                Policy.Durability.TransientLocal if "transient-local" in terms else Policy.Durability.Volatile,
                Policy.History.KeepLast(10),
            )
            writers[topic] = (DataWriter(participant, Topic(participant, f"rt{topic}", message_class(name)), qos), name)
        elif verb == "send":
            writer, name = writers[topic]
            given = json.loads(words)
            message = make(name, given, True)
            if "now" not in words:
                theirs = bytes(STORE.serialize_cdr(make(name, given, False), name))
                # Byte 3 of the head is how many bytes pad the end, which rosbags leaves open.
                assert bytes(message.serialize())[4:].rstrip(b"\0") == theirs[4:].rstrip(b"\0"), (name, theirs)
            await_reader(writer)
            writer.write(message)
        elif verb == "flood":
            count, rate, text = words.split(" ", 2)
            writer, name = writers[topic]
            await_reader(writer)
            message = make(name, json.loads(text), True)
            start = time.monotonic()
            for number in range(int(count)):
                if hasattr(message, "header"):
                    message.header.stamp.sec, message.header.stamp.nanosec = stamp().values()
                writer.write(message)
                delay = start + (number + 1) / float(rate) - time.monotonic()
                if delay > 0:
                    time.sleep(delay)
            print("ok", count, flush=True)
            continue
        elif verb == "settle":
            writers[topic][0].wait_for_acks(duration(seconds=10))
        elif verb == "close":
            # Gone with the last that knows it.
            writer = writers.pop(topic) and None
        print("ok", flush=True)


def await_reader(writer):
    deadline = time.monotonic() + 10
    while not writer.get_matched_subscriptions() and time.monotonic() < deadline:
        time.sleep(0.005)


if __name__ == "__main__":
    main()

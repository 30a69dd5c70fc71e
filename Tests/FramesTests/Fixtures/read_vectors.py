#!/usr/bin/env python3
"""Reads every test vector with other code than the one that made it: cbor2 and zstandard (PyPI) for CBOR and Zstandard, and the
rest of the format written anew here from its specification (Sources/Frames/Frames.docc/Format.md). Exits with 1 when a vector says
anything else than its expected JSON.

usage: read_vectors.py [FOLDER]     the folder with *.hex and *.json; this script's own by default
"""

import json
import pathlib
import struct
import sys

import cbor2
import zstandard

CLASSES = ["event", "metric", "bulk"]
REASONS = {1: "evicted", 2: "corrupt", 3: "refused", 4: "discarded", 5: "unavailable"}
WORD = 1 << 64


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def signed(number):
    number %= WORD
    return number - WORD if number >= WORD >> 1 else number


def unzigzag(number):
    return number >> 1 if number & 1 == 0 else -(number >> 1) - 1


def of_ordered(integer):
    """The bits, as hexadecimal digits, of the double that an integer of the same order stands for."""
    least = -(WORD >> 1)
    return f"{(integer if integer >= 0 or integer == least else least - integer) % WORD:016x}"


def expanded(data):
    size = zstandard.frame_content_size(data)
    assert 1 <= size <= 16 * len(data), "size"
    return zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)


def double_bits(number):
    return struct.pack(">d", number).hex()


class Bytes:
    """The content of one byte string."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def byte(self):
        self.place += 1
        return self.data[self.place - 1]

    def take(self, count):
        assert self.place + count <= len(self.data), "cut off"
        self.place += count
        return self.data[self.place - count : self.place]

    def varint(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def signed_varint(self):
        return unzigzag(self.varint())

    def packed(self, count, width):
        """`count` numbers of `width` bits, least significant bit first, to the end of a byte."""
        bits = int.from_bytes(self.take((count * width + 7) // 8), "little")
        assert bits >> (count * width) == 0, "padding"
        return [bits >> (index * width) & ((1 << width) - 1) for index in range(count)]

    def bits(self, read):
        """What `read` makes of a function that takes numbers of so many bits, to the end of a byte."""
        bits, place = int.from_bytes(self.data[self.place :], "little"), 0

        def take(width):
            nonlocal place
            place += width
            return bits >> (place - width) & ((1 << width) - 1)

        result = read(take)
        assert take(-place % 8) == 0, "padding"
        self.take(place // 8)
        return result

    def rice(self, count, parameter):
        def number(take):
            quotient = 0
            while quotient < 24 and take(1):
                quotient += 1
            return take(64) if quotient == 24 else quotient << parameter | take(parameter)

        return self.bits(lambda take: [number(take) for _ in range(count)])

    def block(self, count):
        if count == 1:
            return [self.signed_varint()]
        layout = self.byte()
        if layout == 228:
            unit, origin = self.varint(), self.signed_varint()
            assert unit > 1, "unit"
            return [signed(origin + unit * number) for number in self.block(count)]
        if layout == 227:
            runs = self.varint()
            values, lengths = self.block(runs), self.block(runs)
            return [value for value, length in zip(values, lengths) for _ in range(length + 1)]
        first = self.signed_varint()
        if layout <= 64:
            return [signed(first + offset) for offset in self.packed(count, layout)]
        if 97 <= layout <= 126:
            return [signed(first + offset) for offset in self.rice(count, layout - 97)]
        if layout == 127:
            steps = [self.signed_varint() for _ in range(count - 1)]
        elif 128 <= layout <= 192:
            least = self.signed_varint()
            steps = [least + offset for offset in self.packed(count - 1, layout - 128)]
        elif 193 <= layout <= 224:
            steps = map(unzigzag, self.rice(count - 1, layout - 193))
        elif layout == 225:
            steps = self.chunks(count - 1)
        elif 65 <= layout <= 96 or layout == 226:
            step = self.signed_varint()
            turns = self.chunks(count - 2) if layout == 226 else map(unzigzag, self.rice(count - 2, layout - 65))
            steps = [step]
            for turn in turns:
                steps.append(steps[-1] + turn)
        else:
            raise AssertionError(f"layout {layout}")
        integers = [first]
        for step in steps:
            integers.append(signed(integers[-1] + step))
        return integers

    def singles(self, count):
        head = self.byte()
        if head == 255:
            return [self.signed_varint() for _ in range(count)]
        assert head < 32, "form"
        shift = self.byte() if head & 16 else 0

        def number(take):
            places = shift * (take(1) if head & 16 else 0)
            width = take(head & 7)
            number = width if width < 2 else take(width - 1) | 1 << (width - 1)
            return (unzigzag(number) if head & 8 else number) << places

        return self.bits(lambda take: [number(take) for _ in range(count)])

    def blocks(self, counts):
        """A list for each series."""
        alone = sum(count == 1 for count in counts)
        singles = iter(self.singles(alone)) if alone > 1 else None
        return [[next(singles)] if singles and count == 1 else self.block(count) for count in counts]

    def chunks(self, count):
        numbers = []
        while len(numbers) < count:
            numbers += map(unzigzag, self.packed(min(32, count - len(numbers)), self.byte()))
        return numbers

    def differences(self, count):
        def numbers(take):
            numbers, width, trailing = [take(64)], 0, 0
            while len(numbers) < count:
                difference = 0
                if take(1):
                    if take(1):
                        leading, width = take(5), take(6) + 1
                        trailing = 64 - leading - width
                    difference = take(width) << trailing
                numbers.append(numbers[-1] ^ difference)
            return numbers

        return [f"{number:016x}" for number in self.bits(numbers)]

    def end(self):
        assert self.place == len(self.data), "left over"


def runs_of_series(data):
    content, series, following = Bytes(data), [], 0
    while content.place < len(data):
        run = content.varint()
        start = following + (run >> 3)
        following = start + (run & 7) + 1 + (content.varint() if run & 7 == 7 else 0)
        series += range(start, following)
    return series


def timeline_indices(item, count):
    if isinstance(item, int):
        return [item] * count
    content, indices, index = Bytes(item), [], 0
    while content.place < len(item):
        index += content.signed_varint()
        indices += [index] * (content.varint() + 1)
    assert len(indices) == count
    return indices


def read_timelines(items, wall):
    timelines, reference = [], wall
    for count, codec, data in items:
        assert codec == 1
        content = Bytes(data)
        unit = 10 ** content.byte()
        timelines.append([signed(tick + reference // unit) * unit for tick in content.block(count)])
        content.end()
        reference = timelines[-1][0]
    return timelines


def read_decimals(counts, content, patched):
    exponent = content.byte()
    exponents = content.packed(len(counts), 4) if exponent == 255 else [exponent] * len(counts)
    patches = []
    for _ in counts if patched else []:
        places, place = {}, -1
        for _ in range(content.varint()):
            place += content.varint() + 1
            places[place] = content.take(8)[::-1].hex()
        patches.append(places)
    values = [
        [("double", double_bits(float(mantissa) / float(10**exponent))) for mantissa in block]
        for block, exponent in zip(content.blocks(counts), exponents)
    ]
    for series, places in zip(values, patches):
        for place, bits in places.items():
            series[place] = ("double", bits)
    return values


def read_dictionaries(counts, content, kind):
    lists = [content.block(content.varint()) for _ in counts]
    if kind == "double":
        lists = [[of_ordered(integer) for integer in entries] for entries in lists]
    return [[(kind, entries[index]) for index in block] for block, entries in zip(content.blocks(counts), lists)]


def read_values(codec, counts, content):
    """One list of (type, value) a series."""
    if codec == 1:
        values = [[("integer", number) for number in block] for block in content.blocks(counts)]
    elif codec in (2, 8):
        values = read_decimals(counts, content, patched=codec == 8)
    elif codec == 3:
        values = [[("double", content.take(8)[::-1].hex()) for _ in range(count)] for count in counts]
    elif codec == 4:
        values = [
            [("double", double_bits(struct.unpack("<f", content.take(4))[0])) for _ in range(count)] for count in counts
        ]
    elif codec == 5:
        values = [[("double", bits) for bits in content.differences(count)] for count in counts]
    elif codec == 6:
        flags = iter(content.packed(sum(counts), 1))
        values = [[("boolean", bool(next(flags))) for _ in range(count)] for count in counts]
    elif codec == 7:
        dictionary = [content.take(content.varint()).decode() for _ in range(content.varint())]
        values = [[("text", dictionary[index]) for index in block] for block in content.blocks(counts)]
    elif codec == 9:
        values = [[("double", of_ordered(integer)) for integer in block] for block in content.blocks(counts)]
    elif codec in (10, 11):
        values = read_dictionaries(counts, content, "double" if codec == 10 else "integer")
    elif codec == 12:
        values = [[("boolean", bool(number)) for number in block] for block in content.blocks(counts)]
    else:
        raise AssertionError(f"codec {codec}")
    content.end()
    return values


def read_quality(data, counts):
    content, flat = Bytes(data), []
    while content.place < len(data):
        length = content.varint()
        flat += [content.byte()] * length
    assert len(flat) == sum(counts)
    flat = iter(flat)
    return [[next(flat) for _ in range(count)] for count in counts]


def read_columns(items, timelines):
    columns = []
    for runs, timeline, codec, payload, *quality in items:
        series = runs_of_series(runs)
        times = [timelines[index] for index in timeline_indices(timeline, len(series))]
        counts = [len(timestamps) for timestamps in times]
        content = Bytes(expanded(payload) if codec >= 64 else payload)
        values = read_values(codec % 64, counts, content)
        marks = read_quality(quality[0], counts) if quality else [[0] * count for count in counts]
        columns += zip(series, times, values, marks)
    order = ["double", "integer", "boolean", "text"]
    columns.sort(key=lambda column: (column[0], order.index(column[2][0][0])))
    return [
        [series, time, kind, value, mark]
        for series, times, values, marks in columns
        for time, (kind, value), mark in zip(times, values, marks)
    ]


def typed(value):
    if isinstance(value, bool):
        return ["boolean", value]
    if isinstance(value, int):
        return ["integer", value]
    if isinstance(value, str):
        return ["text", value]
    return ["double", double_bits(value)]


def pairs(flat):
    return list(zip(flat[::2], flat[1::2]))


def read_frame(frame):
    assert frame[:4] == bytes.fromhex("d9d9f787") and frame[-5] == 0x44, "not a frame"
    assert struct.unpack(">I", frame[-4:])[0] == crc32c(frame[:-4]), "checksum"
    whole = cbor2.loads(frame)
    header, definitions, timelines, columns, events, losses, _ = getattr(whole, "value", whole)

    # cbor2's own deterministic writer must make the same bytes (of events it might not: their NaNs keep their payloads).
    again = b"".join(cbor2.dumps(part, canonical=True) for part in (header, definitions, timelines, columns))
    assert frame[4 : 4 + len(again)] == again, "not deterministic CBOR"

    version, site, agent, install, epoch, priority, sequence, count, ordinal, *rest = header
    boot, since_boot, wall, synchronised, maximum_error, previous = rest
    assert version == 1 and len(header) == 15
    if isinstance(definitions, bytes):
        definitions = cbor2.loads(expanded(definitions))
    samples = read_columns(columns, read_timelines(timelines, wall))
    assert count == len(samples) + len(events)
    return {
        "header": {
            "site": site, "agent": agent, "install": install.hex(), "epoch": epoch, "class": CLASSES[priority],
            "sequence": sequence, "sampleCount": count, "firstOrdinal": ordinal, "boot": boot.hex(),
            "sinceBoot": since_boot, "wall": wall, "synchronised": synchronised, "maximumError": maximum_error,
            "previous": previous.hex(),
        },
        "definitions": [
            {
                "id": id, "name": name, "tags": [list(tag) for tag in pairs(tags)], "unit": unit, "kind": kind,
                "serial": serial, "range": scope and [double_bits(bound) for bound in scope], "expiry": expiry,
            }
            for id, name, tags, unit, kind, serial, scope, expiry in definitions
        ],
        "samples": samples,
        "events": [
            [name, time, [[key, *typed(value)] for key, value in pairs(attributes)]] for name, time, attributes in events
        ],
        "losses": [
            [epoch, CLASSES[priority], first, last, ordinals if ordinals is None else list(ordinals), REASONS[reason]]
            for epoch, priority, first, last, ordinals, reason in losses
        ],
    }


def main(folder):
    vectors = sorted(pathlib.Path(folder).glob("*.hex"))
    wrong = 0 if vectors else 1
    for vector in vectors:
        expected = json.loads(vector.with_suffix(".json").read_text())
        try:
            found = read_frame(bytes.fromhex(vector.read_text()))
        except Exception as error:  # a reader for tests: whatever it is, the vector is wrong
            found = repr(error)
        if found != expected:
            wrong += 1
            print(f"{vector.name}: expected\n{json.dumps(expected)}\nfound\n{json.dumps(found, default=repr)}")
    print(f"{len(vectors)} vectors, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent))

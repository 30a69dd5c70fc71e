"""Reads a collector's archive by its documented bytes (SegmentLog, Byte layout; Frames, Format), not by its store."""

import collections
import csv
import dataclasses
import io
import pathlib
import sqlite3
import struct
import subprocess

import cbor2

from .feed import number_of

_TABLE = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82F63B78 if _byte & 1 else 0)
    _TABLE.append(_byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


@dataclasses.dataclass
class Section:
    """Records that one start of a program wrote one behind the other, as (position, offset, payload)."""

    salt: bytes
    first: int
    records: list


@dataclasses.dataclass
class Segment:
    number: int
    lane: int
    sections: list

    @property
    def records(self):
        return [record for each in self.sections for record in each.records]


def _header(data, at, within=b""):
    """(number, salt, first) of the header at `at`; `within`: of a further section, the salt of its segment."""
    header = data[at : at + 180]
    if len(header) < 180 or header[:8] != b"FPSEGLOG":
        return None
    if struct.unpack_from("<I", header, 176)[0] != crc32c(within + header[:176]):
        return None
    return struct.unpack_from("<Q8sQ", header, 16)


def segment(data):
    """What a segment file holds; nil when neither of its headers is intact."""
    headers = [header for header in (_header(data, 0), _header(data, 2048)) if header]
    if not headers:
        return None
    number, own, first = max(headers)
    found = Segment(number, data[10], [Section(own, first, [])])
    at = 4096
    while at >= 0:
        section = found.sections[-1]
        expected = section.records[-1][0] + 1 if section.records else section.first
        candidates = [place for place in (data.find(b"FREC", at), data.find(b"FPSEGLOG", at)) if place >= 0]
        if not candidates or min(candidates) + 24 > len(data):
            return found
        at = min(candidates)
        if data[at : at + 4] == b"FREC":
            length, position, _, checksum = struct.unpack_from("<IQII", data, at + 4)
            is_record = (
                at % 8 == 0
                and position >= expected
                and at + 24 + length <= len(data) - 24
                and checksum == crc32c(section.salt + struct.pack("<Q", at) + data[at : at + 20])
            )
            if is_record:
                section.records.append((position, at, data[at + 24 : at + 24 + length]))
                at += 24 + (length + 7) // 8 * 8
                continue
        else:
            start = at // 4096 * 4096
            further = _header(data, at, own) if at - start in (0, 2048) else None
            if further and further[0] == number:
                found.sections.append(Section(further[1], further[2], []))
                at = start + 4096
                continue
        at += 4
    return found


def records(folder):
    """The records of a growing log in order, lane by lane, those that a younger section voids left out."""
    found = [segment(path.read_bytes()) for path in pathlib.Path(folder).glob("*.segment")]
    lanes = {}
    for part in sorted((part for part in found if part), key=lambda part: part.number):
        kept = lanes.setdefault(part.lane, [])
        for section in part.sections:
            while kept and kept[-1][0] >= section.first:
                kept.pop()
            kept += section.records
    return [record for lane in sorted(lanes) for record in lanes[lane]]


@dataclasses.dataclass
class Frame:
    stream: tuple  # site, agent, install, epoch, class
    sequence: int
    count: int
    ordinal: int
    losses: list
    data: bytes


def frame(data):
    # cbor2 takes the tag that says 'this is CBOR' off.
    item = cbor2.loads(data)
    header = item[0]
    return Frame(
        (header[1], header[2], header[3], header[4], header[5]), header[6], header[7], header[8], item[5], data
    )


# Classes as they stand in frames.
METRIC, BULK = 1, 2


@dataclasses.dataclass
class Content:
    """What an archive holds."""

    frames: list
    # How often each number is there, over all frames, each number of the flood of bulk data, and each run marker of ours.
    numbers: collections.Counter
    flood: collections.Counter
    marks: collections.Counter
    # Frames that are there more than once.
    doubled_frames: int
    problems: list

    def losses(self, stream, priority=METRIC):
        """What became of the samples of a class of (install, epoch) that did not come, by their ordinals.

        Returns how many are declared lost, and how many are holes that the collector's ledger knows of undeclared.
        """
        install, epoch = stream
        frames = [each for each in self.frames if each.stream[2:] == (*stream, priority)]
        spans = {each.sequence: (each.ordinal, each.ordinal + each.count) for each in frames}
        delivered = {ordinal for span in spans.values() for ordinal in range(*span)}
        declared = set()
        for each in self.frames:
            for of, kind, first, last, samples, _ in each.losses:
                if each.stream[2] != install or of != epoch or kind != priority:
                    continue
                if samples:
                    declared.update(range(samples[0], samples[1] + 1))
                elif samples is None and last + 1 in spans and (first == 1 or first - 1 in spans):
                    # Frames that nobody could read: their neighbours tell how many samples they had.
                    declared.update(range(spans.get(first - 1, (0, 1))[1], spans[last + 1][0]))
        declared -= delivered
        gone = set(range(1, max(delivered, default=0))) - delivered
        return len(declared), len(gone - declared)


def read(folder, store, fieldproof, scratch):
    """Everything in the archive in `folder`, its values by `fieldproof decode`, and where the store contradicts it."""
    problems = []
    # Notes of the archive's own begin with other bytes.
    frames = [frame(payload) for _, _, payload in records(folder) if payload[:1] == b"\xd9"]
    seen = collections.Counter((each.stream, each.sequence) for each in frames)
    # Definitions are in event frames: those first, as decode wants it.
    frames.sort(key=lambda each: (each.stream[4], each.stream, each.sequence))
    dump = scratch / "frames.bin"
    with open(dump, "wb") as file:
        for each in frames:
            file.write(each.data)
    result = subprocess.run(
        [fieldproof, "decode", "--format", "csv", dump], capture_output=True, text=True, timeout=300
    )
    if frames and result.returncode != 0:
        problems.append(f"decode: {result.stderr.strip()[-200:]}")
    numbers, flood, marks = collections.Counter(), collections.Counter(), collections.Counter()
    for row in csv.reader(io.StringIO(result.stdout)):
        if row[3].startswith("n,device="):
            numbers[number_of(row[3][-1], row[4])] += 1
        elif row[3].startswith("flood,device="):
            flood[int(row[4].split(" ", 1)[0])] += 1
        elif row[3] in ("run.start", "run.stop"):
            marks[row[4]] += 1
    try:
        connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        indexed = connection.execute("SELECT count(*) FROM frame").fetchone()[0]
        connection.close()
        if indexed != len(seen):
            problems.append(f"the store has {indexed} frames, the archive {len(seen)}")
    except sqlite3.Error as error:
        problems.append(f"the store cannot be read: {error}")
    return Content(frames, numbers, flood, marks, sum(seen.values()) - len(seen), problems)

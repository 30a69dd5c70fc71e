"""Reads an MCAP file, given in base 64, by the mcap package in both of its ways, and prints what is in it as JSON.

Every CRC is checked, and the indexes against the records that they point at.
"""

import base64
import collections
import io
import json
import struct
import sys
import zlib

import jsonschema
from mcap.reader import NonSeekingReader, SeekingReader
from mcap.records import AttachmentIndex, Channel, ChunkIndex, Footer, MetadataIndex, Schema, Statistics
from mcap.stream_reader import StreamReader

OPCODES = {3: Schema, 4: Channel, 8: ChunkIndex, 10: AttachmentIndex, 11: Statistics, 13: MetadataIndex}

data = base64.b64decode(sys.stdin.read())
reader = SeekingReader(io.BytesIO(data), validate_crcs=True)
summary = reader.get_summary()
indexed = list(reader.iter_messages(log_time_order=True))
stream = NonSeekingReader(io.BytesIO(data), validate_crcs=True)
streamed = list(stream.iter_messages(log_time_order=True))
records = list(StreamReader(io.BytesIO(data), validate_crcs=True, emit_chunks=True).records)


def key(found):
    _, channel, message = found
    return message.log_time, channel.id, message.sequence, message.data


assert [m.log_time for _, _, m in indexed] == sorted(m.log_time for _, _, m in indexed)
assert sorted(map(key, indexed)) == sorted(map(key, streamed))
statistics = summary.statistics
assert statistics.message_count == len(indexed)
assert statistics.channel_count == len(summary.channels) and statistics.schema_count == len(summary.schemas)
assert statistics.chunk_count == len(summary.chunk_indexes)
if indexed:
    assert (statistics.message_start_time, statistics.message_end_time) == (indexed[0][2].log_time, indexed[-1][2].log_time)
counts = collections.Counter(channel.id for _, channel, _ in indexed)
assert {id: count for id, count in statistics.channel_message_counts.items() if count} == dict(counts)

footer = next(record for record in records if isinstance(record, Footer))
section = data[footer.summary_start : len(data) - 8 - 4]
assert zlib.crc32(section) == footer.summary_crc, "the CRC of the summary"
at = footer.summary_offset_start
groups = []
while at < len(data) - 8 - 29:
    opcode, length, group, start, size = struct.unpack_from("<BQBQQ", data, at)
    assert opcode == 14 and length == 17
    groups.append(group)
    end = start + size
    while start < end:
        assert data[start] == group
        start += 9 + struct.unpack_from("<Q", data, start + 1)[0]
    assert start == end
    at += 9 + length
assert set(groups) <= set(OPCODES) and {11, 10, 13} <= set(groups)
for index in summary.chunk_indexes:
    assert data[index.chunk_start_offset] == 6
    for channel, offset in index.message_index_offsets.items():
        assert data[offset] == 7 and struct.unpack_from("<H", data, offset + 9) == (channel,)

validators = {}
for schema in summary.schemas.values():
    assert schema.encoding == "jsonschema"
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.data))
    validators[schema.id] = jsonschema.Draft202012Validator(json.loads(schema.data))
for schema, channel, message in indexed:
    assert channel.message_encoding == "json"
    validators[schema.id].validate(json.loads(message.data))

print(
    json.dumps(
        {
            "library": reader.get_header().library,
            "chunks": [index.compression for index in summary.chunk_indexes],
            "channels": {c.topic + " " + summary.schemas[c.schema_id].name: c.metadata for c in summary.channels.values()},
            "messages": [
                {"topic": channel.topic, "time": message.log_time, "data": message.data.decode()}
                for _, channel, message in indexed
            ],
            "attachments": {a.name: a.data.decode() for a in reader.iter_attachments()},
            "metadata": {m.name: m.metadata for m in reader.iter_metadata()},
        }
    )
)

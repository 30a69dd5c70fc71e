"""A relay between MQTT clients and a broker that counts what the clients publish, to the byte."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass


@dataclass
class Traffic:
    """What one client published to topics of one kind."""

    messages: int = 0
    payload: int = 0
    wire: int = 0  # whole PUBLISH packets: fixed header, topic, packet id, properties, payload
    values: int = 0


class Tap:
    """Listens on a port of its own; `traffic` has the counts by (client id, kind)."""

    def __init__(self, broker_port, classify):
        """`classify(topic, payload)` gives the kind of a message and how many values it carries."""
        self.broker_port = broker_port
        self.classify = classify
        self.traffic = defaultdict(Traffic)
        self.port = None

    async def start(self):
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _relay(self, reader, writer):
        broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self.broker_port)
        tasks = [
            asyncio.create_task(self._upward(reader, broker_writer)),
            asyncio.create_task(self._downward(broker_reader, writer)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for end in (writer, broker_writer):
                end.close()

    @staticmethod
    async def _downward(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    async def _upward(self, reader, writer):
        """Packet by packet, so that each is counted whole."""
        client = Client()
        while True:
            try:
                head = await reader.readexactly(1)
                length, shift = 0, 0
                while True:
                    head += await reader.readexactly(1)
                    length |= (head[-1] & 0x7F) << shift
                    shift += 7
                    if head[-1] < 0x80:
                        break
                body = await reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            writer.write(head + body)
            await writer.drain()
            kind = head[0] >> 4
            if kind == 1:
                client.connect(body)
            elif kind == 3:
                topic, payload = client.publication(head[0], body)
                name, values = self.classify(topic, payload)
                traffic = self.traffic[client.name, name]
                traffic.messages += 1
                traffic.payload += len(payload)
                traffic.wire += len(head) + len(body)
                traffic.values += values


class Client:
    """What must be known of a connection to read its PUBLISH packets (MQTT 3.1.1 and 5)."""

    def __init__(self):
        self.name = "?"
        self.version = 4

    def connect(self, body):
        self.version = body[6]
        offset = 10
        if self.version == 5:
            size, offset = variable(body, offset)
            offset += size
        self.name, _ = text(body, offset)

    def publication(self, flags, body):
        topic, offset = text(body, 0)
        if flags & 0x06:
            offset += 2
        if self.version == 5:
            size, offset = variable(body, offset)
            offset += size
        return topic, body[offset:]


def text(body, offset):
    size = int.from_bytes(body[offset : offset + 2], "big")
    return body[offset + 2 : offset + 2 + size].decode(), offset + 2 + size


def variable(body, offset):
    value, shift = 0, 0
    while True:
        byte = body[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, offset

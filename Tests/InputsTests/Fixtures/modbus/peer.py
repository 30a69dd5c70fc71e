#!/usr/bin/env python3
"""A Modbus server by pymodbus that can be told to misbehave: `peer.py tcp [PORT]` or `peer.py rtu`.

Prints where it is to be found (a port, or the path of a serial line) and then does what lines on its standard input say:
`garbage`, `silent`, `foreign` (answers as another unit) or `well`; answers each with `ok`. Ends with its standard input.

Unit 1 is a device with holes; unit 2 is one that only fails, unit 3 one that is slow, unit 4 one that knows one function.
Any other unit is one that a gateway does not reach; on a serial line nobody answers for it.
"""

import asyncio
import os
import struct
import sys
import threading
import tty

from pymodbus.constants import ExcCodes
from pymodbus.datastore import ModbusBaseDeviceContext, ModbusServerContext
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer


def registers(form, *values):
    data = struct.pack(form, *values)
    return [int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2)]


def at(*runs):
    return {address + place: word for address, words in runs for place, word in enumerate(words)}


COILS = at((0, [1, 0, 1]), (500, [1] * 2000))
DISCRETES = at((7, [0, 1]))
INPUTS = at(
    (0, registers(">h", -205)),
    (1, registers(">H", 546)),
    (2, registers(">f", 230.5)),
    (4, registers(">f", 50.25)[::-1]),
    (6, registers(">q", -(2**40))),
    (10, registers(">d", 1.0e-9)),
    (14, [0x8000]),
    (20, registers(">I", 4_000_000_000)),
    # 22 and 23 are not there.
    (24, [7]),
)
HOLDINGS = at((100, registers(">16s", b"EM-4711 rev B")), (200, [1]), (201, [0b1010]), (1000, list(range(300))))


class Device(ModbusBaseDeviceContext):
    def __init__(self, tables, delay=0.0, failure=None):
        self.tables, self.delay, self.failure = tables, delay, failure

    async def async_getValues(self, func_code, address, count=1):
        await asyncio.sleep(self.delay)
        if self.failure is not None:
            return self.failure
        table = self.tables.get(func_code)
        if table is None:
            return ExcCodes.ILLEGAL_FUNCTION
        if any(place not in table for place in range(address, address + count)):
            return ExcCodes.ILLEGAL_ADDRESS
        return [table[place] for place in range(address, address + count)]


ALL = {1: COILS, 2: DISCRETES, 3: HOLDINGS, 4: INPUTS}
UNITS = ModbusServerContext(
    devices={
        1: Device(ALL),
        2: Device(ALL, failure=ExcCodes.DEVICE_FAILURE),
        3: Device(ALL, delay=0.5),
        4: Device({3: HOLDINGS}),
    },
    single=False,
)
manner = "well"


def trace(sending, data):
    if not sending or manner == "well":
        return data
    if manner == "silent":
        return b""
    if manner == "foreign":
        # The unit comes after the header of TCP; on a line it is the first byte, and the checksum is then wrong as well.
        place = 6 if sys.argv[1] == "tcp" else 0
        return data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :]
    return bytes(range(0x40, 0x60))


def line():
    """Two serial lines that are the ends of one cable; gives the paths of both."""
    ends = [os.openpty() for _ in range(2)]
    for _, slave in ends:
        tty.setraw(slave)

    def copy(source, target):
        while True:
            os.write(target, os.read(source, 4096))

    for source, target in ((ends[0][0], ends[1][0]), (ends[1][0], ends[0][0])):
        threading.Thread(target=copy, args=(source, target), daemon=True).start()
    return [os.ttyname(slave) for _, slave in ends]


async def main():
    global manner
    if sys.argv[1] == "tcp":
        address = ("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0)
        server = ModbusTcpServer(UNITS, address=address, trace_packet=trace)
        await server.serve_forever(background=True)
        print(server.transport.sockets[0].getsockname()[1], flush=True)
    else:
        near, far = line()
        server = ModbusSerialServer(
            UNITS, framer=FramerType.RTU, port=far, baudrate=115200, ignore_missing_devices=True, trace_packet=trace
        )
        await server.serve_forever(background=True)
        print(near, flush=True)
    loop = asyncio.get_running_loop()
    while text := await loop.run_in_executor(None, sys.stdin.readline):
        manner = text.strip()
        print("ok", flush=True)
    await server.shutdown()


asyncio.run(main())

"""The controller's registers, by Modbus TCP: pymodbus in a thread of its own.

Input registers, high word first:

  0       state word: 0 idle, 1 approach, 2 grasp, 3 carry, 4 place, 5 retreat, 9 fault
  1       outcome of the last cycle: 0 none, 1 success, 2 failure
  2–3     cycles begun, unsigned
  4       gripper force, 0.01 N, signed
  10–15   temperatures of the joints 1 to 6, 0.1 °C, signed
"""

import asyncio
import sys
import threading

from pymodbus.constants import ExcCodes
from pymodbus.datastore import ModbusBaseDeviceContext, ModbusServerContext
from pymodbus.server import ModbusTcpServer

OUTCOMES = {None: 0, "success": 1, "failure": 2}
READ_INPUT_REGISTERS = 4


class Registers(ModbusBaseDeviceContext):
    def __init__(self, robot):
        self.robot = robot

    def words(self):
        robot = self.robot
        told = {
            0: robot.state,
            1: OUTCOMES[robot.outcome],
            2: robot.cycle >> 16,
            3: robot.cycle & 0xFFFF,
            4: round(robot.force * 100) & 0xFFFF,
        }
        told |= {10 + joint: round(heat * 10) & 0xFFFF for joint, heat in enumerate(robot.temperatures)}
        return told

    async def async_getValues(self, func_code, address, count=1):
        if func_code != READ_INPUT_REGISTERS:
            return ExcCodes.ILLEGAL_FUNCTION
        words = self.words()
        if any(place not in words for place in range(address, address + count)):
            return ExcCodes.ILLEGAL_ADDRESS
        return [words[place] for place in range(address, address + count)]

    async def async_setValues(self, func_code, address, values):
        return ExcCodes.ILLEGAL_FUNCTION


class Controller:
    """Unit 1 at 127.0.0.1; with port 0 the kernel chooses one."""

    def __init__(self, robot, address, port):
        self._loop = asyncio.new_event_loop()
        self.port = None
        self._server = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._start(robot, address, port), self._loop).result(10)
        except (OSError, RuntimeError) as error:
            sys.exit(f"cannot listen on {address}:{port}: {error}")

    async def _start(self, robot, address, port):
        units = ModbusServerContext(devices={1: Registers(robot)}, single=False)
        self._server = ModbusTcpServer(units, address=(address, port))
        await self._server.serve_forever(background=True)
        self.port = self._server.transport.sockets[0].getsockname()[1]

    def close(self):
        asyncio.run_coroutine_threadsafe(self._server.shutdown(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

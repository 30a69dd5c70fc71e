"""The arm of robot.py by MuJoCo: motors follow its plan, fingers hold a part by friction, and a part that is not held falls.

The model is arm.xml. MuJoCo gives the same for the same seed on the same machine and version, and nearly the same elsewhere.
"""

import math
import pathlib

import mujoco
import numpy

from .robot import APPROACH, CARRY, PLACE, RETREAT, STEP, TRAY, Robot

MODEL = pathlib.Path(__file__).with_name("arm.xml")
# From the flange to the middle of the part that the fingers close around, and from there to the part's underside.
REACH, HALF_PART, HALF_TABLE = 0.12, 0.03, 0.01
# How far above its place the part is let go, so that it is not pressed onto it.
FALL = 0.0005
# Newtons that open the fingers.
OPENING = 8.0
# MuJoCo leaves out how a contact turns with the arm, and a part that is held creeps by one or two millimetres.
# A part that is so far from where the gripper took it has slipped; one so far from its place is not there.
SLIPPED, ASTRAY = 0.005, 0.008
# What the camera and the laying out of parts add, metres.
CAMERA = 5e-6


class PhysicalRobot(Robot):
    # Friction holds the part by 0.15 of the grip.
    grip_left = 0.05
    physics = f"MuJoCo {mujoco.__version__}: motors, gravity, friction"

    def __init__(self, seed, slip, pause, cycles, teaches=False):
        super().__init__(seed, slip, pause, cycles)
        self._model = mujoco.MjModel.from_xml_path(str(MODEL))
        self._data = mujoco.MjData(self._model)
        self._substeps = round(STEP / self._model.opt.timestep)
        self._part = self._model.joint("part").qposadr[0]
        self.efforts, self.wrench = (0.0,) * 6, (0.0,) * 6
        self._clamp, self._held, self._before = 0.0, None, None
        # Where the motors were told to be, and at which speeds.
        self._felt = numpy.zeros(self._model.nsensordata)
        self._followed = numpy.array(self.target), numpy.zeros(6)
        self._wanted, self._inertia = numpy.zeros(self._model.nv), numpy.zeros(self._model.nv)
        self._tray, self._place = self._lay_out()
        # Where it puts a part down is its place: an arm is taught so.
        self._taught = (0.0, 0.0, 0.0) if teaches else self._teach()

    def _lay_out(self):
        """The tables stand where the part touches them; returns where the part lies in the tray and at its place."""
        data = self._data
        places = []
        for name, joints, fall in (("tray", TRAY, 0), ("place", PLACE, FALL)):
            data.qpos[:6] = joints
            mujoco.mj_kinematics(self._model, data)
            flange = data.site("flange")
            frame = flange.xmat.reshape(3, 3)
            part = flange.xpos + REACH * frame[:, 2]
            # It stands upright, with two of its sides to the fingers.
            turn = math.atan2(frame[1, 0], frame[0, 0]) / 2
            rotation = (math.cos(turn), 0, 0, math.sin(turn))
            data.mocap_pos[self._model.body(name).mocapid[0]] = part - (0, 0, HALF_PART + HALF_TABLE + fall)
            places.append((part, rotation))
        data.qpos[:6] = self.target
        self._lay_part(places[0])
        mujoco.mj_forward(self._model, data)
        return places

    @staticmethod
    def _teach():
        """Where an arm lets a part go, from the middle of the place, by a cycle of its own."""
        first = PhysicalRobot("taught", 0, 0.1, 1, teaches=True)
        while first.step() != "stop":
            pass
        return first._offset()

    def _lay_part(self, place):
        at, rotation = place
        self._data.qpos[self._part : self._part + 7] = [*at, *rotation]
        address = self._model.joint("part").dofadr[0]
        self._data.qvel[address : address + 6] = 0

    def _move(self, slips):
        data = self._data
        if self.state == APPROACH and self._before != APPROACH:
            self._lay_part(self._tray)
        if self.state == CARRY and self._before != CARRY:
            self._held = self._in_gripper()
        self._before = self.state
        self._clamp += ((self.hold if self._phase.holds else -OPENING) - self._clamp) * 0.2
        self._follow()
        # Positions of bodies are those before the last step until they are computed again.
        mujoco.mj_kinematics(self._model, data)
        self.joints, self.speeds = tuple(data.qpos[:6].tolist()), tuple(data.qvel[:6].tolist())
        self.efforts = tuple((data.qfrc_actuator[:6] + data.qfrc_applied[:6]).tolist())
        self.force, self.wrench = float(self._felt[:2].mean()), tuple(self._felt[2:].tolist())
        if self.state == RETREAT and self._way_off() > ASTRAY:
            self.outcome = "failure"
        if self.state == CARRY and self._held is not None and math.dist(self._held, self._in_gripper()) > SLIPPED:
            self._held = None
            return True
        return False

    def _follow(self):
        """The motors go to the target, which moves on as evenly as a controller's does; what the arm's own inertia takes is known to it."""
        model, data = self._model, self._data
        begin, speeds = self._followed
        end = numpy.array(self.target), numpy.array(self.target_speeds)
        self._wanted[:6] = (end[1] - speeds) / STEP
        mujoco.mj_mulM(model, data, self._inertia, self._wanted)
        data.qfrc_applied[:6] = self._inertia[:6]
        data.ctrl[12:] = self._clamp
        felt = numpy.zeros(self._model.nsensordata)
        for step in range(1, self._substeps + 1):
            share = step / self._substeps
            data.ctrl[:6] = begin + (end[0] - begin) * share
            data.ctrl[6:12] = speeds + (end[1] - speeds) * share
            mujoco.mj_step(model, data)
            felt += data.sensordata
        # Sensors of force are slow, and give no single blow.
        self._felt = felt / self._substeps
        self._followed = end

    def _in_gripper(self):
        """Where the part is, as the gripper sees it."""
        flange, data = self._data.site("flange"), self._data
        return tuple((flange.xmat.reshape(3, 3).T @ (data.qpos[self._part : self._part + 3] - flange.xpos)).tolist())

    def _offset(self):
        at, place = self._data.qpos[self._part : self._part + 3].tolist(), self._place[0]
        return [float(a - b - c) for a, b, c in zip(at, place, self._taught, strict=True)]

    def _way_off(self):
        return math.hypot(*self._offset())

    def placed(self):
        if self._way_off() > ASTRAY:
            return None
        return [(off + self.sight.gauss(0, CAMERA)) * 1000 for off in self._offset()]

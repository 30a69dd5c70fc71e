"""A robot arm with six joints and a gripper that takes parts from a tray and puts them down elsewhere.

Moves are synchronised trapezoids in joint space, the pose follows from the joints by Denavit and Hartenberg's parameters. The geometry is that of
a UR5e as its maker publishes it (Universal Robots, "Parameters for calculations of kinematics and dynamics", 45257). Lengths are metres, angles radians.
"""

import math
import random

A = (0.0, -0.425, -0.3922, 0.0, 0.0, 0.0)
D = (0.1625, 0.0, 0.0, 0.1333, 0.0997, 0.0996)
ALPHA = (math.pi / 2, 0.0, 0.0, math.pi / 2, -math.pi / 2, 0.0)
# rad/s and rad/s² of each joint.
SPEED = (math.pi,) * 6
ACCELERATION = (12.0,) * 6

HOME = (0.0, -1.57, 1.57, -1.57, -1.57, 0.0)
ABOVE_TRAY = (0.62, -1.25, 1.72, -2.04, -1.57, 0.62)
TRAY = (0.62, -1.10, 1.86, -2.33, -1.57, 0.62)
ABOVE_PLACE = (-0.78, -1.22, 1.66, -2.01, -1.57, -0.78)
PLACE = (-0.78, -1.06, 1.79, -2.30, -1.57, -0.78)

# The state word, as it stands in the controller's register.
IDLE, APPROACH, GRASP, CARRY, PLACING, RETREAT, FAULT = 0, 1, 2, 3, 4, 5, 9
STATES = {IDLE: "idle", APPROACH: "approach", GRASP: "grasp", CARRY: "carry", PLACING: "place", RETREAT: "retreat", FAULT: "fault"}
STEP = 0.01
AMBIENT = 24.0
# Seconds in which a joint comes 63 % nearer to the temperature that its work keeps it at.
WARMING = 240.0
# Of a joint's angle when it has come to rest; at a reach of 0.6 m a hundredth of a millimetre.
REPEATABILITY = 1.2e-5


def pose(joints):
    """Where the flange is: x, y, z."""
    rows = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))
    for theta, a, d, alpha in zip(joints, A, D, ALPHA, strict=True):
        c, s, ca, sa = math.cos(theta), math.sin(theta), math.cos(alpha), math.sin(alpha)
        link = ((c, -s * ca, s * sa, a * c), (s, c * ca, -c * sa, a * s), (0.0, sa, ca, d), (0.0, 0.0, 0.0, 1.0))
        rows = tuple(tuple(sum(row[k] * link[k][j] for k in range(4)) for j in range(4)) for row in rows)
    return tuple(row[3] for row in rows)


class Move:
    """From one place to another: all joints begin and end together, and none goes beyond its speed or acceleration."""

    def __init__(self, begin, end):
        self.begin, self.way = begin, tuple(to - at for at, to in zip(begin, end, strict=True))
        longest = [(abs(way), speed, acc) for way, speed, acc in zip(self.way, SPEED, ACCELERATION, strict=True) if way]
        # The way is 1 long; its speed and acceleration are those of the joint that is the tightest.
        speed = min(speed / way for way, speed, _ in longest)
        self.acceleration = min(acc / way for way, _, acc in longest)
        self.speed = min(speed, math.sqrt(self.acceleration))
        self.rise = self.speed / self.acceleration
        self.duration = 1 / self.speed + self.rise

    def at(self, time):
        """Angles and angular speeds."""
        time = min(max(time, 0.0), self.duration)
        left = self.duration - time
        if time < self.rise:
            share, speed = self.acceleration * time**2 / 2, self.acceleration * time
        elif left < self.rise:
            share, speed = 1 - self.acceleration * left**2 / 2, self.acceleration * left
        else:
            share, speed = self.speed * (time - self.rise / 2), self.speed
        return (
            tuple(at + way * share for at, way in zip(self.begin, self.way, strict=True)),
            tuple(way * speed for way in self.way),
        )


class Phase:
    """A part of a cycle: what the state word says, where the arm goes, or how long it rests, and whether the gripper holds."""

    def __init__(self, state, move=None, rest=0.0, holds=False):
        self.state, self.move, self.holds = state, move, holds
        self.duration = move.duration if move else rest

    def at(self, time, joints):
        return self.move.at(time) if self.move else (joints, (0.0,) * 6)


class Robot:
    """Goes on by a hundredth of a second at each `step`; what it does is told by what it returns.

    The arm is where its plan says that it should be, and a grip that is lost loses the part: kinematics. `physics.PhysicalRobot` has the same plan.
    """

    # Of the grip when it is lost.
    grip_left = 0.15
    # What it is called when it says what it computes.
    physics = "kinematics: joints are where they should be, and have no torques"

    def __init__(self, seed, slip, pause, cycles):
        self.chance = random.Random(str(seed))
        # What the sensors see has a chance of its own: the same cycles are the same whoever looks at them.
        self.sight = random.Random(f"{seed} sight")
        self.slip, self.pause, self.cycles = slip, pause, cycles
        # Where the plan wants the joints to be, and where they are.
        self.target, self.target_speeds = HOME, (0.0,) * 6
        self.joints, self.speeds = HOME, (0.0,) * 6
        # Torques of the joints, force and torque at the flange: known to physics only.
        self.efforts, self.wrench = (), ()
        self.temperatures = [AMBIENT + self.chance.uniform(0, 2) for _ in range(6)]
        self.force, self.hold = 0.0, 0.0
        self.state, self.cycle, self.failures = IDLE, 0, 0
        self.outcome = None
        self._phases, self._phase, self._time = [], None, 0.0
        self._slips_at = None

    def step(self):
        """`start` or `stop` of a cycle, or `slip`, when it begins, ends or happens in this step; `end` after the last cycle; otherwise nothing."""
        told = None
        self._time += STEP
        if self._phase is None or self._time >= self._phase.duration:
            told = self._go_on()
        self.target, self.target_speeds = self._phase.at(self._time, self.target)
        slips = self._slips_at is not None and self.state == CARRY and self._time >= self._slips_at
        if slips:
            self._slips_at = None
            self.hold *= self.grip_left
        if self._move(slips):
            self.outcome = "failure"
            told = "slip"
        self._warm()
        return told

    def _move(self, slips):
        """The arm and the gripper go on; whether the part slips."""
        self.joints, self.speeds = self.target, self.target_speeds
        target = self.hold if self._phase.holds else 0.0
        self.force += (target - self.force) * 0.2
        return slips

    def _go_on(self):
        """The next phase."""
        self._time = 0.0
        before = self.state
        if not self._phases:
            self._phases = self._plan()
        self._phase = self._phases.pop(0)
        if before == RETREAT and self._phase.state == IDLE and self.outcome == "failure":
            self._phase = Phase(FAULT, rest=0.5)
        self.state = self._phase.state
        if self.state == APPROACH and before == IDLE:
            self.cycle += 1
            self.outcome = None
            self.hold = self.chance.gauss(31.5, 1.2)
            self._slips_at = self.chance.uniform(0.05, 0.3) if self.chance.random() < self.slip else None
            return "start"
        if self.state in (IDLE, FAULT) and before == RETREAT:
            self.failures += self.outcome == "failure"
            self.outcome = self.outcome or "success"
            return "stop"
        return "end" if self.state == IDLE and self.cycle == self.cycles and not self._phases else None

    def _plan(self):
        """A pause, and a cycle; in the end only rest."""
        if self.cycle == self.cycles:
            return [Phase(IDLE, rest=0.3)]
        pause = self.chance.uniform(0.8, 1.2) * self.pause
        return [
            Phase(IDLE, rest=max(STEP, pause)),
            Phase(APPROACH, Move(HOME, ABOVE_TRAY)),
            Phase(APPROACH, Move(ABOVE_TRAY, TRAY)),
            Phase(GRASP, rest=self.chance.uniform(0.2, 0.3), holds=True),
            Phase(CARRY, Move(TRAY, ABOVE_TRAY), holds=True),
            Phase(CARRY, Move(ABOVE_TRAY, ABOVE_PLACE), holds=True),
            Phase(PLACING, Move(ABOVE_PLACE, PLACE), holds=True),
            Phase(PLACING, rest=self.chance.uniform(0.15, 0.25)),
            Phase(RETREAT, Move(PLACE, ABOVE_PLACE)),
            Phase(RETREAT, Move(ABOVE_PLACE, HOME)),
            Phase(IDLE, rest=STEP),
        ]

    def placed(self):
        """Where the part lies, from the middle of its place, in millimetres, as the cell's camera sees it; None when it does not see it there."""
        rested = tuple(angle + self.sight.gauss(0, REPEATABILITY) for angle in PLACE)
        off = [(at - to) * 1000 for at, to in zip(pose(rested), pose(PLACE), strict=True)]
        if self.outcome == "failure":
            # The part has turned in the grip.
            off[0] += self.sight.uniform(0.05, 0.08)
        return off

    def grip_force(self):
        """With the noise of the sensor, newtons."""
        return max(0.0, self.force + self.sight.gauss(0, 0.12))

    def _warm(self):
        for joint, speed in enumerate(self.speeds):
            # At full speed all the time a joint would become 38 K warmer than the hall, the outer ones more.
            target = AMBIENT + (14 + 24 * abs(speed) / SPEED[joint]) + 2 * joint
            self.temperatures[joint] += (target - self.temperatures[joint]) * STEP / WARMING

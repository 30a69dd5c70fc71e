"""The way out by ROS 2: messages as a driver publishes them, by DDS (PyPI cyclonedds), without ROS.

Below the namespace, which is `/` and the arm's name with `_` in place of `-`:

  joint_states            sensor_msgs/JointState 100 times a second: j1 to j6; efforts only where there is physics
  gripper/joint_states    sensor_msgs/JointState, as often: the joint `gripper`, whose effort is the force in N
  wrench                  geometry_msgs/WrenchStamped, as often: what the flange feels; only where there is physics
  diagnostics             diagnostic_msgs/DiagnosticArray at each change of state and 10 times a second: the status `arm`, whose message is the state
  joint_N/temperature     sensor_msgs/Temperature twice a second
  part_pose               geometry_msgs/PoseStamped after each cycle: where the part lies from the middle of its place, in m

All are reliable, and their headers have the time of the simulation's step.
"""

import os
import sys
import time

# On this box alone, without multicast, which containers and loopback interfaces often lack.
LOOPBACK = (
    '<CycloneDDS><Domain Id="any"><General><Interfaces><NetworkInterface name="lo"/></Interfaces><AllowMulticast>false</AllowMulticast></General>'
    "<Discovery><ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>100</MaxAutoParticipantIndex>"
    '<Peers><Peer Address="127.0.0.1"/></Peers></Discovery></Domain></CycloneDDS>'
)
os.environ.setdefault("CYCLONEDDS_URI", LOOPBACK)

from cyclonedds.core import DDSException, Policy, Qos  # noqa: E402
from cyclonedds.domain import DomainParticipant  # noqa: E402
from cyclonedds.pub import DataWriter  # noqa: E402
from cyclonedds.topic import Topic  # noqa: E402
from cyclonedds.util import duration  # noqa: E402

from . import messages  # noqa: E402
from .robot import FAULT, STATES  # noqa: E402

# An agent that was started at the same time finds the arm a moment later.
PATIENCE = 20
# Steps between messages.
EVERY_STATE, EVERY_HEAT = 10, 50
OK, WARN, ERROR = 0, 1, 2
HOT = 70.0
# Two seconds of the fastest topic are sent again to a reader that missed them.
KEPT = 200


class Driver:
    """What the arm's driver publishes."""

    def __init__(self, robot, name, domain):
        self.frame = name
        self.namespace = "/" + name.replace("-", "_")
        self._step, self._state = 0, None
        self._qos = Qos(
            Policy.Reliability.Reliable(duration(milliseconds=500)), Policy.Durability.Volatile, Policy.History.KeepLast(KEPT)
        )
        try:
            self._participant = DomainParticipant(domain)
        except DDSException as error:
            sys.exit(f"DDS cannot be used in domain {domain} ({error}); see CYCLONEDDS_URI")
        self._joints = self._writer("joint_states", messages.JointState)
        self._gripper = self._writer("gripper/joint_states", messages.JointState)
        self._wrench = self._writer("wrench", messages.WrenchStamped) if robot.wrench else None
        self._diagnostics = self._writer("diagnostics", messages.DiagnosticArray)
        self._heat = [self._writer(f"joint_{joint}/temperature", messages.Temperature) for joint in range(1, 7)]
        self._pose = self._writer("part_pose", messages.PoseStamped)

    def _writer(self, topic, kind):
        return DataWriter(self._participant, Topic(self._participant, f"rt{self.namespace}/{topic}", kind), self._qos)

    def await_reader(self, ending):
        """So that the first of a number of cycles is not missed; false when nobody came."""
        end = time.monotonic() + PATIENCE
        while not self._joints.get_matched_subscriptions():
            if time.monotonic() > end or ending.within(0.05):
                return False
        # The reader of one topic is found before those of the others.
        ending.within(0.5)
        return True

    def tell(self, robot, told, stamp):
        """What is published at a step; `stamp` is nanoseconds since 1970."""
        header = messages.Header(messages.Time(stamp // 10**9, stamp % 10**9), self.frame)
        names = [f"j{number}" for number in range(1, 7)]
        self._joints.write(messages.JointState(header, names, list(robot.joints), list(robot.speeds), list(robot.efforts)))
        self._gripper.write(messages.JointState(header, ["gripper"], [], [], [robot.grip_force()]))
        if self._wrench:
            force, torque = messages.Vector3(*robot.wrench[:3]), messages.Vector3(*robot.wrench[3:])
            self._wrench.write(messages.WrenchStamped(header, messages.Wrench(force, torque)))
        if told == "stop" and (placed := robot.placed()):
            # The run ends when all about it is told: what is measured at its stop is no longer in it.
            before = stamp - 1_000_000
            header_before = messages.Header(messages.Time(before // 10**9, before % 10**9), self.frame)
            point = messages.Point(*(value / 1000 for value in placed))
            self._pose.write(messages.PoseStamped(header_before, messages.Pose(point)))
        if robot.state != self._state or self._step % EVERY_STATE == 0:
            self._state = robot.state
            self._diagnostics.write(messages.DiagnosticArray(header, [self._status(robot)]))
        if self._step % EVERY_HEAT == 0:
            for writer, heat in zip(self._heat, robot.temperatures, strict=True):
                writer.write(messages.Temperature(header, heat))
        self._step += 1

    def _status(self, robot):
        hottest = max(robot.temperatures)
        level = ERROR if robot.state == FAULT else WARN if hottest > HOT else OK
        values = [messages.KeyValue("cycle", str(robot.cycle)), messages.KeyValue("hottest joint", f"{hottest:.1f}")]
        return messages.DiagnosticStatus(level, "arm", STATES[robot.state], self.frame, values)

    def close(self):
        """Once readers have what was sent."""
        try:
            for writer in (self._joints, self._gripper, self._diagnostics, self._pose):
                writer.wait_for_acks(duration(seconds=2))
        except DDSException:
            # A reader that has gone takes nothing any more.
            pass

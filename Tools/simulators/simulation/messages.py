"""Messages of ROS 2 as DDS knows them (github.com/ros2/common_interfaces, branch humble), for PyPI cyclonedds."""

from dataclasses import dataclass, field

from cyclonedds.idl import IdlStruct, annotations
from cyclonedds.idl.types import float64, int32, sequence, uint8, uint32


def message(body):
    """Messages of ROS have no members that may be left out, and default to nothing."""
    return annotations.final(dataclass(body))


def empty(kind):
    return field(default_factory=kind)


@message
class Time(IdlStruct, typename="builtin_interfaces.msg.dds_.Time_"):
    sec: int32 = 0
    nanosec: uint32 = 0


@message
class Header(IdlStruct, typename="std_msgs.msg.dds_.Header_"):
    stamp: Time = empty(Time)
    frame_id: str = ""


@message
class JointState(IdlStruct, typename="sensor_msgs.msg.dds_.JointState_"):
    header: Header = empty(Header)
    name: sequence[str] = empty(list)
    position: sequence[float64] = empty(list)
    velocity: sequence[float64] = empty(list)
    effort: sequence[float64] = empty(list)


@message
class Temperature(IdlStruct, typename="sensor_msgs.msg.dds_.Temperature_"):
    header: Header = empty(Header)
    temperature: float64 = 0.0
    variance: float64 = 0.0


@message
class KeyValue(IdlStruct, typename="diagnostic_msgs.msg.dds_.KeyValue_"):
    key: str = ""
    value: str = ""


@message
class DiagnosticStatus(IdlStruct, typename="diagnostic_msgs.msg.dds_.DiagnosticStatus_"):
    level: uint8 = 0
    name: str = ""
    message: str = ""
    hardware_id: str = ""
    values: sequence[KeyValue] = empty(list)


@message
class DiagnosticArray(IdlStruct, typename="diagnostic_msgs.msg.dds_.DiagnosticArray_"):
    header: Header = empty(Header)
    status: sequence[DiagnosticStatus] = empty(list)


@message
class Vector3(IdlStruct, typename="geometry_msgs.msg.dds_.Vector3_"):
    x: float64 = 0.0
    y: float64 = 0.0
    z: float64 = 0.0


@message
class Wrench(IdlStruct, typename="geometry_msgs.msg.dds_.Wrench_"):
    force: Vector3 = empty(Vector3)
    torque: Vector3 = empty(Vector3)


@message
class WrenchStamped(IdlStruct, typename="geometry_msgs.msg.dds_.WrenchStamped_"):
    header: Header = empty(Header)
    wrench: Wrench = empty(Wrench)


@message
class Point(IdlStruct, typename="geometry_msgs.msg.dds_.Point_"):
    x: float64 = 0.0
    y: float64 = 0.0
    z: float64 = 0.0


@message
class Quaternion(IdlStruct, typename="geometry_msgs.msg.dds_.Quaternion_"):
    x: float64 = 0.0
    y: float64 = 0.0
    z: float64 = 0.0
    w: float64 = 1.0


@message
class Pose(IdlStruct, typename="geometry_msgs.msg.dds_.Pose_"):
    position: Point = empty(Point)
    orientation: Quaternion = empty(Quaternion)


@message
class PoseStamped(IdlStruct, typename="geometry_msgs.msg.dds_.PoseStamped_"):
    header: Header = empty(Header)
    pose: Pose = empty(Pose)

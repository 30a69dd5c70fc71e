#if ROS2
import Telemetry

extension Unit {
    static let radian = Unit("rad") ?? .one
    static let radianPerSecond = Unit("rad/s") ?? .one
    static let newtonMetre = Unit("N.m") ?? .one
    static let newton = Unit("N") ?? .one
    static let metre = Unit("m") ?? .one
    static let metrePerSecond = Unit("m/s") ?? .one
    static let metrePerSecondSquared = Unit("m/s2") ?? .one
    static let ampere = Unit("A") ?? .one
    static let ampereHour = Unit("A.h") ?? .one
    static let pascal = Unit("Pa") ?? .one
    static let lux = Unit("lx") ?? .one
}
#endif

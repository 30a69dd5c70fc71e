import Telemetry

extension SampleMix {
    static let all = [host, joints, wide]

    static func named(_ name: String) throws -> SampleMix {
        guard let mix = (all + [force]).first(where: { $0.name == name }) else {
            throw BenchmarkError("there is no mix '\(name)'")
        }
        return mix
    }

    /// What the host input gives of a box with two cores, one disk and one interface, a reading a frame.
    static let host = SampleMix(
        "host", "host input, 1 Hz, 1 sample of each series in a frame", readings: 1, interval: 1_000_000_000,
        [
            gauge("cpu.usage", .percent, .percent(12)), gauge("cpu.user", .percent, .percent(8)),
            gauge("cpu.system", .percent, .percent(3)), gauge("cpu.interrupt", .percent, .percent(0.3)),
            gauge("cpu.iowait", .percent, .percent(0.5)), gauge("cpu.steal", .percent, .percent(0.02)),
            gauge("cpu.idle", .percent, .percent(60)),
            gauge("cpu.usage", [Tag("core", "0")], .percent, .percent(13)),
            gauge("cpu.usage", [Tag("core", "1")], .percent, .percent(11)),
            gauge("load.1m", .one, .percent(0.6)), gauge("load.5m", .one, .percent(0.5)),
            gauge("load.15m", .one, .percent(0.4)), gauge("load.tasks", .one, .amount(94, by: 4096)),
            gauge("memory.total", .byte, .constant(4_042_784_768)),
            gauge("memory.available", .byte, .amount(2_900_000_000, by: 900_000)),
            gauge("memory.free", .byte, .amount(900_000_000, by: 900_000)),
            gauge("memory.buffers", .byte, .amount(33_873_920, by: 8192)),
            gauge("memory.cached", .byte, .amount(1_966_157_824, by: 65_536)),
            gauge("memory.dirty", .byte, .amount(2_019_328, by: 200_000)),
            gauge("memory.usage", .percent, .percent(28)),
            gauge("pressure.some", [Tag("resource", "cpu")], .percent, .percent(0.4)),
            gauge("pressure.some", [Tag("resource", "memory")], .percent, .percent(0)),
            gauge("pressure.full", [Tag("resource", "memory")], .percent, .percent(0)),
            gauge("pressure.some", [Tag("resource", "io")], .percent, .percent(0.1)),
            gauge("pressure.full", [Tag("resource", "io")], .percent, .percent(0.1)),
            counter("disk.read.bytes", disk, .byte, 40_960), counter("disk.read.operations", disk, .one, 4),
            counter("disk.write.bytes", disk, .byte, 262_144), counter("disk.write.operations", disk, .one, 24),
            gauge("disk.busy", disk, .percent, .percent(0.6)),
            gauge("filesystem.size", root, .byte, .constant(31_268_536_320)),
            gauge("filesystem.available", root, .byte, .amount(19_400_704_000, by: 20_000)),
            gauge("filesystem.usage", root, .percent, .percent(35)),
            gauge("filesystem.inodes.usage", root, .percent, .percent(2.78)),
            counter("network.receive.bytes", port, .byte, 9000), counter("network.receive.packets", port, .one, 40),
            counter("network.receive.errors", port, .one, 0), counter("network.receive.drops", port, .one, 0),
            counter("network.transmit.bytes", port, .byte, 6000), counter("network.transmit.packets", port, .one, 30),
            counter("network.transmit.errors", port, .one, 0), counter("network.transmit.drops", port, .one, 0),
            gauge("temperature", [Tag("zone", "cpu")], .celsius, .percent(48)),
            gauge("uptime", .second, .uptime), gauge("agent.cpu.time", .second, .uptime),
            gauge("agent.memory.resident", .byte, .constant(11_317_248)),
        ])

    /// Six joints of an arm, four quantities each, decimals at 10 Hz, a frame a second.
    static let joints = SampleMix(
        "joints", "6 joints x 4 decimals, 10 Hz, 24 series x 10 samples in a frame", readings: 10,
        interval: 100_000_000,
        quantities(joints: 6))

    /// A hall of arms, as a frame that is closed by its size holds them.
    static let wide = SampleMix(
        "wide", "250 joints x 4 decimals, 10 Hz, 1000 series x 10 samples in a frame", readings: 10,
        interval: 100_000_000, quantities(joints: 250))

    /// A wrist that feels force and torque, 1 kHz, a frame a second.
    static let force = SampleMix(
        "force", "6 axes of force and torque, 1 kHz, 6 series x 1000 samples in a frame", readings: 1000,
        interval: 1_000_000,
        ["x", "y", "z"].flatMap { axis in
            [
                (
                    Series("wrist.force", tags: [Tag("axis", axis)], unit: Unit("N") ?? .one),
                    Behaviour.oscillation(amplitude: 35, offset: 4, decimals: 2)
                ),
                (
                    Series("wrist.torque", tags: [Tag("axis", axis)], unit: Unit("N.m") ?? .one),
                    Behaviour.oscillation(amplitude: 3, offset: 0, decimals: 3)
                ),
            ]
        })

    private static let disk = [Tag("disk", "mmcblk0")]
    private static let root = [Tag("mount", "/")]
    private static let port = [Tag("interface", "eth0")]

    private static func gauge(_ name: String, _ unit: Unit, _ behaviour: Behaviour) -> (series: Series, Behaviour) {
        gauge(name, [], unit, behaviour)
    }

    private static func gauge(
        _ name: String, _ tags: [Tag], _ unit: Unit, _ behaviour: Behaviour
    ) -> (series: Series, Behaviour) {
        (Series(name, tags: tags, unit: unit), behaviour)
    }

    private static func counter(
        _ name: String, _ tags: [Tag], _ unit: Unit, _ step: Int64
    ) -> (series: Series, Behaviour) {
        (Series(name, tags: tags, unit: unit, kind: .counter), .counter(step))
    }

    private static func quantities(joints: Int) -> [(series: Series, Behaviour)] {
        let quantities: [(String, String, Behaviour)] = [
            ("joint.position", "rad", .oscillation(amplitude: 2.6, offset: 0.1, decimals: 3)),
            ("joint.velocity", "rad/s", .oscillation(amplitude: 1.4, offset: 0, decimals: 3)),
            ("joint.torque", "N.m", .oscillation(amplitude: 41, offset: 3, decimals: 2)),
            ("joint.temperature", "Cel", .oscillation(amplitude: 1.5, offset: 44, decimals: 1)),
        ]
        return (0..<joints).flatMap { joint in
            quantities.map { name, unit, behaviour in
                (Series(name, tags: [Tag("joint", "j\(joint)")], unit: Unit(unit) ?? .one), behaviour)
            }
        }
    }
}

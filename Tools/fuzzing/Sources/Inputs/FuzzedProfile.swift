#if Modbus
package import Configuration
package import Telemetry

/// A profile of a Modbus device: as a file, as a plan of requests, and as values of the registers that answer them.
package struct FuzzedProfile {
    private let profile: ModbusProfile

    /// - Throws: `ConfigurationError` when it is none.
    package init(_ file: ConfigurationFile) throws(ConfigurationError) {
        profile = try file.decode(ModbusProfile.self)
    }

    /// How many values it has.
    package var count: Int { profile.registers.count }

    /// Reads every value twice from registers that hold `words`, again and again, and calls `body` with what came of it.
    ///
    /// - Returns: what is wrong with the plan of requests; nil where nothing is.
    package func read(_ words: [UInt16], _ body: (Value) -> Void) -> String? {
        let plan = ReadPlan(profile.registers.map(\.span), limits: profile.limits)
        var asked = 0
        for block in plan.blocks {
            guard block.address + block.count <= 65_536 else { return "a request ends behind the last register" }
            guard block.count <= profile.limits.most(of: block.kind) else { return "a request asks for too much" }
            asked += block.members.count
        }
        guard asked == plan.spans.count else { return "\(asked) of \(plan.spans.count) spans are asked for" }
        var channels = profile.registers.map { RegisterChannel($0, series: nil) }
        guard !words.isEmpty else { return nil }
        for round in 0..<2 {
            for index in channels.indices {
                let span = channels[index].register.span
                let count = span.kind.isBit ? 1 : span.count
                let held = (0..<count).map { words[(span.address + $0 + round) % words.count] }
                if let (value, _) = channels[index].take(held[...]) { body(value) }
            }
        }
        return nil
    }
}
#endif

import Configuration
import Pipeline
import Telemetry
import Testing

@Suite("Rules of a pipeline")
struct ShapingTests {
    @Test("rules match what the ones before them left")
    func order() throws {
        let rules = try shaping(
            """
            - {match: raw.t1, rename: room.temperature, tags: {room: "3"}, unit: Cel}
            - {match: room.temperature, where: {room: "3"}, untag: [channel], convert: K}
            - {match: raw.t1, scale: 1000}
            """)
        let (branches, complaints) = rules.branches(of: Series("raw.t1", tags: [Tag("channel", "a")]))
        #expect(complaints.isEmpty)
        #expect(
            branches.map(\.series) == [Series("room.temperature", tags: [Tag("room", "3")], unit: Unit("K") ?? .one)])
        #expect(branches[0].names == ["raw.t1", "room.temperature"])
    }

    @Test("'where' asks for a value, for any, or for none")
    func tags() throws {
        let rules = try shaping(
            """
            - {match: cpu, where: {core: ""}, rename: total}
            - {match: cpu, where: {core: "*", box: a}, rename: core}
            """)
        func name(_ tags: Telemetry.Tag...) -> String? {
            rules.branches(of: Series("cpu", tags: tags)).branches.first?.series.name
        }
        #expect(name() == "total")
        #expect(name(Tag("core", "0"), Tag("box", "a")) == "core")
        #expect(name(Tag("core", "0"), Tag("box", "b")) == "cpu")
    }

    @Test("'as' works on a copy, and the series goes on untouched")
    func copies() throws {
        let rules = try shaping(
            """
            - {match: imu.x, as: "*.raw", capture: {on: estop.pressed, before: 10s, after: 20s}}
            - {match: "imu.*", down-sample: {every: 1s}}
            """)
        let (branches, _) = rules.branches(of: Series("imu.x"))
        #expect(branches.map(\.series.name) == ["imu.x", "imu.x.raw"])
        #expect(branches.map(\.capture) == [nil, 0])
        #expect(branches.map(\.holds) == [true, false])
        #expect(rules.captures.map(\.rule) == [0])
    }

    @Test("a name that gets too long is told, and the series goes on")
    func longName() throws {
        let long = String(repeating: "a", count: 250)
        let (branches, complaints) = try shaping("- {match: \"*\", rename: \"*.longer\"}").branches(of: Series(long))
        #expect(branches.map(\.series.name) == [long])
        #expect(complaints.count == 1)
    }

    @Test(
        "what is wrong is told at its place",
        arguments: [
            (
                "{match: x}",
                "2:11: rules[0].match: does nothing; give an 'action', or a step such as 'convert', 'dead-band' or 'down-sample'"
            ),
            (
                "{match: X, scale: 2}",
                "2:11: rules[0].match: must be a series name, in which '*' stands for any characters: 'person.*'"
            ),
            ("{match: x, convert: degC}", "2:23: rules[0].convert: 'degC' is not a UCUM unit; did you mean 'Cel'?"),
            ("{match: x, scale: 0}", "2:21: rules[0].scale: must not be 0"),
            ("{match: x, clamp: true, unit: V}", "2:21: rules[0].clamp: needs a 'range' to clamp to"),
            ("{match: x, range: {from: 3, to: 1}}", "2:35: rules[0].range.to: is below 'from'"),
            (
                "{match: x, at-least-every: 1s, unit: V}",
                "2:30: rules[0].at-least-every: needs a 'dead-band'; 0 keeps every change"
            ),
            ("{match: x, dead-band: -1}", "2:25: rules[0].dead-band: must not be below 0"),
            ("{match: x, derivative: V}", "2:26: rules[0].derivative: 'V' is not a unit of time; give s, min or h"),
            (
                "{match: x, rate-limit: \"10\"}",
                "2:26: rules[0].rate-limit: must be a whole number for a time: '10/s', '30/min' or '100/h'"
            ),
            (
                "{match: x, rename: A b}",
                "2:22: rules[0].rename: must be a series name, in which one '*' may stand for the name it had: '*.raw'"
            ),
            ("{match: x, as: y, rename: z}", "2:21: rules[0].rename: cannot stand beside 'as'; keep one of them"),
            (
                "{match: x, capture: {on: fall}}",
                "2:28: rules[0].capture.on: saves nothing; give 'before', 'after' or both, such as 'before: 10s'"
            ),
            (
                "{match: x, dead-band: 1, capture: {on: fall, after: 1s}}",
                "2:25: rules[0].dead-band: cannot stand beside 'capture', which saves the data as they came; give it a rule of its own"
            ),
            (
                "{match: x, calibration-expires: soon}",
                "2:35: rules[0].calibration-expires: must be a day such as '2027-03-31'"
            ),
            ("{match: x, dead-bnad: 1}", "2:14: rules[0].dead-bnad: unknown key; did you mean 'dead-band'?"),
        ])
    func mistakes(rule: String, message: String) {
        let error = #expect(throws: ConfigurationError.self) { try shaping("- \(rule)") }
        #expect(error?.description.contains(message) ?? false, "\(error?.description ?? "")")
    }
}

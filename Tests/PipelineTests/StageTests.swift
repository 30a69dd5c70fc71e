import Pipeline
import Telemetry
import Testing

@Suite("Steps of a pipeline")
struct StageTests {
    private let temperature = Series("room.temperature", unit: .celsius)

    @Test("numbers are converted between units, and provenance with them")
    func convert() throws {
        var provenance = Provenance()
        provenance.range = 0...100
        var walk = try Walk(
            "- {match: room.temperature, convert: \"[degF]\"}",
            Series("room.temperature", unit: .celsius, provenance: provenance))
        #expect(walk.branch.series.unit.code == "[degF]")
        let range = try #require(walk.branch.series.provenance.range)
        #expect(abs(range.lowerBound - 32) < 1e-9 && abs(range.upperBound - 212) < 1e-9)
        let value = try #require(walk.push(.integer(37), at: 0).first?.value.number)
        #expect(abs(value - 98.6) < 1e-9)
        #expect(walk.push(.text("off"), at: 1).first?.value == .text("off"))
    }

    @Test("what cannot be converted is told, and goes on as it is")
    func misfit() throws {
        let rules = try shaping("- {match: \"*\", convert: V, dead-band: 1}")
        let (branches, complaints) = rules.branches(of: temperature)
        #expect(complaints == ["room.temperature is in Cel, which cannot be converted to V"])
        #expect(branches.count == 1 && branches[0].series == temperature && !branches[0].isEmpty)
        #expect(
            rules.branches(of: Series("x")).complaints == [
                "the unit of x is not known; say it with 'unit' before 'convert: V'"
            ])
        #expect(
            try shaping("- {match: \"*\", unit: V}").branches(of: temperature).complaints
                == ["room.temperature has the unit Cel already; use 'convert: V', or remove 'unit'"])
        #expect(
            try shaping("- {match: \"*\", dead-band: 1 V}").branches(of: temperature).complaints
                == ["room.temperature is in Cel, and the dead-band in V"])
    }

    @Test(
        "a number beyond the range is marked, and set to its end only where that was asked for",
        arguments: [("", 120.0), (", clamp: true", 100.0)])
    func range(clamp: String, expected: Double) throws {
        var walk = try Walk("- {match: \"*\", range: {from: 0, to: 100}\(clamp)}", temperature)
        #expect(walk.branch.series.provenance.range == 0...100)
        let high = try #require(walk.push(.double(120), at: 0).first)
        #expect(high.quality == .outOfRange && high.value == .double(expected))
        #expect(walk.push(.integer(50), at: 1).first == .at(1, .integer(50)))
        #expect(walk.push(.double(.nan), at: 2).first?.quality == .outOfRange)
    }

    @Test("a sensor's own range and calibration are checked without any rule")
    func provenance() throws {
        let sensor = Provenance(range: -40...85, calibrationExpiry: Timestamp(seconds: 100))
        let (branches, _) = Shaping.none.branches(of: Series("t", unit: .celsius, provenance: sensor))
        var walk = Walk(try #require(branches.first))
        #expect(walk.push(.double(20), at: 99.9).first?.quality == [])
        #expect(walk.push(.double(90), at: 100).first?.quality == [.outOfRange, .calibrationExpired])
    }

    @Test("calibration ends with its last day")
    func calibration() throws {
        let walk = try Walk("- {match: \"*\", serial: S-7, calibration-expires: 1970-01-01}", temperature)
        #expect(walk.branch.series.provenance.serial == "S-7")
        #expect(walk.branch.series.provenance.calibrationExpiry == Timestamp(seconds: 86_400))
    }

    @Test("a dead-band keeps what differs enough from the last kept, and a heartbeat")
    func deadBand() throws {
        var walk = try Walk("- {match: \"*\", dead-band: 0.5, at-least-every: 4s}", temperature)
        #expect(walk.values(of: [20, 20.4, 20.5, 20.6, 20.6, 20.6, 20.6, 20.6, 20.0]) == [20, 20.6, 20.6, 20.0])
        #expect(walk.tally.unchanged == 5)
    }

    @Test("a dead-band passes changes of quality, of kind and of NaN once, and is exact for great integers")
    func deadBandKinds() throws {
        var walk = try Walk("- {match: \"*\", dead-band: 0}", temperature)
        let values: [(Value, kept: Bool)] = [
            (.double(.nan), true), (.double(.nan), false), (.double(1), true), (.integer(1), true),
            (.integer(1), false),
            (.integer(.max), true), (.integer(.max - 1), true), (.integer(.min), true), (.text("a"), true),
            (.text("a"), false),
            (.boolean(true), true), (.boolean(true), false), (.double(.infinity), true), (.double(.infinity), false),
        ]
        for (second, (value, isKept)) in values.enumerated() {
            #expect(walk.push(value, at: Double(second)).isEmpty != isKept, "value \(second)")
        }
    }

    @Test("a dead-band in another unit is that of the series: a difference has no offset")
    func deadBandUnit() throws {
        var walk = try Walk("- {match: \"*\", dead-band: \"900 mK\"}", temperature)
        #expect(walk.values(of: [20, 20.8, 21]) == [20, 21])
    }

    @Test("a counter that begins anew counts from 0; a gauge falls")
    func derivative() throws {
        let bytes = Series("net.bytes", unit: .byte, kind: .counter)
        var walk = try Walk("- {match: net.bytes, derivative: s}", bytes)
        #expect(walk.branch.series == Series("net.bytes.rate", unit: Unit("By/s") ?? .one))
        #expect(walk.values(of: [100, 150, 150, 30]) == [50, 0, 30])
        var gauge = try Walk("- {match: \"*\", as: drift, derivative: min}", temperature)
        #expect(gauge.branch.series == Series("drift", unit: Unit("K/min") ?? .one))
        #expect(gauge.values(of: [20, 19.5]) == [-30])
    }

    @Test("no change is told where no time has passed, nor over a step back of the clock")
    func derivativeTimes() throws {
        var walk = try Walk("- {match: \"*\", derivative: s}", temperature)
        #expect(walk.push(.double(1), at: 10).isEmpty)
        #expect(walk.push(.double(9), at: 10).isEmpty)
        #expect(walk.push(.double(3), at: 11).first?.value == .double(2))
        #expect(walk.push(.double(5), at: 2).isEmpty)
        #expect(walk.push(.double(6), at: 3).first?.value == .double(1))
    }

    @Test("a rate limit goes by the samples' times, and counts what it lets go")
    func rateLimit() throws {
        var walk = try Walk("- {match: \"*\", rate-limit: 2/s}", temperature)
        let kept = [0.0, 0.1, 0.2, 0.3, 0.5, 0.6, 1.1, 5].map { !walk.push(.double(0), at: $0).isEmpty }
        #expect(kept == [true, true, false, false, true, false, true, true])
        #expect(walk.tally.overRate == 3)
        // The clock steps back.
        #expect(walk.push(.double(0), at: 1).count == 1)
    }

    @Test("a rule for one class leaves samples of the other alone")
    func classes() throws {
        var walk = try Walk("- {match: \"*\", class: bulk, scale: 2}", temperature)
        #expect(walk.push(.double(1), at: 0, class: .bulk).first?.value == .double(2))
        #expect(walk.push(.double(1), at: 1, class: .metric).first?.value == .double(1))
    }
}

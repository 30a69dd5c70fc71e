import Configuration
import FuzzSupport
import Pipeline
import Telemetry

/// Rules of a pipeline as a list in YAML, a zero byte, and samples of ten bytes each: which series, how many tenths of a second after the one before, and
/// a number. Whatever the rules are, series have names and units that are known, and no more comes out of a way than went in.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzPipeline(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 96 << 20, factor: 4096) { bytes in
        let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
        guard let shaping = rules(Array(bytes[..<end])) else { return }
        var ways: [[Way]] = []
        for series in known {
            let (branches, complaints) = shaping.branches(of: series)
            demand(!branches.isEmpty, "a series has a way")
            demand(complaints.allSatisfy { !$0.isEmpty }, "a complaint has words")
            for branch in branches {
                demand(Series.isValidName(branch.series.name), "'\(branch.series.name)' is a name")
                demand(branch.series.unit.isKnown, "'\(branch.series.unit)' is a unit")
                demand(branch.names.count <= 1 + shaping.rules.count * 8, "a series has few names")
            }
            ways.append(branches.map { Way(branch: $0) })
        }
        feed(bytes[end...].dropFirst(), to: &ways)
    }
}

/// One way of a series, and how much has gone into it and come out of it.
private struct Way {
    var branch: Branch
    var given = 0
    var gained = 0
}

private let known = [
    Series("room.temperature", tags: [Tag("room", "3")], unit: .celsius),
    Series("line.energy", unit: Unit("kW.h") ?? .one, kind: .counter),
    Series("pump.mode", kind: .state),
]

private struct Rules: ConfigurationDecodable {
    let rules: [ShapingRule]

    init(from reader: inout MappingReader) {
        rules = reader.required("rules", as: .sequence(of: .mapping(ShapingRule.self), count: 0...ShapingRule.most))
    }
}

/// Nil after an error, which must have words.
private func rules(_ bytes: [UInt8]) -> Shaping? {
    do throws(ConfigurationError) {
        let file = ConfigurationFile(name: "fuzzed.yaml", bytes: Array("rules:\n".utf8) + bytes)
        return Shaping(try file.decode(Rules.self).rules)
    } catch {
        demand(
            !error.diagnostics.isEmpty && error.diagnostics.allSatisfy { !$0.message.isEmpty },
            "an error says what is wrong")
        return nil
    }
}

private func feed(_ bytes: ArraySlice<UInt8>, to ways: inout [[Way]]) {
    var rest = bytes
    var time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
    var (buffer, spare, tally) = ([Sample](), [Sample](), ShapingTally())
    while rest.count >= 10 {
        let sample = rest.prefix(10)
        rest = rest.dropFirst(10)
        let start = sample.startIndex
        let number = Int(sample[start]) % known.count
        time = time.advanced(byNanoseconds: Int64(Int8(bitPattern: sample[start + 1])) * 100_000_000)
        let bits = sample[(start + 2)...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let value: Value =
            if known[number].kind == .state {
                .text(String(bits % 5))
            } else if bits & 1 == 0 {
                .double(Double(bitPattern: bits))
            } else {
                .integer(Int64(bitPattern: bits))
            }
        for way in ways[number].indices {
            let sample = Sample(series: SeriesID(rawValue: 0), timestamp: time, value: value)
            ways[number][way].branch.push(sample, class: .metric, &buffer, &spare, &tally)
            ways[number][way].given += 1
            ways[number][way].gained += buffer.count
            demand(ways[number][way].gained <= ways[number][way].given, "no more comes out than went in")
        }
        for way in ways[number].indices where sample[start] & 0x80 != 0 {
            ways[number][way].branch.flush(before: time, &buffer, &spare, &tally)
            ways[number][way].gained += buffer.count
        }
    }
    for number in ways.indices {
        for way in ways[number].indices {
            ways[number][way].branch.flush(before: nil, &buffer, &spare, &tally)
            ways[number][way].gained += buffer.count
            demand(ways[number][way].gained <= ways[number][way].given, "no more comes out than went in")
        }
    }
}

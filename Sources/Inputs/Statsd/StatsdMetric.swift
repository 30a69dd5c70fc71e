/// One metric of a datagram: `name:value|type[|@rate][|#tag:value,…]`, as places in its bytes.
struct StatsdMetric {
    enum Kind: UInt8 {
        case counter
        case gauge
        /// `ms`: a duration in milliseconds.
        case timer
        /// `h` and `d`: values of a distribution.
        case histogram
        case set
    }

    let name: UnsafeRawBufferPointer
    /// One value, or several with `:` between (DogStatsD 1.1).
    let values: UnsafeRawBufferPointer
    let kind: Kind
    /// Which share of the happenings was sent, one in a million to 1.
    let rate: Double
    /// Without the `#`; empty when there are none.
    let tags: UnsafeRawBufferPointer

    /// Reads a line.
    ///
    /// - Throws: `StatsdProblem` that says what is wrong.
    init(_ line: UnsafeRawBufferPointer) throws(StatsdProblem) {
        if line.starts(with: "_e{".utf8) || line.starts(with: "_sc|".utf8) {
            throw StatsdProblem("events and service checks of DogStatsD are not taken; send events to the input 'line'")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else {
            throw StatsdProblem("there is no name before a ':'")
        }
        name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        var sections = UnsafeRawBufferPointer(rebasing: line[(colon + 1)...])
        values = Self.section(&sections)
        let type = Self.section(&sections)
        switch (type.count, type.first) {
        case (1, UInt8(ascii: "c")): kind = .counter
        case (1, UInt8(ascii: "g")): kind = .gauge
        case (1, UInt8(ascii: "s")): kind = .set
        case (1, UInt8(ascii: "h")), (1, UInt8(ascii: "d")): kind = .histogram
        case (2, UInt8(ascii: "m")) where type[1] == UInt8(ascii: "s"): kind = .timer
        default: throw StatsdProblem("the type '\(type.prefixText)' is none of c, g, ms, h, d, s")
        }
        var rate = 1.0
        var tags = UnsafeRawBufferPointer(start: nil, count: 0)
        while !sections.isEmpty {
            let section = Self.section(&sections)
            let rest = UnsafeRawBufferPointer(rebasing: section.dropFirst())
            switch section.first {
            case UInt8(ascii: "@"):
                guard let number = rest.decimalNumber, (1e-6...1).contains(number) else {
                    throw StatsdProblem("the sample rate '\(rest.prefixText)' is not from 0.000001 to 1")
                }
                rate = number
            case UInt8(ascii: "#"): tags = rest
            // `c:` is the id of a container, `T` a time, `e:` and `card:` are of its origin (DogStatsD 1.2 to 1.6).
            case UInt8(ascii: "c"), UInt8(ascii: "T"), UInt8(ascii: "e"): break
            default: throw StatsdProblem("'|\(section.prefixText)' is neither a sample rate nor tags")
            }
        }
        self.rate = rate
        self.tags = tags
    }

    /// The bytes up to the next `|`, which is skipped.
    private static func section(_ rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let end = rest.firstIndex(of: UInt8(ascii: "|")) ?? rest.count
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
    }
}

/// Why a line is no metric.
struct StatsdProblem: Error, Hashable {
    let message: String

    init(_ message: String) { self.message = message }
}

extension UnsafeRawBufferPointer {
    /// As text for a message, cut.
    var prefixText: String { String(decoding: prefix(40), as: UTF8.self) }
}

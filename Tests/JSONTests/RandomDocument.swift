import JSON

extension SeededRandom {
    mutating func document(depth: Int = 4) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &self) {
        case 0: return .null
        case 1: return .bool(.random(using: &self))
        case 2: return .integer(Int64(bitPattern: next()) >> Int64.random(in: 0..<64, using: &self))
        case 3, 4: return .double(double())
        case 5: return .string(text())
        case 6: return .array((0..<Int.random(in: 0..<6, using: &self)).map { _ in document(depth: depth - 1) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0..<6, using: &self)).map { _ in
                        (key: text(), value: document(depth: depth - 1))
                    }))
        }
    }
}

extension JSONValue {
    /// Equality in which a number is its value, however it was written: what is left after a trip through a peer.
    func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.integer, .double), (.double, .integer): double == other.double
        case (.array(let left), .array(let right)): left.elementsEqual(right) { $0.means($1) }
        case (.object(let left), .object(let right)):
            left.elementsEqual(right) { JSONValue.string($0.key) == .string($1.key) && $0.value.means($1.value) }
        default: self == other
        }
    }
}

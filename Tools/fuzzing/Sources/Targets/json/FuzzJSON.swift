import FuzzSupport
import JSON

/// A JSON text from anybody: what is read comes back from each of the forms in which it is written.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzJSON(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 512) { bytes in
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch {
            demand(error.place.map { (0...bytes.count).contains($0.offset) } ?? true, "a fault lies within the text")
            demand(!error.description.isEmpty, "a fault has words")
            return
        }
        let compact = value.compact()
        demand(parsed(compact).means(value), "a text written compactly reads as the same value")
        demand(parsed(compact).compact() == compact, "a compact text is written as it was read")
        demand(parsed(value.pretty()).means(value), "an indented text reads as the same value")
        do throws(JSONError) {
            let canonical = try value.canonical()
            let again = demanded("a canonical text has a canonical form") { () throws(JSONError) in
                try parsed(canonical).canonical()
            }
            demand(again == canonical, "a canonical text is its own canonical form")
        } catch {
            demand(error.code == .notRepresentable, "only what JSON cannot hold has no canonical form, not: \(error)")
        }
    }
}

private func parsed(_ text: [UInt8]) -> JSONValue {
    demanded("a text that was written can be read") { () throws(JSONError) in
        // Indenting makes a text longer than its source, by two spaces a level for each value.
        try JSONParser.parse(text, limits: .init(bytes: .max))
    }
}

extension JSONValue {
    /// Equality in which a number is its value, however it was written: `1e3` is written as `1000`.
    fileprivate func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.integer, .double), (.double, .integer): double == other.double
        case (.array(let left), .array(let right)): left.elementsEqual(right) { $0.means($1) }
        case (.object(let left), .object(let right)):
            left.elementsEqual(right) { $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.means($1.value) }
        default: self == other
        }
    }
}

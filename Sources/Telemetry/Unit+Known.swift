/// Why a code is no unit, in words for whoever wrote it.
package struct UnknownUnit: Error, Hashable, Sendable {
    /// What is wrong, and what was probably meant.
    package let message: String

    /// Of a code that is no UCUM code, or none that is known.
    package init(_ code: String) {
        let advice = Unit.suggestion(for: code).map { "did you mean '\($0)'?" } ?? "codes are listed at ucum.org"
        message = "'\(code.prefix(40))' is not a UCUM unit; \(advice)"
    }
}

extension Unit {
    /// The unit of a code that a person wrote.
    ///
    /// - Throws: `UnknownUnit` when it is no UCUM code that is known.
    package static func known(_ code: String) throws(UnknownUnit) -> Unit {
        guard let unit = Unit(code), unit.isKnown else { throw UnknownUnit(code) }
        return unit
    }
}

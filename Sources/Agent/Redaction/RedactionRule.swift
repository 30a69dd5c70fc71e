import Configuration
import Pipeline
package import Telemetry

/// One item of `pipeline:`: which series, and what is done to them.
package struct RedactionRule: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case drop
        /// `tags`: keys of tags whose values are replaced too; numbers of a series that has one of them are kept.
        case pseudonymise(keyFile: String, tags: [String])
        /// `step`: above 0, finite.
        case coarsen(step: Double, unit: Unit)
        /// Nothing is kept while whoever it is has not consented.
        case consent(ConsentGiver)
    }

    package let pattern: SeriesPattern
    package let action: Action

    package init(_ pattern: SeriesPattern, _ action: Action) {
        self.pattern = pattern
        self.action = action
    }

    /// Rules of one box; more would make the record of them too long for an event.
    package static let most = 64
}

extension ValueFormat where Value == RedactionRule {
    /// An item of `pipeline:` that has an `action`.
    static var redactionRule: ValueFormat {
        .union(
            by: "action",
            [
                RedactionAction.drop.rawValue: { reader in
                    RedactionRule(reader.required("match", as: .seriesPattern), .drop)
                },
                RedactionAction.pseudonymise.rawValue: { reader in
                    let pattern = reader.required("match", as: .seriesPattern)
                    let keyFile = reader.required("key-file", as: .absolutePath)
                    let tags = reader.value("tags", as: .sequence(of: .tagKey, count: 1...16), default: [])
                    return RedactionRule(pattern, .pseudonymise(keyFile: keyFile, tags: tags))
                },
                RedactionAction.coarsen.rawValue: { reader in
                    let pattern = reader.required("match", as: .seriesPattern)
                    let step = reader.required("step", as: .step)
                    return RedactionRule(pattern, .coarsen(step: step.value, unit: Unit(step.unit) ?? .one))
                },
                "consent": { reader in
                    let pattern = reader.required("match", as: .seriesPattern)
                    let subject = reader.optional("subject", as: .consentSubject)
                    let tag = reader.optional("tag", as: .tagKey)
                    _ = reader.optional("default", as: .standingAtStart)
                    if reader.contains("subject") == reader.contains("tag") {
                        reader.report(
                            reader.contains("subject")
                                ? "say either whose consent it is, or which tag names them; remove one"
                                : "say whose consent is needed: 'subject: resident-3', or 'tag: person' for whoever that tag "
                                    + "of the series names", key: reader.contains("subject") ? "tag" : "action")
                    }
                    return RedactionRule(pattern, .consent(tag.map { .tag($0) } ?? .subject(subject ?? "nobody")))
                },
            ])
    }
}

extension ValueFormat where Value == Quantity {
    fileprivate static var step: ValueFormat {
        let positive = ValueFormat.quantity.check("must be above 0", placeholder: Quantity(value: 1, unit: "1")) {
            $0.value > 0
        }
        return .parsing(positive, "a step such as '0.5 m'", placeholder: Quantity(value: 1, unit: "1")) {
            step throws(InvalidValue) in
            _ = try Unit.written(step.unit)
            return step
        }
    }
}

extension ValueFormat where Value == String {
    fileprivate static var consentSubject: ValueFormat {
        .parsing(.string, "a subject such as 'resident-3'", placeholder: "nobody") { text throws(InvalidValue) in
            guard ConsentGiver.isValidSubject(text) else {
                throw InvalidValue("must be \(ConsentGiver.subjectRule)")
            }
            return text
        }
    }

    /// There is one way only; a file may say so for whoever reads it.
    fileprivate static var standingAtStart: ValueFormat {
        .parsing(.string, "withdrawn", placeholder: "withdrawn") { text throws(InvalidValue) in
            guard text == "withdrawn" else {
                throw InvalidValue(
                    "must be 'withdrawn': silence is no consent; grant it with 'fieldproof-agent mark consent.granted "
                        + "subject=…'")
            }
            return text
        }
    }
}

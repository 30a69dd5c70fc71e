package import Configuration
package import Delivery
package import Mosquitto
package import Telemetry

extension ValueFormat where Value == Identifier {
    /// The name of a site, a scenario, a run.
    package static var telemetryIdentifier: ValueFormat<Identifier> {
        ValueFormat<String>.identifier.parsing("an identifier", placeholder: .placeholder) {
            text throws(InvalidValue) in
            guard let identifier = Identifier(text) else { throw InvalidValue("must be \(Identifier.rule)") }
            return identifier
        }
    }

    /// The name of an agent: an identifier that no part of the system itself uses as one.
    package static var agentIdentifier: ValueFormat<Identifier> {
        telemetryIdentifier.check("must not be '\(Identifier.collector)', which is the collector's own name") {
            $0 != .collector
        }
    }
}

extension Identifier {
    /// The agent id under which a collector archives what it records itself.
    package static let collector = known("collector")

    fileprivate static let placeholder = known("x")

    private static func known(_ text: StaticString) -> Identifier {
        guard let identifier = Identifier(String(describing: text)) else {
            preconditionFailure("\(text) is not an identifier")
        }
        return identifier
    }
}

extension ValueFormat where Value == Topics {
    /// The level or levels above `v1` in every topic.
    package static var topicRoot: ValueFormat<Topics> {
        ValueFormat<String>.string.parsing("a topic prefix such as 'fieldproof'", placeholder: .standard) {
            text throws(InvalidValue) in
            guard let topics = Topics(root: text) else {
                throw InvalidValue("must be topic levels without '+', '#' or a leading '$', such as 'fieldproof'")
            }
            return topics
        }
    }
}

extension ValueFormat where Value == BrokerAddress {
    /// `mqtt://host[:port]` or `mqtts://host[:port]`.
    package static var brokerAddress: ValueFormat<BrokerAddress> {
        let placeholder = BrokerAddress(host: "127.0.0.1")
        return ValueFormat<String>.nonEmptyString.parsing(
            "a url such as mqtt://127.0.0.1:1883", placeholder: placeholder
        ) {
            text throws(InvalidValue) in
            do throws(MosquittoError) {
                return try BrokerAddress(url: text)
            } catch {
                throw InvalidValue(error.message)
            }
        }
    }
}

extension ValueFormat where Value == String {
    /// `unix:/absolute/path`; the value is the path.
    package static var unixSocket: Self {
        ValueFormat<String>.string.parsing("a socket such as unix:/run/fieldproof/control.sock", placeholder: "/x") {
            text throws(InvalidValue) in
            let path = text.dropFirst("unix:".count)
            // sun_path holds 108 bytes with its NUL (unix(7)).
            guard text.hasPrefix("unix:/"), path.utf8.count < 108 else {
                throw InvalidValue("must be 'unix:' and an absolute path shorter than 108 bytes")
            }
            return String(path)
        }
    }
}

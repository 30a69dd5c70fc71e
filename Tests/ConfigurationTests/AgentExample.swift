import Configuration

/// A configuration of the shape of a real one, with every kind of value, for the fixtures.
struct AgentExample: ConfigurationDecodable {
    enum Delivery: String, CaseIterable { case collector, broker }
    enum Encoding: String, CaseIterable { case int16, uint16, float32 }

    enum Input {
        case host(every: Int64)
        case modbus(Modbus)
    }

    struct Modbus: ConfigurationDecodable {
        let url: String
        let unit: UInt8
        let every: Int64
        let registers: [Register]

        init(from reader: inout MappingReader) {
            every = reader.required("every", as: .nanoseconds(in: 10_000_000...))
            registers = reader.required("registers", as: .sequence(of: .mapping, count: 1...))
            (url, unit) = reader.required(
                "device",
                as: .mapping { reader in
                    (
                        reader.required("url", as: .string.matching("tcp://HOST:PORT") { $0.hasPrefix("tcp://") }),
                        reader.value("unit", as: .integer(in: 0...247), default: 1)
                    )
                })
        }
    }

    struct Register: ConfigurationDecodable {
        let address: UInt16
        let encoding: Encoding
        let scale: Double
        let series: Located<String>

        init(from reader: inout MappingReader) {
            address = reader.required("address", as: .integer)
            encoding = reader.value("encode", as: .enumeration, default: .int16)
            scale = reader.value("scale", as: .double.check("must not be 0") { $0 != 0 }, default: 1)
            series = reader.required("series", as: .located(.nonEmptyString))
        }
    }

    let id: String
    let labels: [String: String]
    let size: Int64
    let delivery: Delivery
    let share: Double
    let inputs: [Input]
    let alarms: [Entry<Quantity>]
    let verbose: Bool

    init(from reader: inout MappingReader) {
        (id, labels) = reader.required(
            "agent",
            as: .mapping { reader in
                (
                    reader.required("id", as: .identifier),
                    reader.value("labels", as: .dictionary(keys: .identifier, of: .string), default: [:])
                )
            })
        size = reader.required(
            "spool",
            as: .mapping { reader in
                _ = reader.required("path", as: .absolutePath)
                return reader.value("size", as: .byteCount(in: (1 << 20)...), default: 512 << 20)
            })
        delivery = reader.value("delivery", as: .enumeration, default: .collector)
        share = reader.value("share", as: .ratio, default: 1)
        inputs = reader.required(
            "inputs",
            as: .sequence(
                of: .union(
                    by: "type",
                    [
                        "host": { .host(every: $0.required("every", as: .nanoseconds)) },
                        "modbus": { .modbus(Modbus(from: &$0)) },
                    ])))
        alarms = reader.value("alarms", as: .entries(of: .quantity), default: [])
        verbose = reader.value("verbose", as: .bool, default: false)
        reader.reserved("loglevel", "is now 'verbose'; write verbose: true for 'debug', else remove it")
        checkAlarms(reader)
        reader.atMostOne(of: ["username", "token"])
        _ = reader.optional("username", as: .string)
        _ = reader.optional("token", as: .string)
    }

    /// Every alarm is about a series that an input gives.
    private func checkAlarms(_ reader: MappingReader) {
        var declared: [String] = []
        for case .modbus(let modbus) in inputs { declared += modbus.registers.map(\.series.value) }
        for alarm in alarms where !declared.contains(alarm.key) && reader.isSound("inputs") {
            let advice = MappingReader.suggestion(for: alarm.key, among: declared, noun: "series")
            reader.report("no input gives this series" + advice, at: alarm.place)
        }
    }
}

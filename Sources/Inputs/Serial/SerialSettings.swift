package import Configuration

/// What can be set of an input `serial`.
package struct SerialSettings: ConfigurationDecodable, Sendable {
    enum Parity: String, CaseIterable, Sendable {
        case none, even, odd
    }

    enum Flow: String, CaseIterable, Sendable {
        case none
        /// RTS and CTS.
        case hardware
        /// XON and XOFF.
        case software
    }

    /// The device's path.
    var port: String
    /// Bits a second.
    var baud: Int
    var dataBits = 8
    var parity = Parity.none
    var stopBits = 1
    var flow = Flow.none
    /// Whether no other program may open the port meanwhile.
    var isExclusive = true
    var terminator = RecordSplitter.Terminator.byte(UInt8(ascii: "\n"))
    /// What is sent to the instrument at each tick; nil for one that talks by itself.
    var request: String?
    /// Nanoseconds between requests.
    var every: Int64 = 1_000_000_000
    /// Bytes that come sooner than this after opening, nanoseconds, are in the midst of a record: at 300 baud one takes 37 ms.
    /// Not for people to set.
    var midst: Int64 = 100_000_000
    var records: RecordSettings

    init(_ port: String, baud: Int, _ records: RecordSettings) {
        self.port = port
        self.baud = baud
        self.records = records
    }

    package init(from reader: inout MappingReader) {
        port = reader.required("port", as: .absolutePath)
        baud = reader.value("baud", as: .integer, default: 9600)
        dataBits = reader.value("data-bits", as: .integer(in: 5...8), default: 8)
        parity = reader.value("parity", as: .enumeration, default: .none)
        stopBits = reader.value("stop-bits", as: .integer(in: 1...2), default: 1)
        flow = reader.value("flow", as: .enumeration, default: .none)
        isExclusive = reader.value("exclusive", as: .bool, default: true)
        terminator = reader.value("terminator", as: .terminator, default: .byte(UInt8(ascii: "\n")))
        request = reader.optional("request", as: .nonEmptyString)
        every = reader.value("every", as: .nanoseconds(in: 10_000_000...86_400_000_000_000), default: 1_000_000_000)
        records = RecordSettings(from: &reader)
        if reader.isSound("baud"), SerialPort.speed(baud) == nil {
            let speeds = SerialPort.speeds.map { "\($0.baud)" }.joined(separator: ", ")
            reader.report("must be one of \(speeds)", key: "baud")
        }
        if reader.contains("every"), request == nil, reader.isSound("request") {
            reader.report("is how often 'request' is sent; give a request, or remove it", key: "every")
        }
    }
}

#if ROS2
package import Configuration

/// Which network DDS uses and how it finds others there.
package struct ROS2Network: ConfigurationDecodable, Sendable {
    /// What is sent to groups.
    package enum Multicast: String, CaseIterable, Sendable {
        /// Whatever the interface can.
        case on
        /// Only to be found; data go from one to one, as wireless networks need.
        case discovery
        /// Nothing: peers must be named.
        case off
    }

    /// Names of interfaces, such as `eth0`; empty for the library's choice.
    package var interfaces: [String] = []
    package var multicast = Multicast.on
    /// Addresses or host names to look for others at.
    package var peers: [String] = []
    /// A configuration of Cyclone DDS that goes before what is set here.
    package var file: String?
    /// The longest message that is taken, bytes.
    package var messageLimit: Int64 = 262_144

    package init() {}

    package init(from reader: inout MappingReader) {
        interfaces = reader.value("interfaces", as: .oneOrMore(.interfaceName), default: [])
        multicast = reader.value("multicast", as: .enumeration, default: .on)
        peers = reader.value("peers", as: .oneOrMore(.peerAddress), default: [])
        file = reader.optional("file", as: .absolutePath)
        messageLimit =
            reader.value("message-limit", as: .byteCount(in: 1024...16_777_216), default: messageLimit)
        if multicast == .off, peers.isEmpty, file == nil, reader.isSound("peers") {
            reader.report("without multicast nobody is found; name 'peers', such as [127.0.0.1]", key: "multicast")
        }
    }

    /// What the library reads (configuration reference of Cyclone DDS 0.10).
    ///
    /// Its own environment variable `CYCLONEDDS_URI` is not looked at: a configuration that is checked must be all there is.
    var uri: String {
        var general = ""
        if !interfaces.isEmpty {
            let list = interfaces.map { "<NetworkInterface name=\"\($0)\"/>" }.joined()
            general += "<Interfaces>\(list)</Interfaces>"
        }
        var discovery = ""
        switch multicast {
        case .on: break
        case .discovery: general += "<AllowMulticast>spdp</AllowMulticast>"
        case .off: general += "<AllowMulticast>false</AllowMulticast>"
        }
        if !peers.isEmpty {
            // Peers look at the ports of the first participants of a box only, so this one must have such a port.
            let list = peers.map { "<Peer Address=\"\($0)\"/>" }.joined()
            discovery =
                "<ParticipantIndex>auto</ParticipantIndex>"
                + "<MaxAutoParticipantIndex>100</MaxAutoParticipantIndex><Peers>\(list)</Peers>"
        }
        let own =
            "<CycloneDDS><Domain Id=\"any\"><General>\(general)</General><Discovery>\(discovery)</Discovery>"
            + "<Internal><MaxSampleSize>\(messageLimit) B</MaxSampleSize></Internal></Domain></CycloneDDS>"
        return file.map { "file://\($0),\(own)" } ?? own
    }
}

extension ValueFormat where Value == String {
    fileprivate static var interfaceName: ValueFormat {
        .nonEmptyString.matching("the name of an interface, such as eth0") { name in
            name.utf8.count <= 15 && name.utf8.allSatisfy { $0.isNameByte || $0 == UInt8(ascii: "@") }
        }
    }

    fileprivate static var peerAddress: ValueFormat {
        .nonEmptyString.matching("an address or a host name, such as 10.0.0.7") { peer in
            peer.utf8.count <= 253
                && peer.utf8.allSatisfy { $0.isNameByte || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
        }
    }
}

extension UInt8 {
    /// Of names of hosts and interfaces; none of these means anything in XML.
    fileprivate var isNameByte: Bool {
        isDigit || (0x61...0x7A).contains(self | 0x20) || self == UInt8(ascii: ".") || self == UInt8(ascii: "-")
            || self == UInt8(ascii: "_") || self == UInt8(ascii: ":")
    }
}
#endif

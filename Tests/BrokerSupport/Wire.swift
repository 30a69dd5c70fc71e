import Foundation

/// MQTT control packets on a blocking socket (MQTT 5, section 2.1).
struct Wire {
    struct Packet {
        let header: UInt8
        let body: [UInt8]

        /// Of a PUBLISH; its properties are skipped. nil if it is malformed.
        var publish: FakeBroker.Publish? {
            guard body.count >= 2 else { return nil }
            let length = Int(body[0]) << 8 | Int(body[1])
            var position = 2 + length
            guard body.count >= position else { return nil }
            let topic = String(decoding: body[2..<position], as: UTF8.self)
            var identifier: UInt16 = 0
            if header & 0x06 != 0 {
                guard body.count >= position + 2 else { return nil }
                identifier = UInt16(body[position]) << 8 | UInt16(body[position + 1])
                position += 2
            }
            // The tests send properties of under 128 bytes: one length byte.
            guard body.count > position, body[position] < 128 else { return nil }
            position += 1 + Int(body[position])
            guard body.count >= position else { return nil }
            return FakeBroker.Publish(
                topic: topic, payload: Array(body[position...]), packetID: identifier,
                isDuplicate: header & 0x08 != 0)
        }
    }

    let descriptor: Int32

    static func variableLength(_ value: Int) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest % 128) | (rest >= 128 ? 0x80 : 0))
            rest /= 128
        } while rest > 0
        return bytes
    }

    private func read(count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                recv(descriptor, buffer.baseAddress?.advanced(by: done), count - done, 0)
            }
            if got <= 0 { return nil }
            done += got
        }
        return bytes
    }

    /// - Returns: nil when the connection is over.
    func read() -> Packet? {
        guard let header = read(count: 1)?.first else { return nil }
        var length = 0
        var shift = 0
        while true {
            guard shift <= 21, let byte = read(count: 1)?.first else { return nil }
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        return read(count: length).map { Packet(header: header, body: $0) }
    }

    func write(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let put = bytes.withUnsafeBytes { buffer in
                send(descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            if put <= 0 { return false }
            done += put
        }
        return true
    }
}

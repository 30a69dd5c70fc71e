import Foundation
import Synchronization

/// A server that speaks just enough MQTT 5 to do what a healthy broker never does. One thread per connection.
package final class FakeBroker: Sendable {
    /// How it misbehaves, on every connection alike. Until then it is healthy.
    package enum Script: Sendable {
        /// Acknowledges everything with this reason.
        case acknowledge(UInt8)
        case refuse(UInt8)
        /// Sends DISCONNECT in place of acknowledging, or right after CONNACK.
        case disconnect(UInt8, afterConnack: Bool)
        case neverAcknowledge
        case acknowledgeTwice
        /// A PUBACK for an id that nobody used, then the right one.
        case acknowledgeUnknown
        /// The first half of a PUBLISH, then the end.
        case closeMidPacket
        case garbage
        /// Sends a PUBLISH with this many bytes of payload.
        case oversize(Int)
        /// Accepts TCP and says nothing.
        case hang
        /// Raw bytes in place of CONNACK.
        case greet([UInt8])
        /// Refuses this filter's SUBSCRIBE.
        case refuseSubscription(UInt8)
    }

    package struct Publish: Sendable, Equatable {
        package let topic: String
        package let payload: [UInt8]
        package let packetID: UInt16
        package let isDuplicate: Bool
    }

    private struct State {
        var descriptors: Set<Int32> = []
        var connections = 0
        var publishes: [Publish] = []
        var connects: [[UInt8]] = []
        var isStopped = false
    }

    package let port: UInt16
    package var url: String { "mqtt://127.0.0.1:\(port)" }
    private let listener: Int32
    private let script: Script
    private let receiveMaximum: UInt16
    private let state = Mutex(State())

    /// Listens; `receiveMaximum` is what CONNACK grants.
    ///
    /// - Throws: ``SupportFailure`` when there is no socket.
    package init(_ script: Script, receiveMaximum: UInt16 = 100) throws {
        self.script = script
        self.receiveMaximum = receiveMaximum
        (listener, port) = try LoopbackSocket.listen()
        Thread { [weak self, listener] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0, let self, self.adopt(descriptor) else {
                    if descriptor >= 0 { close(descriptor) }
                    return
                }
                Thread { [weak self] in self?.serve(descriptor) }.start()
            }
        }.start()
    }

    deinit { stop() }

    package var connections: Int { state.withLock { $0.connections } }
    package var publishes: [Publish] { state.withLock { $0.publishes } }
    /// The bodies of the CONNECT packets.
    package var connects: [[UInt8]] { state.withLock { $0.connects } }

    /// Cuts every connection; the client may come again.
    package func cut() {
        state.withLock { for descriptor in $0.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    package func stop() {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        cut()
        if isFirst {
            shutdown(listener, Int32(SHUT_RDWR))
            close(listener)
        }
    }

    private func adopt(_ descriptor: Int32) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.connections += 1
            state.descriptors.insert(descriptor)
            return true
        }
    }

    private func serve(_ descriptor: Int32) {
        let wire = Wire(descriptor: descriptor)
        while let packet = wire.read(), answer(packet, on: wire) {}
        state.withLock { _ = $0.descriptors.remove(descriptor) }
        close(descriptor)
    }

    /// - Returns: false to close.
    private func answer(_ packet: Wire.Packet, on wire: Wire) -> Bool {
        switch packet.header & 0xF0 {
        case 0x10:
            state.withLock { $0.connects.append(packet.body) }
            return greet(wire)
        case 0x30:
            guard let publish = packet.publish else { return false }
            state.withLock { $0.publishes.append(publish) }
            return packet.header & 0x06 == 0 ? true : acknowledge(publish.packetID, on: wire)
        case 0x80, 0xA0:
            // A TLS client's bytes may look like this too.
            guard packet.body.count >= 2 else { return false }
            if packet.header & 0xF0 == 0xA0 { return wire.write([0xB0, 4, packet.body[0], packet.body[1], 0, 0]) }
            var code: UInt8 = 1
            if case .refuseSubscription(let reason) = script { code = reason }
            return wire.write([0x90, 4, packet.body[0], packet.body[1], 0, code])
        case 0xC0:
            return wire.write([0xD0, 0])
        default:
            return packet.header & 0xF0 != 0xE0
        }
    }

    private func greet(_ wire: Wire) -> Bool {
        let connack: [UInt8] = [0x20, 6, 0, 0, 3, 0x21, UInt8(receiveMaximum >> 8), UInt8(receiveMaximum & 0xFF)]
        switch script {
        case .hang:
            return true
        case .greet(let bytes):
            return wire.write(bytes)
        case .refuse(let reason):
            _ = wire.write([0x20, 3, 0, reason, 0])
            return false
        case .disconnect(let reason, afterConnack: true):
            _ = wire.write(connack + [0xE0, 2, reason, 0])
            return false
        case .closeMidPacket:
            _ = wire.write(connack + [0x30, 100, 0, 1, 0x61, 0, 1, 2, 3])
            return false
        case .garbage:
            // 0x00 is a reserved packet type; behind it, noise of a fixed seed.
            var noise: UInt32 = 2463534242
            let bytes = (0..<512).map { _ in
                noise ^= noise << 13
                noise ^= noise >> 17
                noise ^= noise << 5
                return UInt8(truncatingIfNeeded: noise)
            }
            _ = wire.write(connack + [0x00] + bytes)
            return true
        case .oversize(let count):
            let length = 4 + count
            return wire.write(connack + [0x30] + Wire.variableLength(length) + [0, 1, 0x61, 0])
                && wire.write([UInt8](repeating: 0x78, count: count))
        default:
            return wire.write(connack)
        }
    }

    private func acknowledge(_ identifier: UInt16, on wire: Wire) -> Bool {
        func puback(_ identifier: UInt16, _ reason: UInt8 = 0) -> [UInt8] {
            [0x40, 4, UInt8(identifier >> 8), UInt8(identifier & 0xFF), reason, 0]
        }
        switch script {
        case .acknowledge(let reason): return wire.write(puback(identifier, reason))
        case .acknowledgeTwice: return wire.write(puback(identifier) + puback(identifier))
        case .acknowledgeUnknown: return wire.write(puback(identifier &+ 1000) + puback(identifier))
        case .neverAcknowledge: return true
        case .disconnect(let reason, afterConnack: false):
            _ = wire.write([0xE0, 2, reason, 0])
            return false
        default: return wire.write(puback(identifier))
        }
    }
}

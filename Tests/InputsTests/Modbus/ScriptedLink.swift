#if Modbus
import Synchronization

@testable import Inputs

/// A bus that plays devices of registers, and fails as a test says.
final class ScriptedLink: ModbusLink, Sendable {
    struct State {
        var isOpen = false
        var openings = 0
        var requests: [String] = []
        /// Of each unit, input registers by address.
        var units: [Int: [Int: UInt16]] = [:]
        /// Thrown by the next attempts to open.
        var closed: ModbusFailure?
        /// Thrown once each by the next requests.
        var failures: [ModbusFailure] = []
    }

    let state = Mutex(State())

    init(_ units: [Int: [Int: UInt16]]) { state.withLock { $0.units = units } }

    var isOpen: Bool { state.withLock { $0.isOpen } }
    var requests: [String] { state.withLock { $0.requests } }

    func open(until stop: Waker) throws(ModbusFailure) {
        let failure = state.withLock { state in
            state.openings += 1
            state.isOpen = state.closed == nil
            return state.closed
        }
        if let failure { throw failure }
    }

    func close() { state.withLock { $0.isOpen = false } }

    func settle(until stop: Waker) {}

    func read(_ block: ReadBlock, unit: Int, into words: inout [UInt16]) throws(ModbusFailure) {
        let (answer, failure): ([UInt16], ModbusFailure?) = state.withLock { state in
            state.requests.append("\(unit): \(block.kind.rawValue) \(block.address)+\(block.count)")
            if !state.failures.isEmpty { return ([], state.failures.removeFirst()) }
            guard let unit = state.units[unit] else { return ([], .silence) }
            guard block.kind == .input else { return ([], .refusedFunction) }
            let values = (block.address..<block.address + block.count).map { unit[$0] }
            return values.contains(nil)
                ? ([], .refusedAddress("illegal data address")) : (values.compactMap(\.self), nil)
        }
        if let failure { throw failure }
        words.replaceSubrange(0..<answer.count, with: answer)
    }
}
#endif

#if Modbus
import CModbus

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A bus by libmodbus (3.1.6 and newer).
///
/// The library's own reconnecting and recovery are off: they sleep, and loop without an end that could be asked for. Its wait
/// for an answer is bounded by the response time-out, from the request to the last byte unless a byte time-out is set.
final class LibModbusLink: ModbusLink {
    private let settings: ModbusBusSettings
    private var context: OpaquePointer?
    private var bits = [UInt8](repeating: 0, count: ReadLimits.mostBits)
    /// Why the last attempt to open can only be cured by a person.
    private(set) var refusal: InputError.Code?

    init(_ settings: ModbusBusSettings) { self.settings = settings }

    deinit { close() }

    var isOpen: Bool { context != nil }

    func open(until stop: Waker) throws(ModbusFailure) {
        close()
        refusal = nil
        switch settings.address {
        case .tcp(let host, let port): try openTCP(host, port, until: stop)
        case .rtu(let path): try openSerial(path)
        }
    }

    func close() {
        guard let context else { return }
        modbus_close(context)
        modbus_free(context)
        self.context = nil
    }

    func read(_ block: ReadBlock, unit: Int, into words: inout [UInt16]) throws(ModbusFailure) {
        guard let context else { throw .lost("not connected") }
        guard modbus_set_slave(context, Int32(unit)) == 0 else { throw ModbusFailure(errno) }
        // What came late, or from nobody, is not the answer to what is asked now.
        guard modbus_flush(context) >= 0 else { throw ModbusFailure(errno) }
        let (address, count) = (Int32(block.address), Int32(block.count))
        let got =
            switch block.kind {
            case .coil: modbus_read_bits(context, address, count, &bits)
            case .discrete: modbus_read_input_bits(context, address, count, &bits)
            case .input: modbus_read_input_registers(context, address, count, &words)
            case .holding: modbus_read_registers(context, address, count, &words)
            }
        guard got >= 0 else { throw ModbusFailure(errno) }
        guard got == count else { throw .nonsense("\(got) values instead of \(count)") }
        if block.kind.isBit { for index in 0..<block.count { words[index] = UInt16(bits[index]) } }
    }

    func settle(until stop: Waker) {
        // An answer on TCP says which request it is of, but a server that is stuck in one is better left.
        guard settings.address.isSerial, let context else { return close() }
        // On a line nothing tells a late answer from the next one, so that the line must have fallen silent.
        _ = stop.wait(nanoseconds: min(settings.timeout / 2, 500_000_000))
        _ = modbus_flush(context)
    }

    /// Gives the context its time-outs and takes it over.
    private func adopt(_ new: OpaquePointer) throws(ModbusFailure) {
        context = new
        let response = Self.split(settings.timeout)
        let byte = Self.split(settings.byteTimeout)
        guard modbus_set_response_timeout(new, response.seconds, response.microseconds) == 0,
            modbus_set_byte_timeout(new, byte.seconds, byte.microseconds) == 0
        else {
            let failure = ModbusFailure(errno)
            close()
            throw failure
        }
    }

    private static func split(_ nanoseconds: Int64) -> (seconds: UInt32, microseconds: UInt32) {
        (UInt32(nanoseconds / 1_000_000_000), UInt32(nanoseconds % 1_000_000_000 / 1000))
    }

    /// Connects by itself, because the library's connecting cannot be told to end.
    private func openTCP(_ host: String, _ port: UInt16, until stop: Waker) throws(ModbusFailure) {
        let socket = try connect(host, port, until: stop)
        guard let new = modbus_new_tcp_pi(host, String(port)) else {
            let number = errno
            closeDescriptor(socket)
            throw .unreachable("cannot be used: \(systemMessage(number))")
        }
        modbus_set_socket(new, socket)
        try adopt(new)
    }

    /// Connects to the first address of `host` that answers, each within the time-out.
    private func connect(_ host: String, _ port: UInt16, until stop: Waker) throws(ModbusFailure) -> Int32 {
        let addresses: [SocketAddress]
        do throws(StreamConnector.UnknownHost) {
            addresses = try StreamConnector.addresses(of: host, port)
        } catch {
            throw .unreachable("no address for '\(host)': \(error.message)")
        }
        var reason = "no address"
        for address in addresses {
            let socket: Int32
            do throws(StreamConnector.Failure) {
                let deadline = monotonicNanoseconds() + settings.timeout
                socket = try StreamConnector.connect(address, deadline: deadline, until: stop)
            } catch {
                switch error {
                case .stopped: throw .stopped
                case .late: reason = systemMessage(ETIMEDOUT)
                case .system(let number): reason = systemMessage(number)
                }
                continue
            }
            try keep(socket)
            return socket
        }
        throw .unreachable("cannot be reached: \(reason)")
    }

    private func keep(_ socket: Int32) throws(ModbusFailure) {
        do throws(ModbusFailure) {
            try Self.checkDescriptor(socket)
        } catch {
            closeDescriptor(socket)
            throw error
        }
        // Requests are a dozen bytes and somebody waits for each.
        var on: Int32 = 1
        _ = setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private func openSerial(_ path: String) throws(ModbusFailure) {
        let line = settings.line
        let parity = CChar(bitPattern: line.parity.letter)
        guard let new = modbus_new_rtu(path, Int32(line.baud), parity, 8, Int32(line.stopBits)) else {
            throw .unreachable("cannot be used: \(systemMessage(errno))")
        }
        guard modbus_connect(new) == 0 else {
            let number = errno
            modbus_free(new)
            if number == EACCES || number == EPERM { refusal = .notPermitted }
            throw .unreachable("cannot be opened: \(systemMessage(number))")
        }
        let descriptor = modbus_get_socket(new)
        // One master on a line: a second one would take the other's answers. Locks of one process exclude each other too.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            modbus_close(new)
            modbus_free(new)
            refusal = .occupied
            throw .unreachable("in use by another program, or by another item of 'inputs'")
        }
        do throws(ModbusFailure) {
            try Self.checkDescriptor(descriptor)
            try setDirection(new, line)
            try adopt(new)
        } catch {
            if context == nil {
                modbus_close(new)
                modbus_free(new)
            }
            throw error
        }
    }

    /// The library waits with select(2), which cannot know a descriptor beyond `FD_SETSIZE`.
    static func checkDescriptor(_ descriptor: Int32) throws(ModbusFailure) {
        guard descriptor < 1024 else {
            throw .unreachable("the agent has too many files open for libmodbus; lower 'connections' of inputs")
        }
    }

    private func setDirection(_ context: OpaquePointer, _ line: SerialLine) throws(ModbusFailure) {
        let status =
            switch line.direction {
            case .automatic: Int32(0)
            case .kernel: modbus_rtu_set_serial_mode(context, MODBUS_RTU_RS485)
            case .rtsUp: modbus_rtu_set_rts(context, MODBUS_RTU_RTS_UP)
            case .rtsDown: modbus_rtu_set_rts(context, MODBUS_RTU_RTS_DOWN)
            }
        guard status == 0 else {
            throw .unreachable(
                "the driver cannot switch direction as 'direction: \(line.direction.rawValue)' asks: "
                    + systemMessage(errno))
        }
        if let delay = line.rtsDelay, line.direction == .rtsUp || line.direction == .rtsDown {
            modbus_rtu_set_rts_delay(context, Int32(delay / 1000))
        }
    }
}

private func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }
#endif

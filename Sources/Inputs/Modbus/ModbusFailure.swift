#if Modbus
import CModbus

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Why a request gave nothing.
enum ModbusFailure: Error, Hashable, CustomStringConvertible {
    /// The device does not have what was asked for: illegal data address, or illegal value, which some answer in its place.
    case refusedAddress(String)
    /// The device does not know the function.
    case refusedFunction
    /// It answered that it cannot answer now, or the gateway that it cannot reach it.
    case exception(String)
    /// No answer within the time-out.
    case silence
    /// An answer that is none: a wrong checksum, another unit, another function.
    case nonsense(String)
    /// The connection broke.
    case lost(String)
    /// There is no connection, and none to be had now.
    case unreachable(String)
    /// The end has come meanwhile.
    case stopped

    /// For a log line; begins as what the source does.
    var description: String {
        switch self {
        case .refusedAddress(let reason): "it refuses the registers: \(reason)"
        case .refusedFunction: "it does not know the function that reads these registers; is 'kind' right?"
        case .exception(let reason): reason
        case .silence: "no answer in time; check wiring, unit, and on a serial line baud and parity"
        case .nonsense(let reason): "the answer makes no sense: \(reason)"
        case .lost(let reason): "the connection broke: \(reason)"
        case .unreachable(let reason): reason
        case .stopped: "stopped"
        }
    }

    /// What a failed call of libmodbus means.
    ///
    /// - Parameter number: its `errno`, which is the library's own above `MODBUS_ENOBASE`, the code of an exception added to it
    ///   (Modbus Application Protocol V1.1b3, 7).
    init(_ number: Int32) {
        let base = Int32(MODBUS_ENOBASE)
        self =
            switch number - base {
            case 1: .refusedFunction
            case 2: .refusedAddress("illegal data address")
            case 3: .refusedAddress("illegal data value")
            case 4: .exception("it answers that it has failed (exception 4)")
            case 5: .exception("it answers that it needs longer (exception 5)")
            case 6: .exception("it answers that it is busy (exception 6)")
            case 7: .exception("it answers with a negative acknowledgement (exception 7)")
            case 8: .exception("it answers that its memory has a parity error (exception 8)")
            case 10: .exception("the gateway has no path to the unit (exception 10)")
            case 11: .exception("the gateway got no answer from the unit (exception 11)")
            case 12: .nonsense("wrong checksum; check wiring, termination, baud and parity")
            case 13: .nonsense("invalid data")
            case 14: .nonsense("an exception of code 0")
            case 15: .nonsense("an exception of unknown code")
            case 16: .nonsense("more than was asked for")
            case 17: .nonsense("it comes from another unit; are there two masters on the line?")
            default: Self.system(number)
            }
    }

    private static func system(_ number: Int32) -> ModbusFailure {
        number == ETIMEDOUT ? .silence : .lost(systemMessage(number))
    }
}
#endif

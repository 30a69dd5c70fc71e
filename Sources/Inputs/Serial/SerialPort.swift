#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A serial port that has been opened.
struct SerialPort: ~Copyable {
    /// Why a port cannot be had.
    struct Failure: Error {
        let message: String
    }

    /// A terminal, in raw mode and never blocking.
    let descriptor: Int32

    /// The rates that Linux has constants for.
    static let speeds: [(baud: Int, constant: Int)] = [
        (300, Int(B300)), (600, Int(B600)), (1200, Int(B1200)), (2400, Int(B2400)), (4800, Int(B4800)),
        (9600, Int(B9600)), (19_200, Int(B19200)), (38_400, Int(B38400)), (57_600, Int(B57600)),
        (115_200, Int(B115200)), (230_400, Int(B230400)), (460_800, Int(B460800)), (500_000, Int(B500000)),
        (576_000, Int(B576000)), (921_600, Int(B921600)), (1_000_000, Int(B1000000)), (1_152_000, Int(B1152000)),
        (1_500_000, Int(B1500000)), (2_000_000, Int(B2000000)), (3_000_000, Int(B3000000)), (4_000_000, Int(B4000000)),
    ]

    static func speed(_ baud: Int) -> speed_t? {
        speeds.first { $0.baud == baud }.map { speed_t($0.constant) }
    }

    /// Opens and sets up the port.
    ///
    /// - Parameters:
    ///   - settings: what to set.
    ///   - root: stands before the path in tests.
    /// - Throws: `Failure` with what to do.
    init(_ settings: SerialSettings, root: String) throws(Failure) {
        let path = root + settings.port
        // Never the controlling terminal, whose hangup would be the agent's; never waiting for a modem's carrier.
        let access = settings.request == nil ? O_RDONLY : O_RDWR
        let opened = retryingInterrupts { open(path, access | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) }
        guard opened.error == 0 else {
            let advice =
                switch opened.error {
                case EACCES: "; add the agent's user to the group of the device, mostly 'dialout'"
                case EBUSY: "; another program has it"
                case ENOENT: "; is it plugged in?"
                default: ""
                }
            throw Failure(message: systemMessage(opened.error) + advice)
        }
        if let failure = Self.prepare(opened.result, settings) {
            close(opened.result)
            throw failure
        }
        descriptor = opened.result
    }

    deinit {
        close(descriptor)
    }

    private static func prepare(_ descriptor: Int32, _ settings: SerialSettings) -> Failure? {
        do throws(Failure) {
            if settings.isExclusive { try lock(descriptor) }
            try setUp(descriptor, settings)
            return nil
        } catch {
            return error
        }
    }

    /// Keeps others out: TIOCEXCL refuses later opens by all but root, and the lock is seen by programs that ask for one.
    private static func lock(_ descriptor: Int32) throws(Failure) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(message: "another program has locked it; end that, or set 'exclusive: false'")
        }
        // A port that cannot refuse others is still a port.
        _ = ioctl(descriptor, UInt(TIOCEXCL))
    }

    private static func setUp(_ descriptor: Int32, _ settings: SerialSettings) throws(Failure) {
        var terminal = termios()
        guard tcgetattr(descriptor, &terminal) == 0 else {
            throw Failure(message: errno == ENOTTY ? "it is no serial port" : systemMessage(errno))
        }
        cfmakeraw(&terminal)
        terminal.c_cflag |= tcflag_t(CLOCAL | CREAD)
        terminal.c_cflag &= ~tcflag_t(CSIZE | PARENB | PARODD | CSTOPB)
        terminal.c_cflag |= tcflag_t([CS5, CS6, CS7, CS8][settings.dataBits - 5])
        if settings.parity != .none {
            terminal.c_cflag |= tcflag_t(PARENB | (settings.parity == .odd ? PARODD : 0))
            // A byte of wrong parity is read as NUL, so that its record cannot pass for a good one.
            terminal.c_iflag |= tcflag_t(INPCK)
        }
        if settings.stopBits == 2 { terminal.c_cflag |= tcflag_t(CSTOPB) }
        // CRTSCTS, whose constant is not in Swift's module.
        let hardware = tcflag_t(0x8000_0000)
        if settings.flow == .hardware { terminal.c_cflag |= hardware } else { terminal.c_cflag &= ~hardware }
        terminal.c_iflag &= ~tcflag_t(IXON | IXOFF)
        if settings.flow == .software { terminal.c_iflag |= tcflag_t(IXON | IXOFF) }
        if let speed = speed(settings.baud) {
            cfsetispeed(&terminal, speed)
            cfsetospeed(&terminal, speed)
        }
        guard tcsetattr(descriptor, TCSANOW, &terminal) == 0 else {
            throw Failure(message: "it does not take the settings: \(systemMessage(errno))")
        }
        // What the driver gathered before, at whatever speed, is no record.
        tcflush(descriptor, TCIFLUSH)
    }

    /// Sends all of `bytes`, for at most a second.
    ///
    /// - Throws: `Failure` when the port does not take them.
    borrowing func send(_ bytes: [UInt8]) throws(Failure) {
        let deadline = monotonicNanoseconds() + 1_000_000_000
        var sent = 0
        while sent < bytes.count {
            let outcome = bytes.withUnsafeBytes { bytes in
                retryingInterrupts { write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent) }
            }
            if outcome.error == 0 {
                sent += outcome.result
                continue
            }
            guard outcome.error == EAGAIN else { throw Failure(message: systemMessage(outcome.error)) }
            guard monotonicNanoseconds() < deadline else {
                throw Failure(message: "it does not take the request; is flow control right?")
            }
            var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&polled, 1, Readiness.milliseconds(until: deadline))
        }
    }
}

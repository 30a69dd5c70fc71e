import Foundation
import Testing

@testable import Inputs

/// A pair of terminals: the input has one end, the test plays the instrument at the other.
final class Instrument: Sendable {
    let port: String
    let descriptor: Int32

    init() throws {
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), which Swift does not import.
        var (lock, number): (Int32, Int32) = (0, -1)
        try #require(ioctl(descriptor, 0x4004_5431, &lock) == 0 && ioctl(descriptor, 0x8004_5430, &number) == 0)
        port = "/dev/pts/\(number)"
    }

    deinit { close(descriptor) }

    func say(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }

    /// Whether the port has been set to raw mode: what is said before that is flushed.
    var isSetUp: Bool {
        var terminal = termios()
        return tcgetattr(descriptor, &terminal) == 0 && terminal.c_lflag & tcflag_t(ICANON) == 0
    }

    func hear() async -> String {
        var heard: [UInt8] = []
        _ = await eventually {
            var byte: UInt8 = 0
            while Readiness.isReadable(self.descriptor), read(self.descriptor, &byte, 1) == 1 {
                heard.append(byte)
                if byte == 10 { return true }
            }
            return false
        }
        return String(decoding: heard, as: UTF8.self)
    }
}

@Suite("Input serial")
struct SerialInputTests {
    private func settings(_ port: String, _ format: String = "{type: value, series: force}") throws -> SerialSettings {
        var settings = SerialSettings(port, baud: 115_200, try FormatBench.settings(format))
        // However late a busy machine is: nothing is in the midst of a record.
        settings.midst = 0
        return settings
    }

    @Test(
        "records come through a raw port, one that began before the opening does not, and what hangs in the end is cut off"
    )
    func records() async throws {
        let instrument = try Instrument()
        let (sink, log) = (RecordingSink(), RecordingLog())
        var settings = try settings(instrument.port)
        settings.midst = .max
        let input = try SerialInput(settings, environment: .test(log: log))
        let running = try RunningInput { stop throws(InputError) in try input.run(into: sink, until: stop) }
        #expect(await eventually { instrument.isSetUp })
        instrument.say("5\n")
        #expect(await eventually { log.text.contains { $0.contains("a source answers") } })
        instrument.say("12.5\r\n-3\n")
        #expect(await eventually { sink.samples.count >= 2 })
        instrument.say("9")
        #expect(await running.stop() == nil)
        #expect(sink.lines.map { $0.prefix { $0 != "@" } } == ["force = 12.5 ", "force = -3.0 "])
        // The 9 may still have been on its way.
        #expect(sink.rejected.isEmpty || sink.rejected == ["record cut off": 1])
    }

    @Test("an instrument that must be asked is asked, and one that is silent is told of")
    func request() async throws {
        let instrument = try Instrument()
        let (sink, log) = (RecordingSink(), RecordingLog())
        var settings = try settings(instrument.port)
        settings.request = "READ?\n"
        // Far fewer than the port has room for, however long this test has to wait for its turn.
        settings.every = 500_000_000
        let input = try SerialInput(settings, environment: .test(log: log))
        let running = try RunningInput { stop throws(InputError) in try input.run(into: sink, until: stop) }
        #expect(await instrument.hear() == "READ?\n")
        instrument.say("1\n")
        #expect(await eventually { sink.samples.count == 1 })
        #expect(await eventually { log.text.contains { $0.hasPrefix("warning: a source does not answer") } })
        instrument.say("2\n")
        #expect(await eventually { sink.samples.count == 2 })
        #expect(await running.stop() == nil)
    }

    @Test("a port that vanishes is told once, and heard again when it is back")
    func unplugged() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("serial-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let link = directory.appendingPathComponent("scale").path
        let (sink, log) = (RecordingSink(), RecordingLog())
        var first: Instrument? = try Instrument()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: try #require(first?.port))
        let input = try SerialInput(try settings(link), environment: .test(log: log))
        let running = try RunningInput { stop throws(InputError) in try input.run(into: sink, until: stop) }
        #expect(await eventually { first?.isSetUp ?? false })
        #expect(
            await eventually {
                first?.say("1\n")
                return sink.samples.count >= 1
            })
        first = nil
        try FileManager.default.removeItem(atPath: link)
        #expect(await eventually { log.text.filter { $0.hasPrefix("warning") }.count >= 1 })
        let second = try Instrument()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: second.port)
        sink.clear()
        #expect(await eventually { second.isSetUp })
        #expect(
            await eventually {
                second.say("2\n")
                return sink.samples.count >= 1
            })
        #expect(await running.stop() == nil)
        #expect(log.text.filter { $0.contains("a source answers") }.count == 2)
    }

    @Test("a second input does not get a port that the first has, and says so")
    func exclusive() throws {
        let instrument = try Instrument()
        let settings = try settings(instrument.port)
        let port = try SerialPort(settings, root: "")
        do throws(SerialPort.Failure) {
            _ = try SerialPort(settings, root: "")
            Issue.record("two have it")
        } catch {
            // Root gets past TIOCEXCL and meets the lock; others meet EBUSY.
            #expect(error.message.contains("another program"))
        }
        #expect(port.descriptor >= 0)
    }

    @Test("a port is set as the settings say")
    func parameters() throws {
        let instrument = try Instrument()
        var settings = try settings(instrument.port)
        settings.dataBits = 7
        settings.stopBits = 2
        settings.flow = .software
        settings.baud = 19_200
        let port = try SerialPort(settings, root: "")
        var terminal = termios()
        #expect(tcgetattr(port.descriptor, &terminal) == 0)
        #expect(cfgetispeed(&terminal) == speed_t(B19200))
        #expect(terminal.c_cflag & tcflag_t(CSTOPB) != 0)
        #expect(terminal.c_iflag & tcflag_t(IXON) != 0)
        #expect(terminal.c_lflag & tcflag_t(ICANON | ECHO) == 0)
    }

    @Test(
        "what is no port is told with what to do",
        arguments: [("/dev/null", "no serial port"), ("/dev/not-there", "plugged in")])
    func noPort(path: String, message: String) throws {
        do throws(SerialPort.Failure) {
            _ = try SerialPort(try settings0(path), root: "")
            Issue.record("it was opened")
        } catch {
            #expect(error.message.contains(message))
        }
    }

    private func settings0(_ path: String) throws(SerialPort.Failure) -> SerialSettings {
        SerialSettings(path, baud: 9600, RecordSettings(.line(.nanoseconds)))
    }
}

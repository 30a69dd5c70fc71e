import Logging
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Why a capture cannot begin or go on.
struct IIOFailure: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// One capture of a device: set up, running until it is closed.
final class IIOCapture {
    struct Channel {
        let type: IIOScanType
        let offset: Int
        let scaling: IIOScaling
        /// One for each of the numbers that stand one behind the other.
        let series: [SeriesID?]
    }

    /// Which clock dates the scans.
    enum Dating {
        /// Nanoseconds of the wall clock, at an offset in the scan.
        case wall(IIOScanType, Int)
        /// Nanoseconds of another clock, which has to be compared with the wall clock.
        case other(IIOScanType, Int, clockid_t)
        /// No clock: scans are that many nanoseconds apart, the last of a reading just now.
        case spaced(Int64)
    }

    let channels: [Channel]
    let dating: Dating
    let layout: IIOScanLayout
    let descriptor: Int32
    private let files: IIOControl

    init(channels: [Channel], dating: Dating, layout: IIOScanLayout, descriptor: Int32, files: IIOControl) {
        self.channels = channels
        self.dating = dating
        self.layout = layout
        self.descriptor = descriptor
        self.files = files
    }

    deinit {
        Self.shut(descriptor)
        files.disable()
    }

    private static func shut(_ descriptor: Int32) { _ = close(descriptor) }

    /// Gives the samples of whole scans to `body`, channel by channel and scan by scan.
    ///
    /// - Parameters:
    ///   - bytes: a whole number of scans.
    ///   - now: the wall clock when they had come.
    ///   - body: gets the series, the time and the value.
    func read(_ bytes: UnsafeRawBufferPointer, now: Timestamp, _ body: (SeriesID?, Timestamp, Double) -> Void) {
        let scans = bytes.count / layout.size
        let ahead = clockDifference(now)
        for scan in 0..<scans {
            let start = scan * layout.size
            let time =
                switch dating {
                case .wall(let type, let offset):
                    Timestamp(nanoseconds: type.integer(bytes, at: start + offset))
                case .other(let type, let offset, _):
                    Timestamp(nanoseconds: type.integer(bytes, at: start + offset) &+ ahead)
                case .spaced(let interval):
                    now.advanced(byNanoseconds: -interval * Int64(scans - 1 - scan))
                }
            for channel in channels {
                for index in 0..<channel.type.count {
                    let raw = channel.type.value(bytes, at: start + channel.offset + index * channel.type.width)
                    body(channel.series[index], time, channel.scaling.value(of: raw))
                }
            }
        }
    }

    /// How far the wall clock is ahead of the one that dates the scans, nanoseconds.
    private func clockDifference(_ now: Timestamp) -> Int64 {
        guard case .other(_, _, let clock) = dating else { return 0 }
        var time = timespec()
        clock_gettime(clock, &time)
        return now.nanoseconds - (Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

/// The files that a capture is set by.
struct IIOControl: Sendable {
    let path: String

    /// Writes a file of the device's folder.
    ///
    /// - Throws: `IIOFailure` that names the file.
    func set(_ name: String, _ value: String) throws(IIOFailure) {
        let number = write("\(path)/\(name)", value)
        guard number == 0 else {
            let advice = number == EACCES || number == EPERM ? "; give the agent's user the right to write it" : ""
            throw IIOFailure("cannot write \(value) to \(name): \(systemMessage(number))\(advice)")
        }
    }

    /// Ends a capture, whether one is running or not. What cannot be written now ends with the next start.
    func disable() { _ = write("\(path)/buffer/enable", "0") }

    private func write(_ path: String, _ value: String) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC)
        guard descriptor >= 0 else { return errno }
        defer { _ = close(descriptor) }
        let bytes = Array(value.utf8)
        return retryingInterrupts { systemWrite(descriptor, bytes) }.error
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: [UInt8]) -> Int { write(descriptor, bytes, bytes.count) }

import JSON

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What this process takes of the box (getrusage(2), proc(5)).
struct ProcessResources: Hashable {
    /// Seconds of processor time since the start.
    var processor: Double
    var residentBytes: Int
    var peakBytes: Int
    /// Nil where /proc cannot be read.
    var threads: Int?
    var descriptors: Int?

    static var now: ProcessResources {
        var usage = rusage()
        // RUSAGE_SELF, which is a macro in one C library and an enumeration in another.
        getrusage(0, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        let peak = Int(usage.ru_maxrss) * 1024
        return ProcessResources(
            processor: ((seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1000).rounded() / 1000,
            residentBytes: residentBytes ?? peak,
            peakBytes: peak, threads: entries(of: "/proc/self/task"), descriptors: entries(of: "/proc/self/fd"))
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("processor_s", processor)
        writer.member("resident_bytes", residentBytes)
        writer.member("peak_bytes", peakBytes)
        if let threads { writer.member("threads", threads) }
        if let descriptors { writer.member("descriptors", descriptors) }
        writer.endObject()
    }

    /// The second number of /proc/self/statm is resident pages.
    private static var residentBytes: Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let numbers = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
        return numbers.count > 1 ? Int(numbers[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }

    private static func entries(of directory: String) -> Int? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        // Two of them are the directory itself and the one above it.
        return max(0, count - 2)
    }
}

import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Tells when names in a directory come and go, and when files that are open are written to (inotify(7)).
///
/// What is written to other files of the directory wakes nobody. It only wakes: what has changed is found by looking. So a lost event, or a file
/// system on a network that sends none, costs a delay and nothing else.
struct FileWatch: ~Copyable {
    /// What was told since the last time.
    struct News: Equatable {
        /// Names that are followed may have come or gone.
        var names = false
        /// Watches of files that were written to.
        var files: Set<Int32> = []
        /// Something was told that is not known any more: everything may have changed.
        var isUnknown = false
    }

    /// Becomes readable when something has changed; -1 when the system watches nothing.
    let descriptor: Int32
    private var directory: Int32 = -1
    private let path: String
    /// Whether a name in the directory is one that is followed.
    private let isFollowed: (String) -> Bool

    init(_ path: String, following isFollowed: @escaping (String) -> Bool) {
        self.path = path
        self.isFollowed = isFollowed
        descriptor = linux_watcher()
        // The same as 'renew()', which Swift 6.2 refuses to call here.
        directory = descriptor >= 0 ? linux_watch_names(descriptor, path) : -1
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Watches the directory that now has the path, if there is one.
    mutating func renew() {
        // The same directory again is the same watch.
        if descriptor >= 0 { directory = linux_watch_names(descriptor, path) }
    }

    /// Whether the directory is watched.
    var isWatching: Bool { directory >= 0 }

    /// Watches what is written to an open file, whatever its name is by now.
    ///
    /// - Returns: the watch; -1 where the system has none to give.
    func add(_ file: Int32) -> Int32 { descriptor >= 0 ? linux_watch_writes(descriptor, "/proc/self/fd/\(file)") : -1 }

    /// Ends the watch of a file.
    func remove(_ watch: Int32) {
        if descriptor >= 0, watch >= 0 { linux_unwatch(descriptor, watch) }
    }

    /// Takes in what was told, so that the next wait waits.
    mutating func take() -> News {
        var news = News()
        guard descriptor >= 0 else { return news }
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
            // Bounded, so that a busy directory cannot hold the thread.
            for _ in 0..<64 {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                note(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &news)
            }
        }
        return news
    }

    /// Events stand behind each other: watch, mask, cookie and length of the name, four bytes each, and the name, filled up with zeros.
    private mutating func note(_ events: UnsafeRawBufferPointer, _ news: inout News) {
        var rest = events
        while rest.count >= 16 {
            let watch = rest.loadUnaligned(fromByteOffset: 0, as: Int32.self)
            let mask = rest.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            let length = Int(rest.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
            guard rest.count >= 16 + length else { return }
            if mask & linux_watch_overflow != 0 {
                news.isUnknown = true
            } else if watch != directory {
                news.files.insert(watch)
            } else if mask & linux_watch_ends != 0 {
                directory = -1
                news.names = true
            } else if !news.names {
                let name = rest[16..<16 + length].prefix { $0 != 0 }
                news.names = isFollowed(String(decoding: name, as: UTF8.self))
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[(16 + length)...])
        }
    }
}

import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Tells when something in a directory changes (inotify(7)).
///
/// It only wakes: what has changed is found by looking. So a lost event, or a file system on a network that sends none,
/// costs a delay and nothing else.
struct DirectoryWatch: ~Copyable {
    /// Becomes readable when something has changed; -1 when the system watches nothing.
    let descriptor: Int32
    private var watch: Int32
    private let path: String

    init(_ path: String) {
        self.path = path
        descriptor = linux_watcher()
        watch = Self.watch(path, by: descriptor)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Watches the directory that now has the path, if there is one.
    mutating func renew() {
        // The same directory again is the same watch.
        watch = Self.watch(path, by: descriptor)
    }

    private static func watch(_ path: String, by descriptor: Int32) -> Int32 {
        descriptor >= 0 ? linux_watch_directory(descriptor, path) : -1
    }

    /// Whether the directory is watched.
    var isWatching: Bool { watch >= 0 }

    /// Takes in what was told, so that the next wait waits.
    borrowing func drain() {
        guard descriptor >= 0 else { return }
        let descriptor = descriptor
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            // Bounded, so that a busy directory cannot hold the thread.
            for _ in 0..<64 where read(descriptor, buffer.baseAddress, buffer.count) <= 0 { return }
        }
    }
}

/// What went wrong in the log or the files under it, and what to do about it.
package struct LogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure; what a program decides by.
    package enum Code: String, Hashable, Sendable {
        /// The system refused an operation; see `errno`.
        case io
        /// The file system has no room for the configured budget, or for another segment.
        case outOfSpace
        /// Another process has the directory.
        case locked
        /// The budget is used up; evict a segment or wait for a release.
        case full
        /// The record does not fit into a segment.
        case recordTooLarge
        /// The bytes at the location are damaged.
        case corrupt
        /// Nothing (of this generation) is at the location.
        case notFound
        /// Written data could not be made durable, not even in a second place. The lane takes no more records.
        case degraded
        /// The options make no sense, or contradict what is on disk.
        case options
        /// A file in the directory belongs to something else.
        case foreign
        /// A later version of the program wrote a file in a format that this one does not know.
        case newerFormat
    }

    package var code: Code
    /// What happened and what to do, for a person.
    package var message: String
    /// The file or directory concerned.
    package var path: String
    /// The system's error number; 0 if the system had no part in it.
    package var errno: Int32

    /// An error of the log, or of a file system that fails on demand.
    package init(_ code: Code, _ message: String, path: String, errno: Int32 = 0) {
        self.code = code
        self.message = message
        self.path = path
        self.errno = errno
    }

    /// `what`: the file, and its format and the one that is known, in words.
    init(newer what: String, path: String) {
        self.init(
            .newerFormat,
            "\(what): a newer version of this program wrote it; install that version or a later one, or use another directory; "
                + "nothing was changed",
            path: path)
    }

    package var description: String {
        errno == 0 ? "\(path): \(message) [\(code.rawValue)]" : "\(path): \(message) [\(code.rawValue), errno \(errno)]"
    }
}

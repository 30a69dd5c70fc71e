import Logging
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A name that is followed, through the files that have it one after another.
struct TailFile {
    /// What a look at the file found.
    enum Look: Hashable {
        /// It is read as far as it goes.
        case atEnd
        /// More of it waits: others have their turn first.
        case more
        /// There is no such file, or it cannot be read, for this reason.
        case away(String)
    }

    /// How long a file that has lost its name is still read after it last grew, nanoseconds: who writes to it finds out late,
    /// with logrotate only after the new file is there.
    private static let linger: Int64 = 5_000_000_000
    /// Files without their name that are read at once; rotation is not faster than that.
    private static let mostRetired = 4

    let path: String
    private let settings: TailSettings
    private let environment: InputEnvironment
    private let sink: any SampleSink
    private let records: RecordSettings
    private var current: OpenFile?
    /// The oldest first.
    private var retired: [OpenFile] = []
    /// Where reading begins, the first time the file is there.
    private var start: OpenFile.Beginning
    /// How far the files that had the name were read before the start of the input, the oldest first; empty once they were looked for.
    private var known: [TailPosition]
    /// What the last look found.
    private(set) var found = Look.away("no such file")

    /// - Parameters:
    ///   - path: the name.
    ///   - settings: how to read what it means.
    ///   - start: where reading begins.
    ///   - known: how far files that had the name were read before.
    ///   - environment: of the input.
    ///   - sink: gets the samples.
    init(
        _ path: String, _ settings: TailSettings, from start: OpenFile.Beginning, known: [TailPosition] = [],
        environment: InputEnvironment, sink: any SampleSink
    ) {
        self.path = path
        self.start = start
        self.known = known
        self.settings = settings
        self.environment = environment
        self.sink = sink
        var records = settings.records
        if let tag = settings.fileTag { records.tags.append(Tag(tag, Self.tagValue(path))) }
        self.records = records
    }

    private static func tagValue(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let plain = name.utf8.shownText
        return plain.utf8.count <= Tag.longestValue ? plain : String(plain.prefix(60))
    }

    /// Whether something is still read.
    var isOpen: Bool { current != nil || !retired.isEmpty }

    /// The watches of what is read.
    var watches: [Int32] { (retired + (current.map { [$0] } ?? [])).map(\.watch) }

    /// How far the files were read that have or had the name.
    var positions: [TailPosition] {
        known + retired.compactMap { $0.position(path) } + (current?.position(path).map { [$0] } ?? [])
    }

    /// Gives away the file that another name has now, which this one has no more.
    mutating func release(_ identity: OpenFile.Identity) -> OpenFile? {
        if let index = retired.firstIndex(where: { $0.identity == identity }) { return retired.remove(at: index) }
        guard let file = current, file.identity == identity, OpenFile.Identity.named(path).identity != identity else {
            return nil
        }
        current = nil
        return file
    }

    /// Takes over a file that another name had.
    mutating func adopt(_ file: OpenFile) { current = file }

    /// Whether this is what is read under the name.
    func reads(_ identity: OpenFile.Identity) -> Bool {
        current?.identity == identity || retired.contains { $0.identity == identity }
    }

    /// Reads what has been added, and follows the name when another file has it.
    ///
    /// - Parameter watch: tells of what is written.
    mutating func look(_ watch: borrowing FileWatch) {
        let named = OpenFile.Identity.named(path)
        if let file = current, file.identity != named.identity {
            retired.append(file)
            current = nil
        }
        if !known.isEmpty { findKnown(named.identity, watch) }
        var hasMore = readRetired(watch)
        guard let identity = named.identity else {
            // A file that comes later is new as a whole.
            start = .start
            found = hasMore ? .more : .away(systemMessage(named.error))
            return
        }
        do throws(OpenFile.Failure) {
            if current == nil {
                if let index = retired.firstIndex(where: { $0.identity == identity }) {
                    // It has its name back.
                    current = retired.remove(at: index)
                } else {
                    current = try OpenFile(path, from: start, stream(), watch)
                }
                start = .start
            }
            if try current?.read() == true { hasMore = true }
        } catch {
            current?.end(watch)
            current = nil
            found = .away(error.message)
            return
        }
        found = hasMore ? .more : .atEnd
    }

    /// Goes on where reading ended before the start: in the file that still has the name, and in those that were rotated away meanwhile.
    private mutating func findKnown(_ named: OpenFile.Identity?, _ watch: borrowing FileWatch) {
        start = .start
        for position in known {
            if position.file == named {
                start = .after(position)
            } else if let path = place(of: position.file),
                let file = try? OpenFile(path, from: .after(position), stream(), watch), file.isContinued
            {
                retired.append(file)
            } else {
                environment.logger.warning(
                    """
                    a followed file was rotated away while nobody read it, and is not found; what was added to it meanwhile \
                    is missed
                    """,
                    metadata: ["file": "\(path)"])
            }
        }
        known = []
    }

    /// Where a file is that had the name: beside it, under a name that begins alike.
    private func place(of identity: OpenFile.Identity) -> String? {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let (directory, name) = (path[...slash], path[path.index(after: slash)...])
        let places = directoryNames(String(directory)).lazy.filter { $0.hasPrefix(name) }.map { String(directory + $0) }
        return places.first { OpenFile.Identity.named($0).identity == identity }
    }

    /// Reads what late writers add to files that have lost their name.
    ///
    /// - Returns: whether more waits.
    private mutating func readRetired(_ watch: borrowing FileWatch) -> Bool {
        var hasMore = false
        let now = monotonicNanoseconds()
        for index in retired.indices.reversed() {
            let more = (try? retired[index].read()) ?? false
            hasMore = hasMore || more
            if !more, now - retired[index].lastGrowth > Self.linger {
                retired[index].end(watch)
                retired.remove(at: index)
            }
        }
        while retired.count > Self.mostRetired {
            retired[0].end(watch)
            retired.removeFirst()
        }
        return hasMore
    }

    private func stream() -> RecordStream {
        RecordStream(
            RecordIntake(records, from: path, environment: environment, sink: sink), settings.terminator,
            now: environment.now)
    }

    /// Ends all reading.
    ///
    /// - Parameters:
    ///   - watch: told of what is written.
    ///   - isKept: whether the positions are kept.
    mutating func end(_ watch: borrowing FileWatch, isKept: Bool) {
        for index in retired.indices { retired[index].end(watch, isKept: isKept) }
        retired.removeAll()
        current?.end(watch, isKept: isKept)
        current = nil
    }
}

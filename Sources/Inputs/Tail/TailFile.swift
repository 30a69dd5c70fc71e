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
    /// How far files that had the name were read before, the oldest first: those that have not been opened since, and are not known to be gone.
    private var known: [TailPosition]
    /// Whether a file that is known, and that nothing has the name of, may come later, as when its disk is mounted late.
    var isAwaited = true
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

    /// Whether something is still read, or looked for.
    var isOpen: Bool { current != nil || !retired.isEmpty || !known.isEmpty }

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
        // A name that cannot be looked at is not one that is gone.
        if let file = current, file.identity != named.identity, named.identity != nil || named.error == ENOENT {
            retired.append(file)
            current = nil
        }
        if !known.isEmpty { findKnown(named.identity, isAwaited: isAwaited || named.error != ENOENT, watch) }
        let retiring = readRetired(watch)
        var hasMore = retiring.hasMore
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
            known.removeAll { $0.file.inode == identity.inode }
            // What was written before comes first.
            if !retiring.isBehind, try current?.read() == true { hasMore = true }
        } catch {
            if var file = current {
                // What was taken is not taken again.
                let position = file.position(path)
                if let position { known.append(position) } else { start = .end }
                file.end(watch, isKept: position != nil)
                current = nil
            }
            found = .away(error.message)
            return
        }
        found = hasMore ? .more : .atEnd
    }

    /// Goes on where reading ended before: in the file that still has the name, and in those that were rotated away meanwhile.
    ///
    /// - Parameters:
    ///   - named: the file that has the name.
    ///   - isAwaited: whether one that is not found while no file has the name is kept in mind.
    ///   - watch: tells of what is written.
    private mutating func findKnown(
        _ named: OpenFile.Identity?, isAwaited: Bool, _ watch: borrowing FileWatch
    ) {
        var left: [TailPosition] = []
        for position in known {
            if position.file.inode == named?.inode {
                // It is known until it has been opened. The device decides between several.
                if position.file == named || !known.contains(where: { $0.file == named }) { start = .after(position) }
                left.append(position)
                continue
            }
            if let name = place(of: position.file) {
                do throws(OpenFile.Failure) {
                    var file = try OpenFile(name, from: .after(position), stream(), watch)
                    if file.isContinued {
                        retired.append(file)
                        continue
                    }
                    file.end(watch, isKept: true)
                } catch {
                    left.append(position)
                    continue
                }
            }
            if named == nil, isAwaited {
                left.append(position)
                continue
            }
            environment.logger.warning(
                """
                a followed file was rotated away while nobody read it, and is not found; what was added to it meanwhile \
                is missed
                """,
                metadata: ["file": "\(path)"])
        }
        known = left
    }

    /// Where a file is that had the name: beside it, under a name that begins alike. The device decides between several.
    private func place(of identity: OpenFile.Identity) -> String? {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let (directory, name) = (path[...slash], path[path.index(after: slash)...])
        var candidate: String?
        for other in directoryNames(String(directory)) where other.hasPrefix(name) {
            let place = String(directory + other)
            guard let present = OpenFile.Identity.named(place).identity, present.inode == identity.inode else {
                continue
            }
            if present == identity { return place }
            if candidate == nil { candidate = place }
        }
        return candidate
    }

    /// Reads what late writers add to files that have lost their name, and what was added to them while nobody read.
    ///
    /// - Returns: whether more waits, and whether it is of a file that was read before the start: what is newer comes after it.
    private mutating func readRetired(_ watch: borrowing FileWatch) -> (hasMore: Bool, isBehind: Bool) {
        var hasMore = false
        let now = monotonicNanoseconds()
        var index = 0
        while index < retired.count {
            let more: Bool
            do throws(OpenFile.Failure) {
                more = try retired[index].read()
            } catch {
                // Its position stays known, and is tried again.
                index += 1
                continue
            }
            if more, retired[index].isContinued { return (true, true) }
            hasMore = hasMore || more
            if !more, now - retired[index].lastGrowth > Self.linger {
                retired[index].end(watch)
                retired.remove(at: index)
            } else {
                index += 1
            }
        }
        while retired.count > Self.mostRetired {
            retired[0].end(watch)
            retired.removeFirst()
        }
        return (hasMore, false)
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

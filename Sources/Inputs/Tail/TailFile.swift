import Telemetry

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
    private var start: TailSettings.Start

    init(
        _ path: String, _ settings: TailSettings, from start: TailSettings.Start, environment: InputEnvironment,
        sink: any SampleSink
    ) {
        self.path = path
        self.start = start
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

    /// Reads what has been added, and follows the name when another file has it.
    mutating func look() -> Look {
        let named = OpenFile.Identity.named(path)
        if let file = current, file.identity != named.identity {
            retired.append(file)
            current = nil
        }
        var hasMore = readRetired()
        if named.identity == nil {
            // A file that comes later is new as a whole.
            start = .start
            return hasMore ? .more : .away(systemMessage(named.error))
        }
        do throws(OpenFile.Failure) {
            if current == nil {
                current = try OpenFile(path, from: start, stream())
                start = .start
            }
            if try current?.read() == true { hasMore = true }
        } catch {
            current?.end()
            current = nil
            return .away(error.message)
        }
        return hasMore ? .more : .atEnd
    }

    /// Reads what late writers add to files that have lost their name.
    ///
    /// - Returns: whether more waits.
    private mutating func readRetired() -> Bool {
        var hasMore = false
        let now = monotonicNanoseconds()
        for index in retired.indices.reversed() {
            let more = (try? retired[index].read()) ?? false
            hasMore = hasMore || more
            if !more, now - retired[index].lastGrowth > Self.linger {
                retired[index].end()
                retired.remove(at: index)
            }
        }
        while retired.count > Self.mostRetired {
            retired[0].end()
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
    mutating func end() {
        for index in retired.indices { retired[index].end() }
        retired.removeAll()
        current?.end()
        current = nil
    }
}

import Logging

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Follows files that other programs write.
package struct TailInput: Input {
    package static let kind = "tail"
    package static let summary = "records of text that are added to a file"
    package static let sample = """
        - type: tail
          # The file is followed by its name, whoever rotates it. Its last part may be a pattern such as scale-*.log.
          path: /var/log/scale.log
          # Where a file that is there already is read from: start or end. One that appears later is read from its start.
          from: end
          # Tag that says which file a series came from.
          # file-tag: file
          # What ends a record: lf (also after cr), cr, or a character.
          terminator: lf
          # line, senml, json, csv, key-value or nmea; in full {type: regex, pattern: "w=([0-9.]+)", fields: {scale.weight: 1}}.
          format: key-value
          # metric (default), or bulk for raw data at a high rate, which goes first when the disk is full.
          class: metric
          # The device that records are about, by default the agent itself.
          # device: gripper-2
          # Tags of every series.
          # tags: {side: left}
          # Units of series, UCUM codes, where neither records nor the format say them.
          # units: {scale.weight: g}
        """

    /// Files followed at once.
    private static let longestList = 256
    /// Nanoseconds between looks at everything where the system tells of changes, and where it does not.
    private static let (watchedPause, blindPause): (Int64, Int64) = (1_000_000_000, 250_000_000)

    private let settings: TailSettings
    private let environment: InputEnvironment

    package init(_ settings: TailSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        try run(into: sink, until: stop) {}
    }

    /// - Parameters:
    ///   - sink: gets the samples.
    ///   - stop: ends it.
    ///   - looking: called once what is there has been found, so that what is added from then on is new.
    /// - Throws: `InputError` when the system does not let the thread wait.
    func run(into sink: any SampleSink, until stop: Waker, looking: () -> Void) throws(InputError) {
        let followed = settings.name
        let hasPattern = settings.hasPattern
        var watch = FileWatch(environment.root + settings.directory) { name in
            hasPattern ? fnmatch(followed, name, FNM_PERIOD) == 0 : name == followed
        }
        var keeper = TailKeeper(settings, environment, sink)
        var files: [TailFile] = []
        var state = SourceState(settings.path, of: environment)
        var (isFirst, hasTooMany) = (true, false)
        var nextFull: Int64 = 0
        while true {
            let news = watch.take()
            let isFull = news.names || news.isUnknown || monotonicNanoseconds() >= nextFull
            if isFull { find(&files, keeper.known, isFirst: isFirst, &hasTooMany, sink) }
            for index in files.indices
            where isFull || files[index].found == .more || !news.files.isDisjoint(with: files[index].watches) {
                files[index].look(watch)
            }
            let isUp = tell(files, &state)
            keeper.keep { files.flatMap(\.positions) }
            if isFirst { looking() }
            isFirst = false
            if !watch.isWatching { watch.renew() }
            let isBlind = !watch.isWatching || isUp && files.contains { $0.watches.contains(-1) }
            let pause = isBlind ? Self.blindPause : Self.watchedPause
            let now = monotonicNanoseconds()
            nextFull = isFull ? now + pause : min(nextFull, now + pause)
            let wait = files.contains { $0.found == .more } ? 0 : Readiness.milliseconds(until: nextFull)
            guard
                try Readiness.wait(
                    for: [watch.descriptor], until: stop, milliseconds: wait, input: environment.name)
            else { break }
        }
        // What was added before the end is taken; a last line without its end is not.
        for index in files.indices { files[index].look(watch) }
        keeper.finish(files.flatMap(\.positions))
        for index in files.indices { files[index].end(watch, isKept: keeper.isKeeping) }
    }

    /// Brings the list of files up to the names that there are now.
    private func find(
        _ files: inout [TailFile], _ known: [TailPosition]?, isFirst: Bool, _ hasTooMany: inout Bool,
        _ sink: any SampleSink
    ) {
        let paths = paths()
        let kept = isFirst ? place(known ?? [], paths) : []
        if paths.count > Self.longestList, !hasTooMany {
            hasTooMany = true
            environment.logger.warning(
                "'\(settings.path)' means more than \(Self.longestList) files; the others are not read")
        }
        for path in paths.prefix(Self.longestList) where !files.contains(where: { $0.path == path }) {
            let identity = OpenFile.Identity.named(path).identity
            var file: TailFile
            if isFirst, known != nil {
                // A name that was not there before is a new file. One that another name had is the same file still.
                let mine = kept.filter {
                    $0.position.file == identity || $0.holder == path || $0.holder == nil && $0.position.path == path
                }.map { $0.position }
                file = TailFile(path, settings, from: .start, known: mine, environment: environment, sink: sink)
            } else {
                let start: OpenFile.Beginning = isFirst && settings.from == .end ? .end : .start
                file = TailFile(path, settings, from: start, environment: environment, sink: sink)
            }
            if let identity, let holder = files.firstIndex(where: { $0.reads(identity) }) {
                // Renamed to another name that is followed. One that has both names is read once.
                guard let moved = files[holder].release(identity) else { continue }
                file.adopt(moved)
            }
            files.append(file)
        }
        // A file that has none of the names any more is looked for beside them.
        for (position, holder) in kept
        where holder == nil && !files.contains(where: { $0.path == position.path }) {
            let mine = kept.filter { $0.holder == nil && $0.position.path == position.path }.map { $0.position }
            files.append(
                TailFile(
                    position.path, settings, from: .start, known: mine, environment: environment, sink: sink))
        }
        // Where other names are, the disk is there, and what is not found is gone.
        for index in files.indices { files[index].isAwaited = !settings.hasPattern || paths.isEmpty }
        files.removeAll { file in settings.hasPattern && !file.isOpen && !paths.contains(file.path) }
    }

    /// Which of these names each file has by now; nil where it has none of them.
    ///
    /// Devices can have other numbers after a start of the system, so they only decide between several.
    private func place(_ known: [TailPosition], _ paths: [String]) -> [(position: TailPosition, holder: String?)] {
        var holders: [UInt64: [(path: String, identity: OpenFile.Identity)]] = [:]
        for path in paths {
            guard let identity = OpenFile.Identity.named(path).identity else { continue }
            holders[identity.inode, default: []].append((path: path, identity: identity))
        }
        return known.map { position in
            let same = holders[position.file.inode] ?? []
            let holder =
                same.first(where: { $0.path == position.path }) ?? same.first(where: { $0.identity == position.file })
                ?? same.first
            return (position: position, holder: holder?.path)
        }
    }

    /// Tells of whether there is anything to read.
    private func tell(_ files: [TailFile], _ state: inout SourceState) -> Bool {
        var reason = "no such file"
        for file in files {
            guard case .away(let why) = file.found else {
                state.answered()
                return true
            }
            reason = why
        }
        _ = state.failed(reason)
        return false
    }

    /// The files that there are now, in alphabetical order.
    private func paths() -> [String] {
        guard settings.hasPattern else { return [environment.root + settings.path] }
        var list = glob_t()
        defer { globfree(&list) }
        guard glob(environment.root + settings.path, 0, nil, &list) == 0 else { return [] }
        return (0..<Int(list.gl_pathc)).compactMap { index in list.gl_pathv[index].map { String(cString: $0) } }
    }
}

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
    /// Milliseconds between looks where the system tells of changes, and where it does not.
    private static let (watchedPause, blindPause): (Int32, Int32) = (1000, 250)

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
        var watch = DirectoryWatch(environment.root + settings.directory)
        var files: [TailFile] = []
        var state = SourceState(settings.path, of: environment)
        var isFirst = true
        var hasTooMany = false
        while true {
            watch.drain()
            let found = paths()
            if found.count > Self.longestList, !hasTooMany {
                hasTooMany = true
                environment.logger.warning(
                    "'\(settings.path)' means more than \(Self.longestList) files; the others are not read")
            }
            for path in found.prefix(Self.longestList) where !files.contains(where: { $0.path == path }) {
                files.append(
                    TailFile(
                        path, settings, from: isFirst ? settings.from : .start, environment: environment, sink: sink))
            }
            var (isUp, hasMore) = (false, false)
            var reason = "no such file"
            for index in files.indices {
                switch files[index].look() {
                case .atEnd: isUp = true
                case .more: (isUp, hasMore) = (true, true)
                case .away(let why): reason = why
                }
            }
            files.removeAll { settings.hasPattern && !$0.isOpen && !found.contains($0.path) }
            if isUp { state.answered() } else { _ = state.failed(reason) }
            if isFirst { looking() }
            isFirst = false
            if !watch.isWatching { watch.renew() }
            let pause = hasMore ? 0 : watch.isWatching ? Self.watchedPause : Self.blindPause
            guard
                try Readiness.wait(
                    for: [watch.descriptor], until: stop, milliseconds: pause, input: environment.name)
            else { break }
        }
        // What was added before the end is taken; a last line without its end is not.
        for index in files.indices {
            _ = files[index].look()
            files[index].end()
        }
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

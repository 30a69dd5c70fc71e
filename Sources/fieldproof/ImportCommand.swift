import ArgumentParser
import Collector
import SegmentLog
import Storage

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes frames from files into the archive: a stick instead of a broker.",
        discussion: """
            Files hold frames one after another, as 'fieldproof-agent spool dump' writes them, or lines of hexadecimal as \
            'mosquitto_sub -F %x' prints them; compressed by zstd or not. Each frame is taken once: importing a file again changes \
            nothing. The collector must not be running. Exit status 65 when something was refused; the rest is taken.
            """)

    @OptionGroup var options: ConfigOption

    @Argument(help: "Files; - for standard input.")
    var files: [String]

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() throws {
        do {
            let settings = try options.load()
            let library = try ScenarioLibrary.load(settings.scenarios)
            // Before the archive is touched: a name that was mistyped changes nothing.
            let sources = try files.map { file in (file, try FrameSource(path: file == "-" ? nil : file)) }
            try Archive.requireKnownFormat(in: settings.archive, files: POSIXFileSystem())
            let store = try SQLiteStore(path: settings.store)
            let archive = try Archive.open(settings.archive, files: POSIXFileSystem(), store: store)
            var importing = try FrameImport(archive, store: store, library: library.entries)
            let bar = ProgressBar()
            defer { bar.end() }
            var listing = ImportListing(asJSON: json)
            for (file, source) in sources {
                var tally = ImportTally()
                do {
                    try importing.take(source, into: &tally) { count in
                        bar.show(file, source.share, count, "frames")
                    }
                } catch let error as CollectorError where error.code == .refused {
                    tally.failure = error.message
                }
                listing.add(file, tally)
            }
            let runs = try importing.finish { done, total in
                bar.show("folding runs", Double(done) / Double(total), done, "of \(total)")
            }
            bar.end()
            listing.end(runs: runs)
            if !listing.isWhole { throw ExitStatus.badData }
        } catch {
            throw failure(error)
        }
    }
}

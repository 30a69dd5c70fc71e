import ArgumentParser
import Collector

struct Rebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the store anew from the archive.",
        discussion:
            """
            The collector must not be running. The same archive and definitions give the same summaries, byte for byte. The store is \
            replaced when all is done: until then, and when this is ended before, it is what it was.
            """
    )

    @OptionGroup var options: ConfigOption

    func run() throws {
        do {
            let settings = try options.load()
            let library = try ScenarioLibrary.load(settings.scenarios)
            let bar = ProgressBar()
            defer { bar.end() }
            let result = try Rebuilding(settings, library).run { bar.show($0) }
            bar.end()
            print("\(result.frames) frames, \(result.streams) streams, \(result.runs) runs folded")
        } catch {
            throw failure(error)
        }
    }
}

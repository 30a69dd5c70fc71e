import ArgumentParser
import Collector
import Platform

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
            // A unit that rebuilds before it collects is given the time.
            let watch = ServiceWatch(awaiting: ["rebuild"])
            let result = try Rebuilding(settings, library).run { progress in
                bar.show(progress)
                watch.getsOn(with: "rebuilding the store")
            }
            bar.end()
            print("\(result.frames) frames, \(result.streams) streams, \(result.runs) runs folded")
        } catch {
            throw failure(error)
        }
    }
}

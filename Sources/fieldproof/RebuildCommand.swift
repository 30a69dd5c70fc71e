import ArgumentParser
import Collector

struct Rebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the store anew from the archive.",
        discussion:
            "The collector must not be running. The same archive and definitions give the same summaries, byte for byte."
    )

    @OptionGroup var options: ConfigOption

    func run() throws {
        do {
            let settings = try options.load()
            let library = try ScenarioLibrary.load(settings.scenarios)
            let bar = ProgressBar()
            defer { bar.end() }
            let result = try Rebuilding(settings, library).run { progress in
                switch progress {
                case .reading(let frames, let share):
                    bar.show("reading the archive", share, "\(frames) frames\(bar.rate(of: frames))")
                case .folding(let done, let total):
                    bar.show("folding runs", Double(done) / Double(total), "\(done) of \(total)")
                }
            }
            bar.end()
            print("\(result.frames) frames, \(result.streams) streams, \(result.runs) runs folded")
        } catch {
            throw failure(error)
        }
    }
}

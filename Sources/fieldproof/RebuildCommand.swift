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
            let result = try Rebuilding(settings, library).run { frames in complain("\(frames) frames read") }
            print("\(result.frames) frames, \(result.streams) streams, \(result.runs) runs folded")
        } catch {
            throw failure(error)
        }
    }
}

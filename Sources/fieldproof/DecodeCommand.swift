import ArgumentParser
import Collector
import Frames

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turns frames into SenML JSON, CSV or line protocol.",
        discussion: """
            Reads frames one after another, or lines of hexadecimal as 'mosquitto_sub -F %x' prints them, from a file or standard \
            input. Series are defined in frames of class event; give those first, or see series by number.
            """)

    @Argument(help: "A file; standard input without it.")
    var file: String?

    @Option(name: .long, help: "senml, csv or line.")
    var format = DecodedForm.senml

    func run() throws {
        do {
            var decoding = FrameListing(format) { print($0) }
            let source = try FrameSource(path: file)
            var number = 0
            while let frame = try source.next() {
                number += 1
                do throws(FrameError) {
                    try decoding.add(frame)
                } catch {
                    complain("frame \(number): \(error)")
                    throw ExitStatus.badData
                }
            }
        } catch {
            throw failure(error)
        }
    }
}

extension DecodedForm: ExpressibleByArgument {}

import ArgumentParser
import Collector
import Platform
import Signing

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Makes and shows the key that signs summaries.",
        subcommands: [New.self, Public.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes an Ed25519 key in a new file that its owner alone can read, and prints the public key.",
            discussion: "Name the file in the collector's configuration: 'signing: {key: PATH}'.")

        @Option(name: .long, help: "The file; it must not be there yet.")
        var output: String

        func run() throws {
            keepMemoryPrivate()
            do {
                let key = try SigningKey()
                try KeyFile.create(key, at: output)
                print(key.publicKey.pem, terminator: "")
            } catch {
                throw failure(error)
            }
        }
    }

    struct Public: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the public key (PEM), to be handed to whoever verifies.")

        @OptionGroup var options: ConfigOption

        @Option(name: .long, help: "The private key's file; the default is the configuration's.")
        var key: String?

        @Flag(name: .long, help: "Print the id that signatures name the key by, instead.")
        var id = false

        func run() throws {
            keepMemoryPrivate()
            do {
                let key = try KeyFile.load(try self.key ?? options.signingKey()).publicKey
                print(id ? key.keyID + "\n" : key.pem, terminator: "")
            } catch {
                throw failure(error)
            }
        }
    }
}

extension ConfigOption {
    /// The file of the key that signs.
    ///
    /// - Throws: `ConfigurationError`; `ExitCode` 78 after saying so where none is named.
    func signingKey() throws -> String {
        if let key = try load().signingKey { return key }
        complain(
            "\(config): names no key to sign with; make one with 'fieldproof key new --output PATH' and add "
                + "'signing: {key: PATH}'")
        throw ExitStatus.configuration
    }
}

import ArgumentParser
import Certificates
import Enrolment
import Platform
import Telemetry

struct EnrolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Makes a site's CA, and certificates for its broker, collector and boxes.",
        discussion: """
            Keep the directory on the operator's machine, in a backup, and off the boxes. Certificates are short-lived: renew them before they \
            end; agents and collector say so in time, and take new files up by themselves.
            """,
        subcommands: [
            Site.self, Agent.self, Collector.self, Operator.self, Broker.self, Bridge.self, Renew.self, Revoke.self,
            List.self,
        ])

    struct Site: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the CA of a site, in a directory that has none.")

        @Option(name: .long, help: "The site's name.")
        var site: Identifier

        @OptionGroup var place: EnrolmentPlace

        @Option(name: .long, help: "Days that the CA holds.")
        var days = 3650

        func run() throws {
            try reporting {
                let authority = try SiteAuthority(
                    site: site, directory: place.directory, days: try positive(days), now: SystemClock().now)
                print(
                    "\(place.directory)/ca.pem: the CA of site \(site), until \(authority.certificate.validity.expires)"
                )
                print("SHA-256 \(authority.certificate.fingerprint)")
            }
        }
    }

    struct Agent: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes what a box needs to connect: certificate, key, CA and the section 'mqtt:'.",
            discussion: """
                With --request the key never leaves the box: 'fieldproof-agent credentials request' makes it there, and the file to hand in \
                here.
                """)

        @Argument(help: "The agent's id.")
        var id: Identifier

        @OptionGroup var place: EnrolmentPlace
        @OptionGroup var issue: IssueOptions

        func run() throws {
            try reporting {
                guard let role = Role(agent: id) else {
                    throw ValidationError(Role.refusal(agent: id) ?? "'\(id)' cannot be an agent's id")
                }
                try issue.issue(role, try place.open())
            }
        }
    }

    struct Collector: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes what the collector needs to connect.")

        @OptionGroup var place: EnrolmentPlace
        @OptionGroup var issue: IssueOptions

        func run() throws { try reporting { try issue.issue(.collector, try place.open()) } }
    }

    struct Operator: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes what a person needs who marks runs and looks on.")

        @OptionGroup var place: EnrolmentPlace
        @OptionGroup var issue: IssueOptions

        func run() throws { try reporting { try issue.issue(.operator, try place.open()) } }
    }

    struct Bridge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes what a site's bridge needs to connect to the broker of the centre, by the centre's CA.",
            discussion: "It belongs into /etc/mosquitto/fieldproof at the site: broker/bridge.conf of the examples.")

        @Argument(help: "The site that the bridge is of.")
        var site: Identifier

        @OptionGroup var place: EnrolmentPlace
        @OptionGroup var issue: IssueOptions

        func run() throws { try reporting { try issue.issue(.bridge(site), try place.open()) } }
    }

    struct Broker: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the broker's certificate and key, with the CA and the revocation list.",
            discussion: "They belong into /etc/mosquitto/fieldproof, readable by the user that mosquitto runs as.")

        @Argument(help: "Each host name and address at which clients reach it; the first one is what bundles name.")
        var names: [String]

        @OptionGroup var place: EnrolmentPlace
        @OptionGroup var issue: IssueOptions

        func run() throws {
            try reporting {
                guard let role = Role(broker: names) else {
                    throw ValidationError("each name must be a host's name or an IP address, and there must be one")
                }
                try issue.issue(role, try place.open())
            }
        }
    }
}

/// `--directory`.
struct EnrolmentPlace: ParsableArguments {
    @Option(name: .long, help: "The directory of the site's CA.")
    var directory = "/etc/fieldproof/site"

    func open() throws(CertificateError) -> SiteAuthority { try SiteAuthority(directory: directory) }
}

/// How a certificate is made and handed over.
struct IssueOptions: ParsableArguments {
    @Option(name: .long, help: "Days that it holds.")
    var days = 90

    @Option(name: .long, help: "A certificate request (PEM) of the holder, who keeps the key.")
    var request: String?

    @Option(name: .long, help: "Where to put the files: a directory, or a file that ends in .tar.")
    var output: String

    @Option(name: .long, help: "The broker's url; the default is the name that a broker was enrolled with last.")
    var url: String?

    func issue(_ role: Role, _ authority: SiteAuthority) throws {
        let now = SystemClock().now
        let request = try request.map { path in
            try CertificateRequest(pem: try CredentialFile.load(path), path: path)
        }
        let issued = try authority.issue(role, request: request, days: try positive(days), now: now)
        let bundle = try Bundle(issued, of: authority, url: try url ?? Self.url(authority))
        if output.hasSuffix(".tar") {
            try bundle.write(tar: output, now: now)
        } else {
            try bundle.write(into: output)
        }
        print("\(output): \(bundle.files.map(\.name).joined(separator: ", "))")
        print("'\(role.commonName)', serial \(issued.certificate.serial), until \(issued.certificate.validity.expires)")
    }

    private static func url(_ authority: SiteAuthority) throws(CertificateError) -> String {
        let names = try authority.issued().lazy.map(SiteAuthority.brokerNames).filter { !$0.isEmpty }
        let name = names.reversed().first?.first ?? "broker.example"
        return "mqtts://\(name.contains(":") ? "[\(name)]" : name):8883"
    }
}

/// Says what went wrong as all commands do.
func reporting(_ work: () throws -> Void) throws {
    keepMemoryPrivate()
    do { try work() } catch let error as ValidationError { throw error } catch { throw failure(error) }
}

func positive(_ days: Int) throws -> Int {
    guard (1...36500).contains(days) else { throw ValidationError("--days must be 1 to 36500") }
    return days
}

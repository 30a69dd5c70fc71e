import ArgumentParser
import Certificates
import Enrolment
import JSON
import Platform
import Telemetry

extension EnrolCommand {
    struct Renew: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a new certificate for who has one already; the former one stays good until its end.",
            discussion: "With --request for the same key or a new one; else with a new key.")

        @Argument(help: "An agent's id, 'collector', 'operator', or the broker's name.")
        var name: String

        @OptionGroup var place: EnrolmentPlace
        @OptionGroup var issue: IssueOptions

        @Flag(name: .long, help: "Revoke the former ones at once.")
        var revokeFormer = false

        func run() throws {
            try reporting {
                let authority = try place.open()
                let former = try authority.standing(of: name)
                guard let last = former.last, let role = SiteAuthority.role(of: last) else {
                    complain("'\(name)' has no certificate that could be renewed; see 'fieldproof enrol list'")
                    throw ExitStatus.badData
                }
                try issue.issue(role, authority)
                if revokeFormer {
                    try authority.revoke(former, now: SystemClock().now)
                    print("revoked \(former.count); hand \(place.directory)/crl.pem to the broker")
                }
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revokes every certificate of a name, or the one of a serial number.",
            discussion: """
                Writes crl.pem. Copy it to the broker's 'crlfile' and have mosquitto read it (systemctl reload mosquitto): from then on no \
                connection is made with what was revoked. One that stands goes on; restart mosquitto to end it.
                """)

        @Argument(help: "An agent's id, 'collector', 'operator', the broker's name, or a serial number.")
        var name: String

        @OptionGroup var place: EnrolmentPlace

        func run() throws {
            try reporting {
                let authority = try place.open()
                let known = try authority.revoked()
                let found = try authority.issued().filter {
                    $0.commonName == name || $0.serial == name.uppercased()
                }
                let due = found.filter { known[$0.serial] == nil }
                guard !due.isEmpty else {
                    complain(
                        found.isEmpty
                            ? "'\(name)' has no certificate; see 'fieldproof enrol list'"
                            : "every certificate of '\(name)' is revoked already")
                    throw ExitStatus.badData
                }
                try authority.revoke(due, now: SystemClock().now)
                for certificate in due { print("revoked '\(certificate.commonName)', serial \(certificate.serial)") }
                print("hand \(place.directory)/crl.pem to the broker, and have it read: systemctl reload mosquitto")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists every certificate: whose it is, until when it holds, and whether it is revoked.")

        @OptionGroup var place: EnrolmentPlace

        @Flag(name: .long, help: "Print JSON, one object a line.")
        var json = false

        func run() throws {
            try reporting {
                let authority = try place.open()
                let revoked = try authority.revoked()
                let now = SystemClock().now
                var table = TextTable(["name", "use", "state", "until", "serial"])
                for certificate in try authority.issued() {
                    let use = certificate.mayBeServer ? "server" : "client"
                    let state =
                        if let time = revoked[certificate.serial] {
                            "revoked \(time)"
                        } else {
                            certificate.validity.expires < now ? "over" : "good"
                        }
                    if json {
                        print(Self.line(certificate, use, state, revoked[certificate.serial]))
                    } else {
                        table.add([
                            certificate.commonName, use, state, certificate.validity.expires.description,
                            certificate.serial,
                        ])
                    }
                }
                if !json { print(table.text, terminator: "") }
            }
        }

        private static func line(
            _ certificate: Certificate, _ use: String, _ state: String, _ revoked: Timestamp?
        ) -> String {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("name", certificate.commonName)
            writer.member("use", use)
            writer.member("state", revoked == nil ? state : "revoked")
            writer.member("revoked", revoked?.description)
            writer.member("begins", certificate.validity.begins.description)
            writer.member("expires", certificate.validity.expires.description)
            writer.member("serial", certificate.serial)
            writer.endObject()
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }
}

extension SiteAuthority {
    /// The certificates of a name that are not revoked, the newest last.
    fileprivate func standing(of name: String) throws(CertificateError) -> [Certificate] {
        let revoked = try revoked()
        return try issued().filter { $0.commonName == name && revoked[$0.serial] == nil }
    }
}

/// Rows in columns, for people.
struct TextTable {
    private var rows: [[String]]

    init(_ head: [String]) { rows = [head] }

    mutating func add(_ row: [String]) { rows.append(row) }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.reduce(into: "") { text, row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
    }
}

package import Certificates
package import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The files that one holder of a certificate needs, in a directory or as a tar file to be carried to a box.
package struct Bundle {
    package struct File {
        package let name: String
        package let bytes: [UInt8]
        package let isSecret: Bool
    }

    package let files: [File]

    /// `url`: of the broker, for the section `mqtt:`.
    package init(
        _ issued: SiteAuthority.Issued, of authority: SiteAuthority, url: String
    ) throws(CertificateError) {
        let name = issued.role.fileName
        var files = [File(name: "ca.pem", bytes: authority.certificate.pem, isSecret: false)]
        files.append(File(name: name + ".pem", bytes: issued.certificate.pem, isSecret: false))
        if let key = issued.key { files.append(File(name: name + ".key", bytes: try key.pem, isSecret: true)) }
        switch issued.role {
        case .broker:
            let list = try CredentialFile.load(authority.directory + "/crl.pem")
            files.append(File(name: "crl.pem", bytes: list, isSecret: false))
        case .bridge: break
        case .agent, .collector, .operator:
            files.append(
                File(name: "mqtt.yaml", bytes: Array(Self.section(issued, authority, url).utf8), isSecret: false))
        }
        self.files = files
    }

    private static func section(_ issued: SiteAuthority.Issued, _ authority: SiteAuthority, _ url: String) -> String {
        let name = issued.role.fileName
        let file: String
        switch issued.role {
        case .agent(let id): file = "agent.yaml of \(id) at site \(authority.site)"
        case .collector, .operator, .bridge, .broker: file = "collector.yaml at site \(authority.site)"
        }
        return """
            # For \(file), with the files beside this one in /etc/fieldproof.
            # The certificate holds until \(issued.certificate.validity.expires).
            mqtt:
              url: \(url)
              ca: /etc/fieldproof/ca.pem
              cert: /etc/fieldproof/\(name).pem
              key: /etc/fieldproof/\(name).key

            """
    }

    /// Writes the files into a directory, which is made where there is none; one that is there is not written over.
    package func write(into directory: String) throws(CertificateError) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw CertificateError(.cannotCreate, directory, "cannot be made: \(String(cString: strerror(errno)))")
        }
        for file in files where access("\(directory)/\(file.name)", F_OK) == 0 {
            throw CertificateError(
                .cannotCreate, "\(directory)/\(file.name)", "is there already; name another '--output'")
        }
        for file in files {
            try CredentialFile.create(file.bytes, at: "\(directory)/\(file.name)", isSecret: file.isSecret)
        }
    }

    /// Writes the files as one tar file, which only its owner can read.
    package func write(tar path: String, now: Timestamp) throws(CertificateError) {
        var tar = TarFile(time: now.nanoseconds / 1_000_000_000)
        for file in files { tar.add(file.name, file.bytes, mode: file.isSecret ? 0o600 : 0o644) }
        try CredentialFile.create(tar.finished, at: path, isSecret: true)
    }
}

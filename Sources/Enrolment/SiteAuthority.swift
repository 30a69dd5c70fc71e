package import Certificates
import CTLS
package import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The CA of one site, in a directory of the operator's.
///
/// | file | is |
/// | --- | --- |
/// | `ca.pem`, `ca.key` | the CA's certificate, and its key, mode 0600 |
/// | `crl.pem` | what is revoked |
/// | `issued/<serial>.pem` | every certificate that was made |
///
/// There is no index beside these: who has which certificate until when, and which are revoked, is what they say.
package struct SiteAuthority {
    package let site: Identifier
    package let certificate: Certificate
    let key: PrivateKey
    package let directory: String

    private static let namePrefix = "fieldproof site "

    /// The CA that is in a directory.
    ///
    /// - Throws: `CertificateError` when there is none, others can read its key, or the two are not of one another.
    package init(directory: String) throws(CertificateError) {
        self.directory = directory
        let path = directory + "/ca.pem"
        let bytes: [UInt8]
        do throws(CertificateError) {
            bytes = try CredentialFile.load(path)
        } catch {
            throw CertificateError(
                .unreadable, path, "\(error.message); make the site's CA first: fieldproof enrol site --site NAME")
        }
        guard let certificate = try Certificate.all(inPEM: bytes, path: path).first, certificate.isAuthority,
            certificate.commonName.hasPrefix(Self.namePrefix),
            let site = Identifier(certificate.commonName.dropFirst(Self.namePrefix.count))
        else {
            throw CertificateError(.mismatched, path, "is not the CA of a site as 'fieldproof enrol site' makes it")
        }
        key = try PrivateKey(at: directory + "/ca.key")
        guard key.fits(certificate) else {
            throw CertificateError(.mismatched, directory + "/ca.key", "is not the key of ca.pem beside it")
        }
        self.certificate = certificate
        self.site = site
    }

    /// Makes a CA in a directory that has none.
    ///
    /// - Throws: `CertificateError/Code/cannotCreate` when there is one.
    package init(site: Identifier, directory: String, days: Int, now: Timestamp) throws(CertificateError) {
        for path in [directory, directory + "/issued"] where mkdir(path, 0o700) != 0 && errno != EEXIST {
            throw CertificateError(
                .cannotCreate, path, "cannot be made: \(String(cString: strerror(errno)))")
        }
        let key = try PrivateKey()
        let draft = try CertificateDraft(days: days, now: now)
        try draft.name(Self.namePrefix + site.text)
        try draft.key(of: key)
        try draft.issue(
            by: nil, key,
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"), (NID_subject_key_identifier, "hash"),
            ])
        let certificate = draft.certificate
        // The key first: a certificate without one would be in the way of trying again.
        let (keyPath, path) = (directory + "/ca.key", directory + "/ca.pem")
        try CredentialFile.create(key.pem, at: keyPath, isSecret: true)
        // What was made goes again when the rest fails: nothing is in the way of another try then.
        do throws(CertificateError) {
            try CredentialFile.create(certificate.pem, at: path, isSecret: false)
        } catch {
            unlink(keyPath)
            throw error
        }
        (self.site, self.certificate, self.key, self.directory) = (site, certificate, key, directory)
        do throws(CertificateError) {
            try RevocationList(of: self).write(now: now)
        } catch {
            unlink(path)
            unlink(keyPath)
            throw error
        }
    }
}

extension SiteAuthority {
    /// What was made for a role.
    package struct Issued {
        package let role: Role
        package let certificate: Certificate
        /// Nil where the holder has it and asked by a request.
        package let key: PrivateKey?
    }

    /// Makes a certificate, with a key of its own or for the key of a request.
    ///
    /// `days`: how long it holds; never longer than the CA itself.
    package func issue(
        _ role: Role, request: CertificateRequest? = nil, days: Int, now: Timestamp
    ) throws(CertificateError) -> Issued {
        if let request, request.commonName != role.commonName {
            throw CertificateError(
                .mismatched, nil,
                "the request is of '\(request.commonName)' and not of '\(role.commonName)'; is it the right file?")
        }
        let draft = try CertificateDraft(days: days, now: now)
        try draft.end(atLatest: certificate)
        try draft.name(role.commonName)
        let key: PrivateKey?
        if let request {
            key = nil
            try draft.key(of: request)
        } else {
            let new = try PrivateKey()
            try draft.key(of: new)
            key = new
        }
        var extensions = [
            (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
            (NID_ext_key_usage, role.alternativeNames == nil ? "clientAuth" : "serverAuth"),
            (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always"),
        ]
        if let names = role.alternativeNames { extensions.append((NID_subject_alt_name, names)) }
        try draft.issue(by: certificate, self.key, extensions)
        let path = "\(directory)/issued/\(draft.certificate.serial).pem"
        try CredentialFile.create(draft.certificate.pem, at: path, isSecret: false)
        return Issued(role: role, certificate: draft.certificate, key: key)
    }

    /// Every certificate that was made, in the order of their beginning.
    package func issued() throws(CertificateError) -> [Certificate] {
        guard let folder = opendir(directory + "/issued") else {
            throw CertificateError(
                .unreadable, directory + "/issued", "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".pem") { names.append(name) }
        }
        var all: [Certificate] = []
        for name in names {
            all += try Certificate.all(at: "\(directory)/issued/\(name)").prefix(1)
        }
        return all.sorted { ($0.validity.begins, $0.serial) < ($1.validity.begins, $1.serial) }
    }

    /// What is revoked: when, by serial number.
    package func revoked() throws(CertificateError) -> [String: Timestamp] {
        try RevocationList(of: self).entries
    }

    /// Revokes certificates: writes `crl.pem` anew, for the broker to take up.
    ///
    /// Two at once wait for one another, so that neither list lacks what the other adds.
    package func revoke(_ certificates: [Certificate], now: Timestamp) throws(CertificateError) {
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            throw CertificateError(.unreadable, directory, "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(folder) }
        // A file system without locks (NFS has none for directories) is no reason to revoke nobody.
        while flock(folder, LOCK_EX) != 0, errno == EINTR {}
        let list = try RevocationList(of: self)
        try list.add(certificates, now: now)
        try list.write(now: now)
    }

    /// The names at which a broker is reached that `certificate` is for; empty for another.
    package static func brokerNames(_ certificate: Certificate) -> [String] {
        guard certificate.mayBeServer, !certificate.mayBeClient else { return [] }
        let names = certificate.alternativeNames
        return [certificate.commonName] + names.filter { $0 != certificate.commonName }
    }

    /// Whom a certificate was made for; nil for one that was not made here.
    package static func role(of certificate: Certificate) -> Role? {
        if certificate.mayBeServer { return Role(broker: brokerNames(certificate)) }
        switch certificate.commonName {
        case "collector": return .collector
        case "operator": return .operator
        case let name where name.hasPrefix(Role.bridgePrefix):
            return Identifier(String(name.dropFirst(Role.bridgePrefix.count))).map(Role.bridge)
        case let name: return Identifier(name).flatMap(Role.init(agent:))
        }
    }
}

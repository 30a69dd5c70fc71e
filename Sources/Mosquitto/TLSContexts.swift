internal import Certificates

/// The TLS context of the connections of one client, made anew only when its credentials are other ones.
///
/// From 2.0.12 to 2.0.21 the library forgets to give a context back when it never came to a handshake: a box without a network would lose one at each
/// attempt. It may forget the same one as often as it likes.
struct TLSContexts {
    private var identity: ClientCredentials?
    private var context: ClientContext?
    private var stamps: [FileStamp?] = []

    /// For the next attempt; nil without TLS.
    mutating func next(
        _ options: MQTTOptions, _ credentials: MQTTCredentials
    ) throws(MosquittoError) -> ClientContext? {
        guard options.address.usesTLS else { return nil }
        let identity = if let known = credentials.identity { known } else { try load(options.tls) }
        do throws(CertificateError) {
            if let context, identity === self.identity {
                context.begin()
                return context
            }
            let context = try identity.context(host: options.address.host)
            (self.identity, self.context) = (identity, context)
            return context
        } catch {
            throw MosquittoError(.tls, error.description)
        }
    }

    /// What the files say, read anew when they have changed.
    private mutating func load(_ files: TLSFiles) throws(MosquittoError) -> ClientCredentials {
        let stamps = [files.ca, files.certificate, files.key].map { $0.flatMap(FileStamp.init) }
        if let identity, stamps == self.stamps { return identity }
        let identity = try files.load()
        self.stamps = stamps
        return identity
    }
}

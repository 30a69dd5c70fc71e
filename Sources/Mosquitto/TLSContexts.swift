internal import Certificates

/// The TLS context of the connections of one client, made anew only when its credentials are other ones.
///
/// From 2.0.12 to 2.0.21 the library forgets to give a context back when it never came to a handshake: a box without a network would lose one at each
/// attempt. It may forget the same one as often as it likes.
struct TLSContexts {
    private var identity: ClientCredentials?
    private var context: ClientContext?
    /// Of the files that `identity` was read from; empty where it was not.
    private var stamps: [FileStamp?] = []

    /// For the next attempt; nil without TLS.
    mutating func next(
        _ options: MQTTOptions, _ credentials: MQTTCredentials
    ) throws(MosquittoError) -> ClientContext? {
        guard options.address.usesTLS else { return nil }
        let identity: ClientCredentials
        var stamps: [FileStamp?] = []
        if let known = credentials.identity {
            identity = known
        } else {
            let files = options.tls
            stamps = [files.ca, files.certificate, files.key].map { $0.flatMap(FileStamp.init) }
            // Read anew when they have changed.
            if let current = self.identity, stamps == self.stamps {
                identity = current
            } else {
                identity = try files.load()
            }
        }
        do throws(CertificateError) {
            if let context, identity === self.identity {
                context.begin()
                return context
            }
            let context = try identity.context(host: options.address.host)
            // Together: files of which no context can be made are read again, and not taken for those in use.
            (self.identity, self.context, self.stamps) = (identity, context, stamps)
            return context
        } catch {
            throw MosquittoError(.tls, error.description)
        }
    }
}

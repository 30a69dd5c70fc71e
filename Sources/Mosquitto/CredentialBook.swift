internal import Synchronization

/// Which credentials the next connection is made with.
///
/// New ones that the broker does not take must not cut off a box that has others which it does: the former ones are kept until the new
/// ones have worked once, and both are tried in turn meanwhile.
final class CredentialBook: Sendable {
    private struct State {
        var newest: MQTTCredentials
        /// The last that worked, while the newest never have; those before, where none did.
        var former: MQTTCredentials?
        /// Those of the last attempt.
        var tried: MQTTCredentials
        var usesFormer = false
        /// The newest have not been tried.
        var isFresh = false
    }

    private let state: Mutex<State>

    init(_ credentials: MQTTCredentials) { state = Mutex(State(newest: credentials, tried: credentials)) }

    /// Those of the next attempt.
    var current: MQTTCredentials {
        state.withLock { state in
            state.isFresh = false
            state.tried = state.newest
            if state.usesFormer, let former = state.former { state.tried = former }
            return state.tried
        }
    }

    /// Others are there; the last that worked are kept for the case that they do not.
    func renew(_ credentials: MQTTCredentials) {
        state.withLock { state in
            // Newest ones that are replaced before they worked are no reason to forget those that did.
            if state.former == nil { state.former = state.newest }
            state.newest = credentials
            state.usesFormer = false
            state.isFresh = true
        }
    }

    /// Whether there are some that no attempt was made with, so that waiting has no point.
    var isFresh: Bool { state.withLock { $0.isFresh } }

    /// A connection stands.
    func worked() {
        state.withLock { state in
            if state.isFresh {
                // Others came meanwhile, of which it says nothing.
                state.former = state.tried
            } else if !state.usesFormer {
                state.former = nil
            }
        }
    }

    /// An attempt ended without a connection, or a connection ended.
    ///
    /// - Returns: whether the next attempt is made with other credentials, so that there is no need to wait.
    func failed(_ error: MosquittoError?, _ wasConnected: Bool) -> Bool {
        state.withLock { state in
            guard state.former != nil, let error else { return false }
            // Others came meanwhile: they are next, whatever ended this.
            if state.isFresh { return true }
            if state.usesFormer {
                // Whatever ended it, the newest get another chance.
                state.usesFormer = false
                return false
            }
            guard !wasConnected, error.isAboutCredentials else { return false }
            state.usesFormer = true
            return true
        }
    }
}

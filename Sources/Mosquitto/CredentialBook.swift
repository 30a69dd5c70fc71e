internal import Synchronization

/// Which credentials the next connection is made with.
///
/// New ones that the broker does not take must not cut off a box that has others which it does: the former ones are kept until the new
/// ones have worked once, and both are tried in turn meanwhile.
final class CredentialBook: Sendable {
    private struct State {
        var newest: MQTTCredentials
        /// Those before, while the newest have never worked.
        var former: MQTTCredentials?
        var usesFormer = false
        /// The newest have not been tried.
        var isFresh = false
    }

    private let state: Mutex<State>

    init(_ credentials: MQTTCredentials) { state = Mutex(State(newest: credentials)) }

    /// Those of the next attempt.
    var current: MQTTCredentials {
        state.withLock { state in
            state.isFresh = false
            if state.usesFormer, let former = state.former { return former }
            return state.newest
        }
    }

    /// Others are there; those that work now are kept for the case that they do not.
    func renew(_ credentials: MQTTCredentials) {
        state.withLock { state in
            if state.former == nil || !state.usesFormer { state.former = state.newest }
            state.newest = credentials
            state.usesFormer = false
            state.isFresh = true
        }
    }

    /// Whether there are some that no attempt was made with, so that waiting has no point.
    var isFresh: Bool { state.withLock { $0.isFresh } }

    /// A connection stood.
    func worked() {
        state.withLock { state in
            // A connection that ended for the newest to be tried says nothing of them.
            if !state.usesFormer, !state.isFresh { state.former = nil }
        }
    }

    /// An attempt ended without a connection, or a connection ended.
    ///
    /// - Returns: whether the next attempt is made with other credentials, so that there is no need to wait.
    func failed(_ error: MosquittoError?, _ wasConnected: Bool) -> Bool {
        state.withLock { state in
            guard state.former != nil, let error else { return false }
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

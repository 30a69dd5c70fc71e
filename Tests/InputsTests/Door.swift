import Synchronization

/// Opens once something listens.
final class Door: Sendable {
    private let state = Mutex<UInt16?>(nil)

    /// Nil until it is open.
    var port: UInt16? { state.withLock { $0 } }

    func open(_ port: UInt16) { state.withLock { $0 = port } }
}

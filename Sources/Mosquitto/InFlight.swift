/// What was handed to the library on the present connection and is not yet settled, by packet id.
///
/// Ids are predicted and entered *before* the library is called, because the acknowledgement may arrive on the owner
/// thread before `mosquitto_publish` returns on the publisher's. The prediction holds since every call that draws an id
/// is made under the lock of ``Link``, and a handle draws 1, 2, … 65535, 1.
struct InFlight {
    enum Entry: Equatable {
        case atMostOnce(bytes: Int)
        case atLeastOnce(Token)
        case farewell
        case subscribe(String)
    }

    private var entries: [UInt16: Entry] = [:]
    /// QoS 1 publishes, the farewell included.
    private(set) var outstanding = 0
    private(set) var backlogBytes = 0

    static func identifier(after last: UInt16) -> UInt16 { last == .max ? 1 : last + 1 }

    func contains(_ identifier: UInt16) -> Bool { entries[identifier] != nil }

    mutating func insert(_ entry: Entry, at identifier: UInt16) {
        entries[identifier] = entry
        switch entry {
        case .atMostOnce(let bytes): backlogBytes += bytes
        case .atLeastOnce, .farewell: outstanding += 1
        case .subscribe: break
        }
    }

    mutating func remove(_ identifier: UInt16) -> Entry? {
        guard let entry = entries.removeValue(forKey: identifier) else { return nil }
        switch entry {
        case .atMostOnce(let bytes): backlogBytes -= bytes
        case .atLeastOnce, .farewell: outstanding -= 1
        case .subscribe: break
        }
        return entry
    }

    /// Empties the table.
    ///
    /// - Returns: The tokens that no acknowledgement will come for, in ascending order.
    mutating func abandonAll() -> [Token] {
        let tokens = entries.values.compactMap { if case .atLeastOnce(let token) = $0 { token } else { nil } }
        self = InFlight()
        return tokens.sorted()
    }
}

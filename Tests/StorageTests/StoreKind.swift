import Foundation
import Storage
import StorageSupport
import Testing

/// One implementation of ``Store``, as the conformance suite holds it to the protocol. A new one is added to `all`.
struct StoreKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A place for one store that nobody has used.
    let makePlace: @Sendable () throws -> any StorePlace

    static let all = [
        StoreKind(testDescription: "SQLite") { try SQLitePlace() },
        StoreKind(testDescription: "model") { ModelPlace() },
    ]
}

/// Where one store lies: whoever opens it again finds what was committed.
protocol StorePlace {
    func open() throws -> any Store
}

/// A SQLite file that goes with the test that made it.
final class SQLitePlace: StorePlace {
    let directory: String
    var path: String { directory + "/store.db" }

    init() throws {
        let made = FileManager.default.temporaryDirectory.appending(path: "fieldproof-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        directory = made.path
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func open() throws -> any Store { try SQLiteStore(path: path) }
}

struct ModelPlace: StorePlace {
    private let store = ModelStore()

    func open() throws -> any Store { store }
}

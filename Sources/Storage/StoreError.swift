/// Why a store could not be read or written.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The file cannot be opened, or is no store.
        case unusable
        /// A newer version of this program made the store.
        case newerVersion
        /// Another program holds the store too long.
        case busy
        /// The disk is full.
        case full
        /// Reading or writing failed.
        case failed
    }

    package let code: Code
    /// The store, as the configuration names it.
    package let place: String
    /// What is wrong and what to do.
    package let message: String

    package init(_ code: Code, _ place: String, _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }

    package var description: String { "\(place): \(message)" }
}

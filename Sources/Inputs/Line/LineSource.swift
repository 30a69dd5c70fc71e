/// Who sends lines, and how far they have come.
struct LineSource: CustomStringConvertible {
    enum Peer {
        /// A process on this box, if the kernel names it, and which connection of this run it is.
        case process(Int32?, connection: Int)
        case address(SocketAddress)
    }

    /// What happens to bytes that are not a whole line.
    enum Ending {
        /// More may come: they wait.
        case open
        /// More may come, but quoted text that is still open has waited long enough: its line is bad.
        case overdueText
        /// Nothing more comes: they are a bad line.
        case closed
        /// Nothing more comes, and the last line needs no newline.
        case datagram
    }

    let peer: Peer
    /// The number of the next line, from 1.
    var line = 1
    /// The rest of a line that is too long is still coming.
    var isDiscarding = false
    /// Since when, on the monotonic clock, the end of a quoted text is awaited.
    var openTextSince: Int64?

    init(_ peer: Peer) { self.peer = peer }

    var description: String {
        switch peer {
        case .process(let id?, let connection): "connection \(connection) of process \(id)"
        case .process(nil, let connection): "connection \(connection)"
        case .address(let address): address.text
        }
    }
}

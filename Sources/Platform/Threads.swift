import Synchronization

/// Work that is done by several threads at once, and waited for.
package enum Threads {
    /// Bytes. Who decodes or folds keeps what is large on the heap.
    package static let workingStackSize = 2 << 20

    /// What `transform` makes of each element, in their order; by several threads where there are enough elements.
    ///
    /// `share`: how many elements a thread takes at a time.
    package static func map<Element: Sendable, Result: Sendable>(
        _ elements: [Element], share: Int = 256, threads: Int = Processors.usable,
        _ transform: @escaping @Sendable (Element) -> Result
    ) -> [Result] {
        let parts = (elements.count + share - 1) / share
        guard parts > 1, threads > 1 else { return elements.map(transform) }
        let next = Mutex(0)
        let results = Mutex([[Result]](repeating: [], count: parts))
        let work: @Sendable () -> Void = {
            while true {
                let part = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard part < parts else { return }
                let made = elements[(part * share)..<min(elements.count, (part + 1) * share)].map(transform)
                results.withLock { $0[part] = made }
            }
        }
        // With fewer threads than wanted it takes longer, and that is all.
        let others = (1..<min(threads, parts)).compactMap { number in
            try? OwnThread("map-\(number)", stackSize: workingStackSize, work)
        }
        work()
        for thread in others { thread.join() }
        return results.withLock { $0.flatMap(\.self) }
    }
}

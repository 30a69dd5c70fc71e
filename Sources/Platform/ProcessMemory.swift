import CLinux

/// What this process holds of memory, beside what it needs.
package enum ProcessMemory {
    /// One heap for all threads instead of one for each of the first dozen: for a daemon whose hot paths allocate nothing. Call it before
    /// there are threads.
    package static func shareHeap() { linux_share_heap() }

    /// Gives back what only the start needed: freed memory, and the pages of code and constants. Those that are used come again by page faults,
    /// some hundred at once; a daemon of many parts, most of which run once, is then half as large.
    package static func releaseStart() {
        linux_release_heap()
        _ = linux_release_code()
    }

    /// Gives back what was freed, when that is more than so many bytes: after samples had queued up before a slow disk, for instance.
    package static func releaseFreed(beyond bytes: Int) {
        if linux_freed_heap() > bytes { linux_release_heap() }
    }
}

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Ends the process at once: what was printed is flushed, no exit handler runs.
///
/// Both programs end here and nowhere else. A thread may be left inside a library that cannot be told to return, such as libmosquitto
/// while it resolves a name, or a file system that does not answer. `exit` would run the handlers with which libraries free what such a
/// thread still uses, and the program would crash after its work was done. What must happen at the end (synced files, removed sockets)
/// has happened before.
package func endProcess(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
}

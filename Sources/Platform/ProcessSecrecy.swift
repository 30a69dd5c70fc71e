import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Keeps this process's memory, which holds keys and passwords, to itself: no core dump is written of it, not even by a program that the kernel
/// hands dumps to, a crash prints nothing of it, and only root can look into it while it runs.
///
/// The limit is a soft one: programs that it starts can lift it for themselves.
package func keepMemoryPrivate() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(4)  // RLIMIT_CORE
    if getrlimit(resource, &limit) == 0 {
        limit.rlim_cur = 0
        setrlimit(resource, &limit)
    }
    // Swift's own handler writes registers, and the memory that they point to, to standard error.
    for number in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
    // A limit of 0 says nothing to a kernel that pipes dumps into a program (core(5)); this does.
    _ = linux_set_dumpable(0)
}

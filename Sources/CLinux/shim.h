// Linux calls that Swift's Glibc module does not show: the kernel's clock discipline, thread names, exchange of paths.
#ifndef FIELDPROOF_CLINUX_H
#define FIELDPROOF_CLINUX_H

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

/// Names the calling thread; the kernel keeps 15 bytes (prctl(2), PR_SET_NAME). Variadic functions do not reach Swift.
static inline void linux_name_thread(const char *name) {
    prctl(PR_SET_NAME, (unsigned long)name, 0UL, 0UL, 0UL);
}

/// Lets two paths change places in one step (renameat2(2), RENAME_EXCHANGE); -1 with errno EINVAL where the file system cannot.
static inline int linux_exchange(const char *one, const char *other) {
    return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2U);
}

/// How many processors the calling thread may run on (sched_getaffinity(2)); 0 where the kernel does not say. The C library shows the call
/// only to programs of its own dialect.
static inline int linux_usable_processors(void) {
    unsigned long set[128] = {0};
    long size = syscall(SYS_sched_getaffinity, 0, sizeof set, set);
    int count = 0;
    for (long word = 0; word < size / (long)sizeof set[0]; word++) count += __builtin_popcountl(set[word]);
    return count;
}

#endif

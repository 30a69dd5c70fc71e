// Linux calls that Swift's Glibc module does not show: the kernel's clock discipline, thread names, exchange of paths,
// processes and their pipes, notice of changes in directories, times by pattern, what a process holds of memory.
#ifndef FIELDPROOF_CLINUX_H
#define FIELDPROOF_CLINUX_H

#include <elf.h>
#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/// Names the calling thread; the kernel keeps 15 bytes (prctl(2), PR_SET_NAME). Variadic functions do not reach Swift.
static inline void linux_name_thread(const char *name) {
    prctl(PR_SET_NAME, (unsigned long)name, 0UL, 0UL, 0UL);
}

/// Whether the kernel may write the process's memory into a core dump, and others of its user may look into it (prctl(2), PR_SET_DUMPABLE).
static inline int linux_set_dumpable(int allowed) { return prctl(PR_SET_DUMPABLE, (unsigned long)allowed, 0UL, 0UL, 0UL); }

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

/// A descriptor that becomes readable when a process ends (pidfd_open(2), Linux 5.3); -1 where the kernel has none.
static inline int linux_process_descriptor(pid_t process) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, process, 0U);
#else
    return (int)syscall(434, process, 0U);
#endif
}

/// strptime(3), which the headers show only to those who ask for X/Open.
extern char *strptime(const char *text, const char *format, struct tm *fields);

/// The end of what was read; null when the text is not of the format.
static inline const char *linux_parse_time(const char *text, const char *format, struct tm *fields) {
    return strptime(text, format, fields);
}

/// A descriptor that tells of changes in directories (inotify(7)), which never blocks; -1 where there is none to be had.
static inline int linux_watcher(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

/// Adds a directory of which it is told which names come and go, and that it goes itself, and nothing of what is written to its files; -1 with
/// errno when it cannot be watched.
static inline int linux_watch_names(int watcher, const char *path) {
    return inotify_add_watch(
        watcher, path,
        IN_ONLYDIR | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF);
}

/// Adds a file of which it is told when something is written or cut off; -1 with errno when it cannot be watched.
static inline int linux_watch_writes(int watcher, const char *path) {
    return inotify_add_watch(watcher, path, IN_MODIFY);
}

/// Ends a watch.
static inline void linux_unwatch(int watcher, int watch) { inotify_rm_watch(watcher, watch); }

/// Events that say that a directory's watch is of no use any more: it was removed, renamed or unmounted.
static const unsigned int linux_watch_ends = IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;

/// The event that says that others were let go.
static const unsigned int linux_watch_overflow = IN_Q_OVERFLOW;

/// A pipe, its reading end first, that programs started meanwhile do not inherit (pipe2(2)); -1 with errno when there is none.
static inline int linux_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

// Of <spawn.h>, for those who ask for more than POSIX: glibc 2.29 and 2.34.
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/// Has a program start in a directory.
static inline int linux_spawn_in(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

/// Has a program start without the descriptors from a number on.
static inline int linux_spawn_without(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

// Of <link.h>, for those who ask for more than POSIX: a program or library that is loaded, and where its segments are.
#if __SIZEOF_POINTER__ == 8
typedef Elf64_Phdr linux_segment;
#else
typedef Elf32_Phdr linux_segment;
#endif
struct dl_phdr_info {
    uintptr_t dlpi_addr;
    const char *dlpi_name;
    const linux_segment *dlpi_phdr;
    uint16_t dlpi_phnum;
};
extern int dl_iterate_phdr(int (*look)(struct dl_phdr_info *, size_t, void *), void *context);

static inline int linux_release_segments(struct dl_phdr_info *loaded, size_t size, void *context) {
    (void)size;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < loaded->dlpi_phnum; index++) {
        const linux_segment *segment = &loaded->dlpi_phdr[index];
        // What may be written to holds what the loader has put there, and is nowhere else.
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        uintptr_t start = (loaded->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = (loaded->dlpi_addr + segment->p_vaddr + segment->p_memsz + page - 1) & ~(page - 1);
        if (madvise((void *)start, end - start, MADV_DONTNEED) == 0) *(long *)context += (long)(end - start);
    }
    return 0;
}

/// Gives back the pages of code and constants of the program and its libraries; those that are used come again from the file, at once or from
/// the disk. Returns the bytes that they could have been.
static inline long linux_release_code(void) {
    long bytes = 0;
    dl_iterate_phdr(linux_release_segments, &bytes);
    return bytes;
}

/// Gives back what was freed (malloc_trim(3)), where the C library can.
static inline void linux_release_heap(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/// Bytes that were freed and may still be held (mallinfo2(3)); 0 where the C library does not say.
static inline size_t linux_freed_heap(void) {
#ifdef __GLIBC__
    return mallinfo2().fordblks;
#else
    return 0;
#endif
}

/// Has all threads take memory from one heap (mallopt(3), M_ARENA_MAX), where the C library has more.
static inline void linux_share_heap(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
#endif
}

#endif

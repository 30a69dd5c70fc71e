// Linux calls that Swift's Glibc module does not show: the kernel's clock discipline, thread names, exchange of paths,
// processes and their pipes, notice of changes in directories, times by pattern.
#ifndef FIELDPROOF_CLINUX_H
#define FIELDPROOF_CLINUX_H

#include <fcntl.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
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

#endif

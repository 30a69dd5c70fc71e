/* Cuts every third pwrite of more than one byte short, and interrupts every fifth: POSIX allows it, disks rarely do it.
   A preloaded library, because a system call that strace is told to end short has not been made at all. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/types.h>

typedef ssize_t (*writer)(int, const void *, size_t, off_t);

static ssize_t write_part(const char *name, int file, const void *bytes, size_t count, off_t offset)
{
    static atomic_uint calls;
    unsigned call = atomic_fetch_add(&calls, 1);
    writer real = (writer)dlsym(RTLD_NEXT, name);
    if (call % 5 == 4) {
        errno = EINTR;
        return -1;
    }
    if (call % 3 == 2 && count > 1) count = 1 + call * 7919u % (count - 1);
    return real(file, bytes, count, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset)
{
    return write_part("pwrite", file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset)
{
    return write_part("pwrite64", file, bytes, count, offset);
}

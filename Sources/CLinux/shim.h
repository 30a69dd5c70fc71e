// Linux calls that Swift's Glibc module does not show: the kernel's clock discipline, thread names.
#ifndef FIELDPROOF_CLINUX_H
#define FIELDPROOF_CLINUX_H

#include <sys/prctl.h>
#include <sys/timex.h>

/// Names the calling thread; the kernel keeps 15 bytes (prctl(2), PR_SET_NAME). Variadic functions do not reach Swift.
static inline void linux_name_thread(const char *name) {
    prctl(PR_SET_NAME, (unsigned long)name, 0UL, 0UL, 0UL);
}

#endif

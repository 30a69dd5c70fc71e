// What the C and C++ libraries of Debian sid have, those of Debian 12 do not, and Swift's static runtime of sid asks for: each is done here
// by what Debian 12 has. Tools/arm64/build links it; the linker says so when it is not enough.

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HERE_ONLY __attribute__((visibility("hidden")))

// glibc 2.38 has these for programs that are compiled as C23. They differ in one thing: with base 0 or 2 they take "0b".
HERE_ONLY long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
HERE_ONLY long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }
HERE_ONLY unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
HERE_ONLY unsigned long long __isoc23_strtoull(const char *text, char **end, int base) { return strtoull(text, end, base); }

HERE_ONLY int __isoc23_sscanf(const char *text, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int count = vsscanf(text, format, list);
    va_end(list);
    return count;
}

// glibc 2.38 has these too (strlcpy(3)).
HERE_ONLY size_t strlcpy(char *target, const char *source, size_t size) {
    size_t length = strlen(source);
    if (size > 0) {
        size_t count = length < size ? length : size - 1;
        memcpy(target, source, count);
        target[count] = 0;
    }
    return length;
}

HERE_ONLY size_t strlcat(char *target, const char *source, size_t size) {
    size_t length = strnlen(target, size);
    return length + (length < size ? strlcpy(target + length, source, size - length) : strlen(source));
}

// GCC 13's library makes std::cout and the others itself when a program names this; before, each program did (std::ios_base::Init).
extern void _ZNSt8ios_base4InitC1Ev(void *);
HERE_ONLY void _ZSt21ios_base_library_initv(void) {}
__attribute__((constructor(101))) static void make_streams(void) {
    static char object[16];
    _ZNSt8ios_base4InitC1Ev(object);
}

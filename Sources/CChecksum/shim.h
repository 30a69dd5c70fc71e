// The processor's own instruction for CRC-32C, which Swift has no name for: SSE 4.2 on x86-64, the CRC32 extension on 64-bit ARM.
#ifndef FIELDPROOF_CCHECKSUM_H
#define FIELDPROOF_CCHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

static inline bool checksum_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

/// The register after `count` bytes, without the complement at either end. Only where `checksum_has_crc32c`.
__attribute__((target("sse4.2"))) static inline uint32_t checksum_crc32c(
    uint32_t state, const void *bytes, size_t count) {
    const unsigned char *next = (const unsigned char *)bytes;
    uint64_t wide = state;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    state = (uint32_t)wide;
    for (; count > 0; count--) state = __builtin_ia32_crc32qi(state, *next++);
    return state;
}

#elif defined(__aarch64__) && defined(__linux__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#include <sys/auxv.h>

/// By the kernel's list of what the processor has: HWCAP_CRC32 is bit 7 (arch/arm64/include/uapi/asm/hwcap.h).
static inline bool checksum_has_crc32c(void) { return (getauxval(AT_HWCAP) & 1UL << 7) != 0; }

__attribute__((target("crc"))) static inline uint32_t checksum_crc32c(uint32_t state, const void *bytes, size_t count) {
    const unsigned char *next = (const unsigned char *)bytes;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, sizeof word);
        state = __builtin_arm_crc32cd(state, word);
    }
    for (; count > 0; count--) state = __builtin_arm_crc32cb(state, *next++);
    return state;
}

#else

static inline bool checksum_has_crc32c(void) { return false; }

static inline uint32_t checksum_crc32c(uint32_t state, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return state;
}

#endif

#endif

#pragma once

#include <stddef.h>

/* Bytes that the program holds on the heap, and the most that it held at once, since heap_watch_begin. Of the thread that watches only:
   what another thread allocates or frees is counted as if this one had. Needs AddressSanitizer's allocator. */
void heap_watch_begin(void);
size_t heap_watch_end(void);

#include "heap.h"

#include <sanitizer/allocator_interface.h>

static long live;
static long most;
static int installed;
static int watching;

static void allocated(const volatile void *block, size_t size) {
    (void)block;
    if (!watching) return;
    live += (long)size;
    if (live > most) most = live;
}

static void freed(const volatile void *block) {
    if (watching && block) live -= (long)__sanitizer_get_allocated_size(block);
}

void heap_watch_begin(void) {
    if (!installed) installed = __sanitizer_install_malloc_and_free_hooks(allocated, freed);
    live = most = 0;
    watching = 1;
}

size_t heap_watch_end(void) {
    watching = 0;
    return (size_t)most;
}

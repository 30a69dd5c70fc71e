#include "guard.h"

#include <mosquitto.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Where the thread goes on when its call of the library was given up; null outside of such a call.
static _Thread_local jmp_buf *way_out;

int mosquitto_guarded_loop_read(struct mosquitto *mosq, int max_packets) {
    jmp_buf here;
    if (setjmp(here) != 0) {
        way_out = NULL;
        return MOSQ_ERR_MALFORMED_PACKET;
    }
    way_out = &here;
    int status = mosquitto_loop_read(mosq, max_packets);
    way_out = NULL;
    return status;
}

/// What assert(3) calls, in the place of the C library's own: a program's definition comes before those of its libraries.
__attribute__((noreturn, visibility("default"))) void __assert_fail(
    const char *assertion, const char *file, unsigned int line, const char *function) {
    if (way_out != NULL && function != NULL && strcmp(function, "log__printf") == 0 && strcmp(assertion, "mosq") == 0) {
        longjmp(*way_out, 1);
    }
    fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function != NULL ? function : "", assertion);
    abort();
}

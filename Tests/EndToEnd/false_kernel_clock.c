/* Makes the kernel's clock discipline say what the file FALSE_KERNEL_CLOCK holds: "unsynchronised", or the bound on the clock's error in
   microseconds. A preloaded library, since the discipline belongs to the machine: a container can neither set it nor have its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

static int answer(struct timex *query)
{
    char text[64] = "";
    const char *path = getenv("FALSE_KERNEL_CLOCK");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (file) {
        if (!fgets(text, sizeof text, file)) text[0] = 0;
        fclose(file);
    }
    memset(query, 0, sizeof *query);
    if (!text[0] || strncmp(text, "unsynchronised", 14) == 0) {
        query->status = STA_UNSYNC;
        query->maxerror = query->esterror = 16000000;
        return TIME_ERROR;
    }
    query->maxerror = strtol(text, NULL, 10);
    query->esterror = query->maxerror / 2;
    return TIME_OK;
}

int adjtimex(struct timex *query) { return answer(query); }
int ntp_adjtime(struct timex *query) { return answer(query); }

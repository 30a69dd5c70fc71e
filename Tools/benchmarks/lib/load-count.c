// Counts what an archive holds of the sources of load-sources.c: reads `fieldproof decode --format csv` from standard input, and writes JSON.
// A sample belongs to the source that is the first word of its series. Of sums (statsd) the greatest of each series counts.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load-account.h"

struct source {
    char name[32];
    struct account account;
    uint64_t substitutes;
};
struct total {
    char series[128];
    double greatest;
};

static struct source sources[64];
static int source_count;
static struct total totals[4096];
static int total_count;

static struct source *source_of(const char *series, size_t length) {
    static struct source *last;
    if (last && strlen(last->name) == length && !memcmp(last->name, series, length)) return last;
    for (int i = 0; i < source_count; i++)
        if (strlen(sources[i].name) == length && !memcmp(sources[i].name, series, length)) return last = &sources[i];
    if (source_count == 64 || length >= sizeof sources[0].name) return NULL;
    last = &sources[source_count++];
    memcpy(last->name, series, length);
    return last;
}

static void note_total(const char *series, size_t length, double value) {
    for (int i = 0; i < total_count; i++)
        if (strlen(totals[i].series) == length && !memcmp(totals[i].series, series, length)) {
            if (value > totals[i].greatest) totals[i].greatest = value;
            return;
        }
    if (total_count == 4096 || length >= sizeof totals[0].series) return;
    memcpy(totals[total_count].series, series, length);
    totals[total_count++].greatest = value;
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t size = getline(&line, &room, stdin);  // the row of names
    uint64_t events = 0;
    while ((size = getline(&line, &room, stdin)) > 0) {
        char *at = line;
        for (int comma = 0; at && comma < 3; comma++) at = (at = strchr(at, ',')) ? at + 1 : NULL;
        if (!at) continue;
        int quoted = *at == '"';
        char *series = at + quoted, *end = strchr(series, quoted ? '"' : ',');
        if (!end) continue;
        char *value = strchr(end, ',');
        if (!value) continue;
        value++;
        char *unit = strchr(value, ',');
        char *quality = unit ? strchr(unit + 1, ',') : NULL;
        char *after;
        double number = strtod(value, &after);
        size_t word = strcspn(series, ".,");
        if (after == value || *after != ',') {
            // An event, or a state.
            if (!memcmp(series, "agent.", 6) || !memcmp(series, "pipeline.", 9)) events++;
            continue;
        }
        struct source *source = source_of(series, word < (size_t)(end - series) ? word : (size_t)(end - series));
        if (!source) continue;
        if (quality && strstr(quality, "unreliable")) {
            source->substitutes++;
            continue;
        }
        add(&source->account, (uint64_t)(int64_t)(number * 1000 + (number < 0 ? -0.5 : 0.5)));
        if (!strcmp(source->name, "statsd")) note_total(series, end - series, number);
    }
    double sum = 0;
    for (int i = 0; i < total_count; i++)
        if (strstr(totals[i].series, ".sum")) sum += totals[i].greatest;
    printf("{\"events\": %lu, \"statsd_sum\": %.0f, \"sources\": {", events, sum);
    for (int i = 0; i < source_count; i++)
        printf("%s\"%s\": {\"count\": %lu, \"sum\": \"%016lx\", \"substitutes\": %lu}", i ? ", " : "", sources[i].name,
               sources[i].account.count, sources[i].account.sum, sources[i].substitutes);
    printf("}}\n");
    return 0;
}

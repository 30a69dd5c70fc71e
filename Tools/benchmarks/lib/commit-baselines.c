// Commits records the way that others do, and prints how many seconds it took:
//
//   commit-baselines append|sqlite DIRECTORY RECORD BATCH COUNT
//
// COUNT commits of BATCH bytes, in records of RECORD bytes. `append` writes to the end of one file and calls fdatasync. `sqlite` inserts
// a row a record into a database with a write-ahead log and synchronous=FULL; its checkpoints come when they come.
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(74);
}

// Bytes that nothing can make smaller.
static void fill(unsigned char *bytes, size_t count) {
    static unsigned long long state = 20261122;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        bytes[i] = state >> 56;
    }
}

static void append(const char *path, size_t batch, long count, unsigned char *bytes) {
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) fail("open");
    double begin = now();
    for (long i = 0; i < count; i++) {
        if (write(file, bytes, batch) != (ssize_t)batch) fail("write");
        if (fdatasync(file) != 0) fail("fdatasync");
    }
    printf("%.6f\n", now() - begin);
    close(file);
}

static void run(sqlite3 *database, const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(database));
        exit(74);
    }
}

static void insert(const char *path, size_t record, size_t batch, long count, unsigned char *bytes) {
    sqlite3 *database;
    if (sqlite3_open(path, &database) != SQLITE_OK) fail("sqlite3_open");
    run(database, "PRAGMA journal_mode = WAL");
    run(database, "PRAGMA synchronous = FULL");
    run(database, "CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)");
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, "INSERT INTO record (payload) VALUES (?)", -1, &statement, NULL) != SQLITE_OK)
        fail("sqlite3_prepare_v2");
    double begin = now();
    for (long i = 0; i < count; i++) {
        run(database, "BEGIN");
        for (size_t at = 0; at < batch; at += record) {
            sqlite3_bind_blob(statement, 1, bytes + at, record, SQLITE_STATIC);
            if (sqlite3_step(statement) != SQLITE_DONE) fail("sqlite3_step");
            sqlite3_reset(statement);
        }
        run(database, "COMMIT");
    }
    printf("%.6f\n", now() - begin);
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: commit-baselines append|sqlite DIRECTORY RECORD BATCH COUNT\n");
        return 64;
    }
    size_t record = atol(arguments[3]), batch = atol(arguments[4]);
    unsigned char *bytes = malloc(batch);
    if (bytes == NULL || record == 0 || batch % record != 0) return 64;
    fill(bytes, batch);
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", arguments[2], arguments[1]);
    if (strcmp(arguments[1], "append") == 0)
        append(path, batch, atol(arguments[5]), bytes);
    else
        insert(path, record, batch, atol(arguments[5]), bytes);
    return 0;
}

// The sources of the load run, all in one thread: load-sources FOLDER SCALE MQTT-PORT STATSD-PORT
//
// Ten times 10 ms each: every source gets as many records as it is behind its rate times SCALE. What a source writes are numbers 0.000, 0.001, …
// in turn, each once, of which it keeps account. Sockets, pipes, files and the serial port are in FOLDER.
//
// Reads commands from standard input: 'go' begins; 'pause' writes out what is begun, answers nobody any more, and writes the accounts as JSON;
// the end of input ends it. Says 'ready' and the port of Modbus when all is open.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "load-account.h"

enum { STEP = 10000000, ROOM = 1 << 19, PROMETHEUS = 400, REGISTERS = 60, STATSD_LINES = 6, TAIL_ROTATION = 4 << 20 };

struct source {
    const char *name;
    double rate;  // samples a second
    int fields;   // samples in a record
    void (*record)(struct source *);
    int descriptor;
    struct account account, before;  // before: as it was before the last answer
    uint64_t records, used, written;
    char buffer[ROOM];
};

static const char *folder;
static struct mosquitto *client;
static int64_t wall;

static int64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "load-sources: %s: %s\n", what, strerror(errno));
    exit(1);
}

static char *path(const char *name) {
    static char whole[200];
    snprintf(whole, sizeof whole, "%s/%s", folder, name);
    return whole;
}

// The next number of a source, in thousandths.
static uint64_t next(struct source *source) {
    uint64_t number = source->account.count;
    add(&source->account, number);
    return number;
}

static void put(struct source *source, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct source *source, const char *format, ...) {
    va_list list;
    va_start(list, format);
    source->used += vsnprintf(source->buffer + source->used, ROOM - source->used, format, list);
    va_end(list);
}

// A text and a number with three decimals: what is done most, and so without printf.
static void put_number(struct source *source, const char *text, uint64_t thousandths) {
    char digits[24], *at = digits + sizeof digits;
    for (int place = 0; place < 4 || thousandths; place++) {
        if (place == 3) *--at = '.';
        *--at = '0' + thousandths % 10;
        thousandths /= 10;
    }
    size_t length = strlen(text), size = digits + sizeof digits - at;
    memcpy(source->buffer + source->used, text, length);
    memcpy(source->buffer + source->used + length, at, size);
    source->used += length + size;
}

// MARK: What each writes

static void line_record(struct source *source) {
    static const char *fields[] = {"a=", ",b=", ",c=", ",d=", ",e=", ",f="};
    put(source, "line,s=%d ", (int)(source->records % 20));
    for (int i = 0; i < 6; i++) put_number(source, fields[i], next(source));
    put(source, " %ld\n", (long)(wall + source->records % 1000));
}

static void pairs_record(struct source *source) {
    static const char *keys[] = {"a=", " b=", " c=", " d=", " e=", " f="};
    for (int i = 0; i < source->fields; i++) put_number(source, keys[i], next(source));
    put(source, "\n");
}

static void json_record(struct source *source) {
    static const char *keys[] = {"{\"a\":", ",\"b\":", ",\"c\":", ",\"d\":", ",\"e\":", ",\"f\":", ",\"g\":", ",\"h\":", ",\"i\":", ",\"j\":"};
    for (int i = 0; i < source->fields; i++) put_number(source, keys[i], next(source));
    put(source, "}\n");
}

static void csv_record(struct source *source) {
    for (int i = 0; i < source->fields; i++) put_number(source, i ? "," : "", next(source));
    put(source, "\n");
}

static void mqtt_record(struct source *source) {
    char topic[32];
    snprintf(topic, sizeof topic, "load/%d", (int)(source->records % 10));
    source->used = 0;
    json_record(source);
    if (mosquitto_publish(client, NULL, topic, source->used - 1, source->buffer, 1, false)) die("publish");
    source->used = 0;
}

// Counts each number as 1, and one timer: what comes out is counted by its sum.
static void statsd_record(struct source *source) {
    source->used = 0;
    for (int i = 0; i < STATSD_LINES - 1; i++) {
        put(source, "statsd.sum:1|c|#s:%d\n", (int)(source->account.count % 50));
        next(source);
    }
    put(source, "statsd.wait:%d|ms\n", (int)(source->records % 100));
    if (send(source->descriptor, source->buffer, source->used - 1, 0) < 0) die("statsd");
    source->used = 0;
}

enum { LINE, EXEC, TAIL, STDIN, SERIAL, MQTT, STATSD, PEER, WRITERS };
#define SOURCE(label, samples, width, maker) \
    { .name = label, .rate = samples, .fields = width, .record = maker, .descriptor = -1 }
static struct source sources[] = {
    SOURCE("line", 18420, 6, line_record), SOURCE("exec", 6000, 6, pairs_record), SOURCE("tail", 4000, 4, json_record),
    SOURCE("stdin", 4000, 8, csv_record), SOURCE("serial", 1500, 3, pairs_record), SOURCE("mqtt", 2000, 10, mqtt_record),
    SOURCE("statsd", 2000, 5, statsd_record), SOURCE("peer", 3000, 6, line_record),
};
static struct source prometheus = SOURCE("prometheus", 1000, PROMETHEUS, NULL), modbus = SOURCE("modbus", 3000, REGISTERS, NULL);

// MARK: Getting ready

static struct sockaddr_un unix_address(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path(name)) >= sizeof address.sun_path) die("the folder's path is too long for a socket");
    strcpy(address.sun_path, path(name));
    return address;
}

static int connect_unix(const char *name) {
    struct sockaddr_un address = unix_address(name);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    return connect(descriptor, (struct sockaddr *)&address, sizeof address) ? -1 : descriptor;
}

static int listen_on(struct sockaddr *address, socklen_t size) {
    int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(descriptor, address, size) || listen(descriptor, 8)) die("listen");
    return descriptor;
}

static void open_pipe(struct source *source, const char *name) {
    if (mkfifo(path(name), 0600)) die(name);
    // For reading too, so that it can be opened before there is a reader.
    source->descriptor = open(path(name), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (source->descriptor < 0) die(name);
}

static void open_tail(struct source *source) {
    source->descriptor = open(path("tail.log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (source->descriptor < 0) die("tail.log");
}

static void open_serial(struct source *source) {
    source->descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (source->descriptor < 0 || grantpt(source->descriptor) || unlockpt(source->descriptor)) die("pty");
    // Held open, for the port to keep its settings, and to echo nothing.
    int port = open(ptsname(source->descriptor), O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios settings;
    tcgetattr(port, &settings);
    cfmakeraw(&settings);
    tcsetattr(port, TCSANOW, &settings);
    if (symlink(ptsname(source->descriptor), path("serial"))) die("serial");
}

static uint16_t get_ready(int mqtt_port, int statsd_port) {
    open_pipe(&sources[EXEC], "exec");
    open_pipe(&sources[STDIN], "stdin");
    open_tail(&sources[TAIL]);
    open_serial(&sources[SERIAL]);
    struct sockaddr_in statsd = {.sin_family = AF_INET, .sin_port = htons(statsd_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sources[STATSD].descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(sources[STATSD].descriptor, (struct sockaddr *)&statsd, sizeof statsd)) die("statsd");
    struct sockaddr_un server = unix_address("prometheus.sock");
    prometheus.descriptor = listen_on((struct sockaddr *)&server, sizeof server);
    struct sockaddr_in bus = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    modbus.descriptor = listen_on((struct sockaddr *)&bus, sizeof bus);
    socklen_t size = sizeof bus;
    getsockname(modbus.descriptor, (struct sockaddr *)&bus, &size);
    mosquitto_lib_init();
    client = mosquitto_new("load-sources", true, NULL);
    mosquitto_max_inflight_messages_set(client, 0);
    if (mosquitto_connect(client, "127.0.0.1", mqtt_port, 60) || mosquitto_loop_start(client)) die("broker");
    return ntohs(bus.sin_port);
}

// What can be opened only once the agent and the peer are there.
static void connect_sources(void) {
    sources[LINE].descriptor = connect_unix("line.sock");
    if (sources[LINE].descriptor < 0) die("line.sock");
    sources[PEER].descriptor = connect_unix("peer.sock");
}

// MARK: Writing

// Writes what a source has, as far as the reader takes it. True when nothing is left.
static bool flush(struct source *source) {
    while (source->written < source->used && source->descriptor >= 0) {
        ssize_t done = write(source->descriptor, source->buffer + source->written, source->used - source->written);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) return false;
        if (done < 0 && source->record == NULL) {
            // Whoever asked has given up and takes nothing of it.
            source->account = source->before;
            break;
        }
        if (done < 0) die(source->name);
        source->written += done;
    }
    source->written = source->used = 0;
    return true;
}

static void step(double elapsed, double scale) {
    static int64_t tail_size;
    for (struct source *source = sources; source < sources + WRITERS; source++) {
        if (source->descriptor < 0 && source != &sources[MQTT]) continue;
        uint64_t due = elapsed * source->rate * scale / source->fields;
        // Behind a reader that does not take it there is a bound, and the rest comes later.
        while (source->records < due && source->used < ROOM - 4096) {
            source->record(source);
            source->records++;
            if (source->used > ROOM / 2) flush(source);
        }
        if (source == &sources[TAIL]) tail_size += source->used;
        flush(source);
    }
    if (tail_size > TAIL_ROTATION && sources[TAIL].used == 0) {
        char *old = strdup(path("tail.log.1"));
        rename(path("tail.log"), old);
        free(old);
        close(sources[TAIL].descriptor);
        open_tail(&sources[TAIL]);
        tail_size = 0;
    }
}

// MARK: Answering

static struct source *answering[8];
static struct pollfd polled[3 + 8];
static int clients;

static void put_u16(struct source *source, unsigned value) {
    source->buffer[source->used++] = value >> 8;
    source->buffer[source->used++] = value;
}

static bool answer(struct source *server, int descriptor) {
    char request[4096];
    ssize_t size = read(descriptor, request, sizeof request);
    if (size <= 0) return false;
    server->used = server->written = 0;
    server->before = server->account;
    if (server == &prometheus) {
        if (!memmem(request, size, "\r\n\r\n", 4)) return true;
        static char body[ROOM];
        put(server, "# TYPE prometheus:v gauge\n");
        for (int i = 0; i < PROMETHEUS; i++) {
            put(server, "prometheus:v{s=\"%d\"} ", i);
            put_number(server, "", next(server));
            put(server, "\n");
        }
        size_t length = server->used;
        memcpy(body, server->buffer, length);
        server->used = 0;
        put(server, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %zu\r\n\r\n", length);
        memcpy(server->buffer + server->used, body, length);
        server->used += length;
    } else {
        // Transaction, protocol, length, unit, function, address, count: it is always the same registers.
        if (size < 12) return true;
        memcpy(server->buffer, request, 4);
        server->used = 4;
        put_u16(server, 3 + 4 * REGISTERS);
        server->buffer[server->used++] = request[6];
        server->buffer[server->used++] = request[7];
        server->buffer[server->used++] = (char)(4 * REGISTERS);
        for (int i = 0; i < REGISTERS; i++) {
            uint64_t number = next(server);
            put_u16(server, number >> 16);
            put_u16(server, number);
        }
    }
    server->records++;
    while (!flush(server)) poll(&(struct pollfd){descriptor, POLLOUT, 0}, 1, 100);
    return true;
}

// Waits until a time, and answers meanwhile. False at the end of commands; `command` has what was said.
static bool serve(int64_t until, char *command, size_t room, bool answers) {
    *command = 0;
    do {
        polled[0] = (struct pollfd){0, POLLIN, 0};
        polled[1] = (struct pollfd){prometheus.descriptor, POLLIN, 0};
        polled[2] = (struct pollfd){modbus.descriptor, POLLIN, 0};
        int64_t left = until - now(CLOCK_MONOTONIC);
        struct timespec wait = {0, left > 0 ? left : 0};
        if (ppoll(polled, answers ? 3 + clients : 1, &wait, NULL) <= 0) break;
        if (polled[0].revents) {
            ssize_t size = read(0, command, room - 1);
            if (size <= 0) return false;
            command[size] = 0;
            return true;
        }
        if (!answers) continue;
        for (int i = 0; i < clients; i++) {
            if (!polled[3 + i].revents) continue;
            // One descriptor at a time is written to: the server's own stays what it is.
            struct source *server = answering[i];
            int own = server->descriptor;
            server->descriptor = polled[3 + i].fd;
            bool goes_on = answer(server, polled[3 + i].fd);
            server->descriptor = own;
            if (goes_on) continue;
            close(polled[3 + i].fd);
            clients--;
            polled[3 + i] = polled[3 + clients];
            answering[i] = answering[clients];
        }
        for (int i = 1; i < 3; i++) {
            int descriptor = polled[i].revents ? accept4(polled[i].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;
            if (descriptor < 0) continue;
            if (clients == 8) die("too many clients");
            answering[clients] = i == 1 ? &prometheus : &modbus;
            polled[3 + clients++] = (struct pollfd){descriptor, POLLIN, 0};
        }
    } while (now(CLOCK_MONOTONIC) < until);
    return true;
}

static void tell(const struct source *source, const char *before) {
    printf("%s\"%s\": {\"count\": %lu, \"sum\": \"%016lx\", \"records\": %lu}", before, source->name, source->account.count,
           source->account.sum, source->records);
}

int main(int count, char **words) {
    if (count != 5) die("usage: load-sources FOLDER SCALE MQTT-PORT STATSD-PORT");
    folder = words[1];
    double scale = atof(words[2]);
    signal(SIGPIPE, SIG_IGN);
    printf("ready %d\n", get_ready(atoi(words[3]), atoi(words[4])));
    fflush(stdout);
    char command[64];
    bool is_going = false;
    int64_t begin = 0, due = 0;
    while (true) {
        if (!serve(is_going ? due : now(CLOCK_MONOTONIC) + 100 * 1000000ll, command, sizeof command, true)) return 0;
        if (!strncmp(command, "go", 2)) {
            connect_sources();
            is_going = true;
            begin = due = now(CLOCK_MONOTONIC);
        }
        if (!strncmp(command, "pause", 5)) break;
        if (!is_going || now(CLOCK_MONOTONIC) < due) continue;
        due += STEP;
        wall = now(CLOCK_REALTIME);
        step((due - begin) / 1e9, scale);
    }
    for (struct source *source = sources; source < sources + WRITERS; source++)
        while (source->descriptor >= 0 && !flush(source)) poll(&(struct pollfd){source->descriptor, POLLOUT, 0}, 1, 100);
    while (mosquitto_want_write(client)) usleep(1000);
    for (int i = 0; i < WRITERS; i++) tell(&sources[i], i ? ", " : "{");
    tell(&prometheus, ", ");
    tell(&modbus, ", ");
    printf("}\n");
    fflush(stdout);
    while (serve(now(CLOCK_MONOTONIC) + 500 * 1000000ll, command, sizeof command, false)) continue;
    return 0;
}

// Which numbers of each publisher have not come: see ros2_count_sequences in CROS2Types.h.
//
// A message bears a number that its publisher counts by one (DDSI-RTPS 2.3, 8.3.5.4), and the library, once it has put messages in order,
// tells nobody which are missing. It does call the type of a reader for each message that it delivers, with the packet that the message
// came in: here such a call is looked at on its way. This is the interface for types of one's own, which rmw_cyclonedds uses as well.
#ifdef FIELDPROOF_ROS2
#include "CROS2Types.h"

// The packet's layout is that of version 0.10; with another nothing is counted, and ros2_count_sequences says so.
#if DDS_VERSION_MAJOR == 0 && DDS_VERSION_MINOR == 10
#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <dds/ddsi/ddsi_serdata.h>
#include <dds/ddsi/ddsi_serdata_default.h>
#include <dds/ddsi/ddsi_sertype.h>
#include <dds/ddsi/q_protocol.h>
#include <dds/ddsi/q_radmin.h>

// Publishers come and go, and anybody may be one: of those that share a set, the one that was heard the longest ago makes room.
enum { SETS = 128, WAYS = 8 };

typedef struct {
    uint8_t guid[16];
    uint64_t last;
    uint64_t missing;
    uint64_t unreadable;
    uint64_t delivered;
    // When it was heard, by `turn`; 0 for a free place.
    uint64_t heard;
} writer_t;

struct ros2_counter {
    // What types whose messages are counted here call: each such call finds its counter by this, which is first.
    struct ddsi_serdata_ops operations;
    pthread_mutex_t lock;
    writer_t writers[SETS][WAYS];
    uint64_t turn;
    // The next one that nobody uses.
    ros2_counter_t *next;
};

static writer_t *set_of(ros2_counter_t *counter, const uint8_t guid[16]) {
    uint32_t hash = 2166136261u;
    for (int index = 0; index < 16; index++) hash = (hash ^ guid[index]) * 16777619u;
    return counter->writers[hash % SETS];
}

// The place of a publisher; NULL when it has none.
static writer_t *find(ros2_counter_t *counter, const uint8_t guid[16]) {
    writer_t *set = set_of(counter, guid);
    for (int way = 0; way < WAYS; way++)
        if (set[way].heard > 0 && memcmp(set[way].guid, guid, 16) == 0) return &set[way];
    return NULL;
}

static void hear(ros2_counter_t *counter, const uint8_t guid[16], uint64_t number, bool is_readable, bool is_data) {
    pthread_mutex_lock(&counter->lock);
    writer_t *writer = find(counter, guid);
    if (writer == NULL) {
        writer_t *set = writer = set_of(counter, guid);
        for (int way = 1; way < WAYS; way++)
            if (set[way].heard < writer->heard) writer = &set[way];
        memset(writer, 0, sizeof(*writer));
        memcpy(writer->guid, guid, 16);
        writer->last = number - 1;
    }
    writer->heard = ++counter->turn;
    if (!is_readable) writer->unreadable++;
    // A number from before is one that a reader who came late gets, or that another reader of this box has got already.
    if (number > writer->last) {
        uint64_t between = number - writer->last - 1;
        // No robot skips so many: a number that is not true.
        if (between <= UINT32_MAX) writer->missing += between;
        if (is_readable && is_data) writer->delivered++;
        writer->last = number;
    }
    pthread_mutex_unlock(&counter->lock);
}

// The library's own for types without keys.
static const struct ddsi_serdata_ops *usual;

static struct ddsi_serdata *from_ser(
    const struct ddsi_sertype *type, enum ddsi_serdata_kind kind, const struct nn_rdata *chain, size_t size) {
    struct ddsi_serdata *message = usual->from_ser(type, kind, chain, size);
    // Both headers were checked, and brought into this machine's order, before the packet was taken apart.
    const unsigned char *packet = NN_RMSG_PAYLOAD(chain->rmsg);
    const Header_t *header = (const void *)packet;
    const Data_DataFrag_common_t *data = (const void *)(packet + NN_RDATA_SUBMSG_OFF(chain));
    uint32_t words[4];
    for (int index = 0; index < 3; index++) words[index] = htonl(header->guid_prefix.u[index]);
    words[3] = htonl(data->writerId.u);
    uint8_t guid[16];
    memcpy(guid, words, 16);
    uint64_t number = (uint64_t)(uint32_t)data->writerSN.high << 32 | data->writerSN.low;
    hear((ros2_counter_t *)type->serdata_ops, guid, number, message != NULL, kind == SDK_DATA);
    return message;
}

// Counters that were closed. They are not freed: what the library still has of a domain may refer to their operations.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ros2_counter_t *closed;

ros2_counter_t *ros2_open_counter(void) {
    pthread_mutex_lock(&lock);
    if (usual == NULL) usual = ros2_library_data("ddsi_serdata_ops_cdr_nokey");
    ros2_counter_t *counter = usual == NULL ? NULL : closed;
    if (counter != NULL) {
        closed = counter->next;
    } else if (usual != NULL && (counter = calloc(1, sizeof(*counter))) != NULL) {
        counter->operations = *usual;
        counter->operations.from_ser = from_ser;
        pthread_mutex_init(&counter->lock, NULL);
    }
    pthread_mutex_unlock(&lock);
    return counter;
}

void ros2_close_counter(ros2_counter_t *counter) {
    if (counter == NULL) return;
    // Whoever has it next has heard nobody.
    pthread_mutex_lock(&counter->lock);
    memset(counter->writers, 0, sizeof(counter->writers));
    counter->turn = 0;
    pthread_mutex_unlock(&counter->lock);
    pthread_mutex_lock(&lock);
    counter->next = closed;
    closed = counter;
    pthread_mutex_unlock(&lock);
}

int ros2_count_sequences(ros2_counter_t *counter, dds_entity_t reader) {
    if (counter == NULL) return -1;
    struct ddsi_serdata *message = NULL;
    dds_sample_info_t info;
    // The type is known by a message only. It stays where it is, to be taken.
    if (dds_readcdr(reader, &message, 1, &info, DDS_ANY_STATE) != 1 || message == NULL) return 0;
    struct ddsi_sertype *type = (struct ddsi_sertype *)message->type;
    int answer = type->serdata_ops == &counter->operations ? 1 : -1;
    if (type->serdata_ops == usual) {
        // Other threads may be reading it; either is good for them.
        __atomic_store_n(&type->serdata_ops, &counter->operations, __ATOMIC_RELEASE);
        answer = 1;
    }
    // As the header's inline function does, of which the library is not linked.
    if (__atomic_sub_fetch(&message->refc.v, 1, __ATOMIC_ACQ_REL) == 0) message->ops->free(message);
    return answer;
}

ros2_losses_t ros2_losses(ros2_counter_t *counter, const dds_guid_t *publisher) {
    ros2_losses_t losses = {0, 0, 0};
    if (counter == NULL) return losses;
    pthread_mutex_lock(&counter->lock);
    writer_t *writer = find(counter, publisher->v);
    if (writer != NULL) {
        losses = (ros2_losses_t){writer->missing, writer->unreadable, writer->delivered};
        writer->missing = writer->unreadable = 0;
    }
    pthread_mutex_unlock(&counter->lock);
    return losses;
}
#else
ros2_counter_t *ros2_open_counter(void) { return NULL; }
void ros2_close_counter(ros2_counter_t *counter) { (void)counter; }
int ros2_count_sequences(ros2_counter_t *counter, dds_entity_t reader) { return (void)counter, (void)reader, -1; }
ros2_losses_t ros2_losses(ros2_counter_t *counter, const dds_guid_t *publisher) {
    return (void)counter, (void)publisher, (ros2_losses_t){0, 0, 0};
}
#endif
#endif

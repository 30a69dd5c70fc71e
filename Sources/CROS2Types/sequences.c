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

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static writer_t writers[SETS][WAYS];
static uint64_t turn;

static writer_t *set_of(const uint8_t guid[16]) {
    uint32_t hash = 2166136261u;
    for (int index = 0; index < 16; index++) hash = (hash ^ guid[index]) * 16777619u;
    return writers[hash % SETS];
}

// The place of a publisher; NULL when it has none.
static writer_t *find(const uint8_t guid[16]) {
    writer_t *set = set_of(guid);
    for (int way = 0; way < WAYS; way++)
        if (set[way].heard > 0 && memcmp(set[way].guid, guid, 16) == 0) return &set[way];
    return NULL;
}

static void hear(const uint8_t guid[16], uint64_t number, bool is_readable, bool is_data) {
    pthread_mutex_lock(&lock);
    writer_t *writer = find(guid);
    if (writer == NULL) {
        writer = set_of(guid);
        for (int way = 1; way < WAYS; way++)
            if (set_of(guid)[way].heard < writer->heard) writer = &set_of(guid)[way];
        memset(writer, 0, sizeof(*writer));
        memcpy(writer->guid, guid, 16);
        writer->last = number - 1;
    }
    writer->heard = ++turn;
    if (!is_readable) writer->unreadable++;
    // A number from before is one that a reader who came late gets, or that another reader of this box has got already.
    if (number > writer->last) {
        uint64_t between = number - writer->last - 1;
        // No robot skips so many: a number that is not true.
        if (between <= UINT32_MAX) writer->missing += between;
        if (is_readable && is_data) writer->delivered++;
        writer->last = number;
    }
    pthread_mutex_unlock(&lock);
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
    hear(guid, (uint64_t)(uint32_t)data->writerSN.high << 32 | data->writerSN.low, message != NULL, kind == SDK_DATA);
    return message;
}

static struct ddsi_serdata_ops operations;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void) {
    usual = ros2_library_data("ddsi_serdata_ops_cdr_nokey");
    if (usual == NULL) return;
    operations = *usual;
    operations.from_ser = from_ser;
}

int ros2_count_sequences(dds_entity_t reader) {
    struct ddsi_serdata *message = NULL;
    dds_sample_info_t info;
    // The type is known by a message only. It stays where it is, to be taken.
    if (dds_readcdr(reader, &message, 1, &info, DDS_ANY_STATE) != 1 || message == NULL) return 0;
    struct ddsi_sertype *type = (struct ddsi_sertype *)message->type;
    pthread_once(&once, prepare);
    int answer = type->serdata_ops == &operations ? 1 : -1;
    if (usual != NULL && type->serdata_ops == usual) {
        // Other threads may be reading it; either is good for them.
        __atomic_store_n(&type->serdata_ops, &operations, __ATOMIC_RELEASE);
        answer = 1;
    }
    // As the header's inline function does, of which the library is not linked.
    if (__atomic_sub_fetch(&message->refc.v, 1, __ATOMIC_ACQ_REL) == 0) message->ops->free(message);
    return answer;
}

ros2_losses_t ros2_losses(const dds_guid_t *publisher) {
    ros2_losses_t losses = {0, 0, 0};
    pthread_mutex_lock(&lock);
    writer_t *writer = find(publisher->v);
    if (writer != NULL) {
        losses = (ros2_losses_t){writer->missing, writer->unreadable, writer->delivered};
        writer->missing = writer->unreadable = 0;
    }
    pthread_mutex_unlock(&lock);
    return losses;
}

void ros2_forget_sequences(void) {
    pthread_mutex_lock(&lock);
    memset(writers, 0, sizeof(writers));
    pthread_mutex_unlock(&lock);
}
#else
int ros2_count_sequences(dds_entity_t reader) { return (void)reader, -1; }
ros2_losses_t ros2_losses(const dds_guid_t *publisher) { return (void)publisher, (ros2_losses_t){0, 0, 0}; }
void ros2_forget_sequences(void) {}
#endif
#endif

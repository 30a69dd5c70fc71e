// Cyclone DDS, opened when an input 'ros2' first needs it: linked as usual it would cost every agent 1.7 MB of memory, and no agent would
// start on a box that does not have it. Each function here has the name of the library's and passes on what it is given.
#ifdef FIELDPROOF_ROS2
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "CROS2Types.h"

// Results, names, parameters and arguments of all functions of the library that are called.
#define FUNCTIONS(DO)                                                                                                                \
    DO(dds_entity_t, dds_create_domain, (const dds_domainid_t domain, const char *config), (domain, config))                         \
    DO(dds_listener_t *, dds_create_listener, (void *arg), (arg))                                                                    \
    DO(dds_entity_t, dds_create_participant,                                                                                         \
       (const dds_domainid_t domain, const dds_qos_t *qos, const dds_listener_t *listener), (domain, qos, listener))                 \
    DO(dds_qos_t *, dds_create_qos, (void), ())                                                                                      \
    DO(dds_entity_t, dds_create_reader,                                                                                              \
       (dds_entity_t parent, dds_entity_t topic, const dds_qos_t *qos, const dds_listener_t *listener),                              \
       (parent, topic, qos, listener))                                                                                               \
    DO(dds_entity_t, dds_create_topic,                                                                                               \
       (dds_entity_t participant, const dds_topic_descriptor_t *descriptor, const char *name, const dds_qos_t *qos,                  \
        const dds_listener_t *listener),                                                                                             \
       (participant, descriptor, name, qos, listener))                                                                               \
    DO(dds_return_t, dds_delete, (dds_entity_t entity), (entity))                                                                    \
    DO(dds_return_t, dds_get_matched_publications, (dds_entity_t reader, dds_instance_handle_t *writers, size_t most),               \
       (reader, writers, most))                                                                                                      \
    DO(dds_builtintopic_endpoint_t *, dds_get_matched_publication_data, (dds_entity_t reader, dds_instance_handle_t writer),         \
       (reader, writer))                                                                                                             \
    DO(dds_return_t, dds_get_requested_incompatible_qos_status,                                                                      \
       (dds_entity_t reader, dds_requested_incompatible_qos_status_t *status), (reader, status))                                     \
    DO(dds_return_t, dds_get_sample_lost_status, (dds_entity_t reader, dds_sample_lost_status_t *status), (reader, status))          \
    DO(dds_return_t, dds_get_sample_rejected_status, (dds_entity_t reader, dds_sample_rejected_status_t *status), (reader, status))  \
    DO(dds_return_t, dds_get_subscription_matched_status,                                                                            \
       (dds_entity_t reader, dds_subscription_matched_status_t *status), (reader, status))                                           \
    DO(dds_return_t, dds_read, (dds_entity_t reader, void **buf, dds_sample_info_t *si, size_t bufsz, uint32_t maxs),                \
       (reader, buf, si, bufsz, maxs))                                                                                               \
    DO(dds_return_t, dds_readcdr,                                                                                                    \
       (dds_entity_t reader, struct ddsi_serdata **buf, uint32_t maxs, dds_sample_info_t *si, uint32_t mask),                        \
       (reader, buf, maxs, si, mask))                                                                                                \
    DO(dds_return_t, dds_return_loan, (dds_entity_t entity, void **buf, int32_t bufsz), (entity, buf, bufsz))                        \
    DO(const char *, dds_strretcode, (dds_return_t code), (code))                                                                    \
    DO(dds_return_t, dds_take, (dds_entity_t reader, void **buf, dds_sample_info_t *si, size_t bufsz, uint32_t maxs),                \
       (reader, buf, si, bufsz, maxs))

// The same of those that have no result.
#define PROCEDURES(DO)                                                                                                               \
    DO(dds_builtintopic_free_endpoint, (dds_builtintopic_endpoint_t * endpoint), (endpoint))                                         \
    DO(dds_delete_listener, (dds_listener_t *__restrict listener), (listener))                                                       \
    DO(dds_delete_qos, (dds_qos_t *__restrict qos), (qos))                                                                           \
    DO(dds_lset_data_available, (dds_listener_t *__restrict listener, dds_on_data_available_fn callback), (listener, callback))      \
    DO(dds_qset_durability, (dds_qos_t *__restrict qos, dds_durability_kind_t kind), (qos, kind))                                    \
    DO(dds_qset_history, (dds_qos_t *__restrict qos, dds_history_kind_t kind, int32_t depth), (qos, kind, depth))                    \
    DO(dds_qset_reliability, (dds_qos_t *__restrict qos, dds_reliability_kind_t kind, dds_duration_t most), (qos, kind, most))       \
    DO(dds_qset_resource_limits, (dds_qos_t *__restrict qos, int32_t samples, int32_t instances, int32_t per_instance),              \
       (qos, samples, instances, per_instance))                                                                                      \
    DO(dds_set_log_sink, (dds_log_write_fn_t callback, void *userdata), (callback, userdata))

#define FUNCTION(result, name, parameters, arguments)                                                                                \
    static __typeof__(name) *real_##name;                                                                                            \
    result name parameters { return real_##name arguments; }
#define PROCEDURE(name, parameters, arguments)                                                                                       \
    static __typeof__(name) *real_##name;                                                                                            \
    void name parameters { real_##name arguments; }
FUNCTIONS(FUNCTION)
PROCEDURES(PROCEDURE)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char refusal[384] = "";
static void *library;

static void open_library(void) {
    // The name that Debian gives version 0.10, and the project's own.
    library = dlopen("libddsc.so.0debian", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libddsc.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(
            refusal, sizeof refusal,
            "Cyclone DDS 0.10 is not on this box; install it (Debian 12: libddsc0debian, Debian 13: libddsc0t64) and restart the agent: %s",
            dlerror());
        return;
    }
#define FIND_FUNCTION(result, name, parameters, arguments) FIND(name)
#define FIND_PROCEDURE(name, parameters, arguments) FIND(name)
#define FIND(name)                                                                                                                   \
    real_##name = (__typeof__(name) *)dlsym(library, #name);                                                                         \
    if (!real_##name) {                                                                                                              \
        snprintf(                                                                                                                    \
            refusal, sizeof refusal,                                                                                                 \
            "this Cyclone DDS has no %s; install version 0.10 (Debian 12: libddsc0debian, Debian 13: libddsc0t64) "                  \
            "and restart the agent",                                                                                                 \
            #name);                                                                                                                  \
        return;                                                                                                                      \
    }
    FUNCTIONS(FIND_FUNCTION)
    PROCEDURES(FIND_PROCEDURE)
}

const void *ros2_library_data(const char *name) { return library ? dlsym(library, name) : NULL; }

const char *ros2_open_library(void) {
    pthread_once(&once, open_library);
    return refusal[0] ? refusal : NULL;
}
#endif

// The ROS 2 messages that the input 'ros2' reads, as Cyclone DDS gives them, and the library itself.
#ifndef FIELDPROOF_CROS2TYPES_H
#define FIELDPROOF_CROS2TYPES_H

#include <dds/dds.h>
#include <dds/ddsrt/log.h>
#include <dds/version.h>

#include "builtin_interfaces.h"
#include "diagnostic_msgs.h"
#include "geometry_msgs.h"
#include "nav_msgs.h"
#include "sensor_msgs.h"
#include "std_msgs.h"

// Descriptors are constants without an address in Swift, and these macros are not imported.
#define FIELDPROOF_ROS2_TYPE(package, type)                                              \
    static inline const dds_topic_descriptor_t *ros2_##package##_##type(void) {          \
        return &package##_msg_dds__##type##__desc;                                       \
    }

FIELDPROOF_ROS2_TYPE(diagnostic_msgs, DiagnosticArray)
FIELDPROOF_ROS2_TYPE(geometry_msgs, PoseStamped)
FIELDPROOF_ROS2_TYPE(geometry_msgs, Twist)
FIELDPROOF_ROS2_TYPE(geometry_msgs, TwistStamped)
FIELDPROOF_ROS2_TYPE(geometry_msgs, WrenchStamped)
FIELDPROOF_ROS2_TYPE(nav_msgs, Odometry)
FIELDPROOF_ROS2_TYPE(sensor_msgs, BatteryState)
FIELDPROOF_ROS2_TYPE(sensor_msgs, FluidPressure)
FIELDPROOF_ROS2_TYPE(sensor_msgs, Illuminance)
FIELDPROOF_ROS2_TYPE(sensor_msgs, Imu)
FIELDPROOF_ROS2_TYPE(sensor_msgs, JointState)
FIELDPROOF_ROS2_TYPE(sensor_msgs, Range)
FIELDPROOF_ROS2_TYPE(sensor_msgs, RelativeHumidity)
FIELDPROOF_ROS2_TYPE(sensor_msgs, Temperature)
FIELDPROOF_ROS2_TYPE(std_msgs, Bool)
FIELDPROOF_ROS2_TYPE(std_msgs, Float32)
FIELDPROOF_ROS2_TYPE(std_msgs, Float64)
FIELDPROOF_ROS2_TYPE(std_msgs, Float64MultiArray)
FIELDPROOF_ROS2_TYPE(std_msgs, Int16)
FIELDPROOF_ROS2_TYPE(std_msgs, Int32)
FIELDPROOF_ROS2_TYPE(std_msgs, Int64)
FIELDPROOF_ROS2_TYPE(std_msgs, Int8)
FIELDPROOF_ROS2_TYPE(std_msgs, String)
FIELDPROOF_ROS2_TYPE(std_msgs, UInt16)
FIELDPROOF_ROS2_TYPE(std_msgs, UInt32)
FIELDPROOF_ROS2_TYPE(std_msgs, UInt64)
FIELDPROOF_ROS2_TYPE(std_msgs, UInt8)
#undef FIELDPROOF_ROS2_TYPE

// Opens the library, once for the process; nothing of it may be called before. Null, or why it cannot be used.
const char *ros2_open_library(void);

// Data of the opened library by its name; NULL where it has none.
const void *ros2_library_data(const char *name);

static inline dds_entity_t ros2_publications(void) { return DDS_BUILTIN_TOPIC_DCPSPUBLICATION; }

// What dds_create_domain answers when the process has the domain already.
static inline dds_return_t ros2_occupied(void) { return DDS_RETCODE_PRECONDITION_NOT_MET; }

// What has become of a publisher's messages.
typedef struct {
    // Messages whose numbers were left out, since it was last asked for.
    uint64_t missing;
    // Messages that came and do not fit their type, since it was last asked for.
    uint64_t unreadable;
    // Messages that came and were given to readers, since the publisher was first heard.
    uint64_t delivered;
} ros2_losses_t;

// What was heard by the readers of one domain: a domain that ends takes nothing from others.
typedef struct ros2_counter ros2_counter_t;
// One that has heard nobody; NULL when this version of the library has no way, or there is no memory. The library must be open.
ros2_counter_t *ros2_open_counter(void);
// When the domain of its readers is gone.
void ros2_close_counter(ros2_counter_t *counter);

// Begins to look at the numbers of the messages that a reader's type gets, once a message waits at the reader; it stays there.
// Answers 1 when they are looked at from now on, 0 when no message is there yet, -1 when this version of the library has no way.
int ros2_count_sequences(ros2_counter_t *counter, dds_entity_t reader);
// Each loss is told once, whichever reader asks. At most 1024 publishers are remembered.
ros2_losses_t ros2_losses(ros2_counter_t *counter, const dds_guid_t *publisher);

#endif

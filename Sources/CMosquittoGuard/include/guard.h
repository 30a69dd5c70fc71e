#ifndef FIELDPROOF_CMOSQUITTO_GUARD_H
#define FIELDPROOF_CMOSQUITTO_GUARD_H

struct mosquitto;

/// mosquitto_loop_read(3), which a packet with a property that MQTT does not know cannot end the process with: the connection is then to be
/// given up, and the result is MOSQ_ERR_MALFORMED_PACKET.
///
/// libmosquitto before 2.0.16 logs such a property without saying for which client, and asserts in its logger that it was said. The
/// assertion is caught here, and no other one: there the library holds no lock, and what it has allocated for the packet, some hundred bytes,
/// is lost.
int mosquitto_guarded_loop_read(struct mosquitto *mosq, int max_packets);

#endif

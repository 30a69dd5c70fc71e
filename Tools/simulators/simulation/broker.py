"""The way out by MQTT: paho-mqtt, at QoS 1, with no more under way than a broker likes."""

import collections
import json
import sys
import threading
import urllib.parse

import paho.mqtt.client as mqtt

# A broker that is slow holds the simulator back, instead of its memory growing.
UNDER_WAY = 200


class Broker:
    """A connection; raises SystemExit with a plain sentence when there is none."""

    def __init__(self, url, client_id, ending, will=None, subscribe=(), on_message=None):
        parts = urllib.parse.urlparse(url)
        if parts.scheme != "mqtt" or not parts.hostname:
            sys.exit(f"'{url}' is no broker; write mqtt://HOST:PORT")
        self._ending = ending
        self._waiting = collections.deque()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
        if will:
            self._client.will_set(*will, qos=1, retain=True)
        ready = threading.Event()

        def connected(client, _, __, reason, ___):
            if reason.is_failure:
                print(f"the broker refuses: {reason}", file=sys.stderr)
                return
            for topic in subscribe:
                client.subscribe(topic, qos=1)
            if not subscribe:
                ready.set()

        self._client.on_connect = connected
        self._client.on_subscribe = lambda *_: ready.set()
        if on_message:
            self._client.on_message = lambda _, __, message: on_message(message.topic, message.payload)
        try:
            self._client.connect(parts.hostname, parts.port or 1883, keepalive=15)
        except OSError as error:
            sys.exit(f"no broker at {parts.hostname}:{parts.port or 1883} ({error}); is mosquitto running?")
        self._client.loop_start()
        if not ready.wait(10):
            sys.exit(f"the broker at {parts.hostname}:{parts.port or 1883} does not let '{client_id}' in")

    def publish(self, topic, payload, retain=False):
        """A text as it is; anything else as JSON."""
        text = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"))
        self._waiting.append(self._client.publish(topic, text, qos=1, retain=retain))
        while self._waiting and self._waiting[0].is_published():
            self._waiting.popleft()
        while len(self._waiting) > UNDER_WAY and not self._ending:
            self._waiting.popleft().wait_for_publish(1)

    def close(self, seconds=5):
        """Until everything is with the broker, at the longest so many seconds."""
        if self._waiting:
            self._waiting[-1].wait_for_publish(seconds)
        self._client.disconnect()
        self._client.loop_stop()

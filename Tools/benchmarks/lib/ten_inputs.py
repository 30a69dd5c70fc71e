"""An agent's configuration of ten inputs, each of another kind, that read what load-sources.c writes."""


def ten_inputs(folder, modbus, mqtt, statsd, polls=("400ms", "20ms")):
    """The series of each begin with the name that load-sources gives it. `polls`: how often Prometheus and Modbus are asked."""
    registers = [
        {
            "address": 2 * number,
            "kind": "input",
            "encode": "uint32",
            "scale": 0.001,
            "series": "modbus.v",
            "tags": {"r": str(number)},
        }
        for number in range(60)
    ]
    return [
        {"type": "host", "every": "1s"},
        {"type": "line", "listen": f"unix:{folder}/line.sock"},
        {
            "type": "exec",
            "mode": "stream",
            "command": ["cat", f"{folder}/exec"],
            "format": {"type": "key-value", "prefix": "exec"},
        },
        {"type": "tail", "path": f"{folder}/tail.log", "from": "start", "format": {"type": "json", "prefix": "tail"}},
        {"type": "stdin", "format": {"type": "csv", "columns": list("abcdefgh"), "prefix": "stdin"}},
        {"type": "serial", "port": f"{folder}/serial", "baud": 115200, "format": {"type": "key-value", "prefix": "serial"}},
        {
            "type": "mqtt",
            "url": f"mqtt://127.0.0.1:{mqtt}",
            "topics": [{"topic": "load/{part}", "format": {"type": "json", "prefix": "mqtt"}}],
        },
        {"type": "statsd", "listen": f"udp:127.0.0.1:{statsd}", "every": "1s"},
        {"type": "prometheus", "url": f"unix:{folder}/prometheus.sock", "every": polls[0]},
        {
            "type": "modbus",
            "device": {"url": f"tcp://127.0.0.1:{modbus}", "unit": 1},
            "every": polls[1],
            "registers": registers,
        },
    ]

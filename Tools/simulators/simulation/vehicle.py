"""A vehicle that drives orders by VDA 5050, version 2.1 (github.com/VDA5050/VDA5050, VDA5050_EN.md and json_schemas).

Nodes lie on a grid, edges are straight lines. Lengths are metres, times seconds.
"""

import math
import random

from .pace import rfc3339

SPEED = 1.2
ACCELERATION = 0.8
STEP = 0.05
# How far from the vehicle an order may begin.
REACH = 0.5
# Share of the battery that an hour of driving takes, and of standing.
DRIVING, STANDING = 0.12, 0.02
ACTION_SECONDS = {"pick": 2.0, "drop": 2.0}
GRID = 4
SPACING = 3.0
GRID_NODES = {f"n{number}" for number in range(GRID * GRID)}


class Refused(Exception):
    """An order or action that the vehicle does not take; becomes an error of level WARNING."""

    def __init__(self, error_type, description, references):
        super().__init__(description)
        self.error = {
            "errorType": error_type,
            "errorLevel": "WARNING",
            "errorDescription": description,
            "errorReferences": [{"referenceKey": key, "referenceValue": str(value)} for key, value in references.items()],
        }


def grid_node(number):
    return {"x": number % GRID * SPACING, "y": number // GRID * SPACING}


def order_of(number, serial, at, nodes, chance):
    """An order over so many nodes of the grid from the one where the vehicle is; picks at the second node and drops at the last."""
    way = [at]
    while len(way) < nodes:
        x, y = at % GRID, at // GRID
        beside = [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
        free = [a + b * GRID for a, b in beside if 0 <= a < GRID and 0 <= b < GRID and (len(way) < 2 or a + b * GRID != way[-2])]
        at = chance.choice(free)
        way.append(at)
    return {
        "orderId": f"{serial}-order-{number}",
        "orderUpdateId": 0,
        "nodes": [
            {
                "nodeId": f"n{place}",
                "sequenceId": 2 * index,
                "released": True,
                "nodePosition": grid_node(place) | {"mapId": "hall-1"},
                "actions": _work(number, index, len(way)),
            }
            for index, place in enumerate(way)
        ],
        "edges": [
            {
                "edgeId": f"n{begin}-n{end}",
                "sequenceId": 2 * index + 1,
                "released": True,
                "startNodeId": f"n{begin}",
                "endNodeId": f"n{end}",
                "actions": [],
            }
            for index, (begin, end) in enumerate(zip(way, way[1:]))
        ],
    }


def _work(number, index, count):
    kind = "pick" if index == min(1, count - 1) else "drop" if index == count - 1 else None
    if kind is None:
        return []
    return [{"actionType": kind, "actionId": f"o{number}-{kind}", "blockingType": "HARD", "actionParameters": []}]


class Vehicle:
    def __init__(self, seed, error, estop):
        self.chance = random.Random(str(seed))
        self.error_share, self.estop_share = error, estop
        self.x, self.y, self.theta = 0.0, 0.0, 0.0
        self.speed = 0.0
        self.charge = self.chance.uniform(70, 95)
        self.order_id, self.update_id = "", 0
        self.last_node, self.last_sequence = "n0", 0
        self.nodes, self.edges = [], []
        # `actions` is what the state tells; `work` are those of them that are left at the present node.
        self.actions, self.work, self.work_left = [], [], 0.0
        self.loads, self.errors = [], []
        self.paused, self.estop = False, "NONE"
        self.since_node = 0.0
        self._error_left = self._estop_left = 0.0
        self.news = True

    @property
    def is_idle(self):
        return not self.nodes and all(action["actionStatus"] in ("FINISHED", "FAILED") for action in self.actions)

    # Orders and actions.

    def take_order(self, order):
        """Takes a new order, or more nodes of the present one; raises Refused."""
        order_id, update, nodes = order.get("orderId"), order.get("orderUpdateId"), order.get("nodes")
        about = {"orderId": order_id, "orderUpdateId": update}
        if not isinstance(order_id, str) or not isinstance(update, int) or not isinstance(nodes, list) or not nodes:
            raise Refused("validationError", "an order has an orderId, an orderUpdateId and nodes", about)
        try:
            released = [node | {"at": node["nodePosition"], "actions": node.get("actions", [])} for node in nodes if node["released"]]
            edges = [edge for edge in order.get("edges", []) if edge["released"]]
            places = [(float(node["at"]["x"]), float(node["at"]["y"])) for node in released]
            first = released[0]["nodeId"]
            added = released[1:] if order_id == self.order_id else released
            wanted = [
                {"actionId": action["actionId"], "actionType": action["actionType"], "actionStatus": "WAITING"}
                for node in added
                for action in node["actions"]
            ]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise Refused("validationError", f"the order cannot be read: {error!r}", about) from None
        if order_id == self.order_id:
            if update <= self.update_id:
                raise Refused("orderUpdateError", f"update {self.update_id} is known already", about)
            last = self.nodes[-1]["nodeId"] if self.nodes else self.last_node
            if first != last:
                raise Refused("orderUpdateError", f"the update begins at {first}, not at the last node {last}", about)
        elif not self.is_idle:
            raise Refused("orderUpdateError", f"the order {self.order_id} goes on", about)
        elif not math.dist(places[0], (self.x, self.y)) <= REACH:
            raise Refused("noRouteError", f"the first node {first} is not where the vehicle is", about)
        else:
            self.nodes, self.edges, self.actions = [], [], []
        self.order_id, self.update_id = order_id, update
        self.nodes += added
        self.edges += edges
        self.actions += wanted
        self.news = True

    def take_action(self, action):
        """An instant action: startPause, stopPause, cancelOrder, stateRequest."""
        kind, ident = action.get("actionType"), action.get("actionId")
        if kind == "startPause":
            self.paused = True
        elif kind == "stopPause":
            self.paused = False
        elif kind == "cancelOrder":
            if self.is_idle:
                raise Refused("noOrderToCancel", "there is no order", {"actionId": ident})
            self.nodes, self.edges, self.work = [], [], []
            for waiting in self.actions:
                if waiting["actionStatus"] not in ("FINISHED", "FAILED"):
                    waiting["actionStatus"] = "FAILED"
        elif kind != "stateRequest":
            raise Refused("unknownAction", f"'{kind}' is none of startPause, stopPause, cancelOrder, stateRequest", {"actionId": ident})
        self.actions.append({"actionId": str(ident), "actionType": kind, "actionStatus": "FINISHED"})
        self.news = True

    def complain(self, refused):
        """An error of what was refused stands for a while."""
        self.errors = [refused.error]
        self._error_left = 5.0
        self.news = True

    # Going on.

    def step(self):
        """A twentieth of a second."""
        self.charge = max(0.0, self.charge - (DRIVING if self.speed else STANDING) * 100 * STEP / 3600)
        self._recover()
        if self.paused or self.estop != "NONE":
            self.speed = 0.0
        elif self._works():
            return
        elif self.nodes:
            self._drive()

    def _recover(self):
        if self._error_left > 0:
            self._error_left -= STEP
            if self._error_left <= 0:
                self.errors, self.news = [], True
        if self._estop_left > 0:
            self._estop_left -= STEP
            if self._estop_left <= 0:
                self.estop, self.news = "NONE", True

    def _works(self):
        """Whether actions at the present node go on, one after the other."""
        if not self.work:
            return False
        action = self.work[0]
        if action["actionStatus"] == "WAITING":
            action["actionStatus"], self.news = "RUNNING", True
            self.work_left = ACTION_SECONDS.get(action["actionType"], 1.0)
        self.work_left -= STEP
        if self.work_left <= 0:
            action["actionStatus"], self.news = "FINISHED", True
            self.work.pop(0)
            if action["actionType"] == "pick":
                self.loads = [{"loadId": f"load-{self.order_id}", "loadType": "EPAL"}]
            elif action["actionType"] == "drop":
                self.loads = []
        return True

    def _drive(self):
        target = self.nodes[0]
        dx, dy = float(target["at"]["x"]) - self.x, float(target["at"]["y"]) - self.y
        left = math.hypot(dx, dy)
        # As fast as it can still brake.
        wanted = min(SPEED, math.sqrt(2 * ACCELERATION * left))
        before = self.speed
        self.speed = min(wanted, self.speed + ACCELERATION * STEP)
        self.news = self.news or (before == 0) != (self.speed == 0)
        way = min(left, self.speed * STEP)
        if left > 0:
            self.theta = math.atan2(dy, dx)
            self.x, self.y = self.x + dx / left * way, self.y + dy / left * way
        self.since_node += way
        if left - way < 0.005:
            self._arrive(target)

    def _arrive(self, node):
        self.x, self.y = float(node["at"]["x"]), float(node["at"]["y"])
        self.speed, self.since_node = 0.0, 0.0
        self.last_node, self.last_sequence = node["nodeId"], node["sequenceId"]
        self.nodes.pop(0)
        self.edges = [edge for edge in self.edges if edge["sequenceId"] > node["sequenceId"]]
        wanted = {action["actionId"] for action in node.get("actions", [])}
        self.work = [action for action in self.actions if action["actionId"] in wanted]
        if self.chance.random() < self.error_share:
            about = {"nodeId": node["nodeId"]}
            self.errors = [Refused("localizationError", "fewer landmarks than the map has", about).error]
            self._error_left = 3.0
        if self.chance.random() < self.estop_share:
            self.estop, self._estop_left = "MANUAL", 2.0
        self.news = True

    # What it says.

    def state(self):
        """The body of a message `state`."""
        return {
            "orderId": self.order_id,
            "orderUpdateId": self.update_id,
            "lastNodeId": self.last_node,
            "lastNodeSequenceId": self.last_sequence,
            "nodeStates": [{key: node[key] for key in ("nodeId", "sequenceId", "released")} for node in self.nodes],
            "edgeStates": [{key: edge[key] for key in ("edgeId", "sequenceId", "released")} for edge in self.edges],
            "driving": self.speed > 0,
            "paused": self.paused,
            "newBaseRequest": False,
            "distanceSinceLastNode": round(self.since_node, 3),
            "operatingMode": "AUTOMATIC",
            "actionStates": self.actions,
            "loads": self.loads,
            "agvPosition": {
                "x": round(self.x, 3),
                "y": round(self.y, 3),
                "theta": round(self.theta, 4),
                "mapId": "hall-1",
                "positionInitialized": True,
                "localizationScore": 0.4 if self.errors else 0.95,
            },
            "velocity": {"vx": round(self.speed, 3), "vy": 0.0, "omega": 0.0},
            "batteryState": {
                "batteryCharge": round(self.charge, 2),
                "batteryVoltage": round(22.5 + self.charge * 0.045, 2),
                "charging": False,
                "reach": int(self.charge * 90),
            },
            "errors": self.errors,
            "information": [],
            "safetyState": {"eStop": self.estop, "fieldViolation": False},
        }


class Headers:
    """What every message begins with; `headerId` counts those of each topic."""

    def __init__(self, manufacturer, serial):
        self.common = {"version": "2.1.0", "manufacturer": manufacturer, "serialNumber": serial}
        self.counts = {}

    def message(self, topic, moment, body):
        number = self.counts[topic] = self.counts.get(topic, -1) + 1
        return {"headerId": number, "timestamp": rfc3339(moment), **self.common, **body}

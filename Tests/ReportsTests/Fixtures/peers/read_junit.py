"""Reads JUnit XML with Python's expat and prints its cases as JSON, after checking the shape that Surefire's schema asks for."""

import json
import sys
import xml.etree.ElementTree as tree

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"classname", "name", "time"},
    "failure": {"type", "message"},
    "skipped": {"message"},
    "system-out": set(),
}
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["skipped", "failure", "system-out"],
}

root = tree.fromstring(sys.stdin.buffer.read())
assert root.tag == "testsuites"
for element in root.iter():
    assert set(element.attrib) == ATTRIBUTES[element.tag], element.tag
    order = [CHILDREN.get(element.tag, []).index(child.tag) for child in element]
    assert order == sorted(order), f"children of {element.tag} are out of order"

suites = root.findall("testsuite")
assert len(suites) == 1
for suite in (root, *suites):
    cases = list(suite.iter("testcase"))
    assert int(suite.get("tests")) == len(cases)
    assert int(suite.get("failures")) == sum(case.find("failure") is not None for case in cases)
    assert int(suite.get("skipped")) == sum(case.find("skipped") is not None for case in cases)
names = [(case.get("classname"), case.get("name")) for case in suites[0].iter("testcase")]
assert len(set(names)) == len(names), "two cases of one name"


def row(case):
    mark = next((child for child in case if child.tag != "system-out"), None)
    return {
        "group": case.get("classname"),
        "name": case.get("name"),
        "mark": "passed" if mark is None else mark.tag,
        "message": "" if mark is None else mark.get("message"),
    }


print(
    json.dumps(
        {
            "suite": suites[0].get("name"),
            "cases": [row(case) for case in suites[0].iter("testcase")],
            "properties": {p.get("name"): p.get("value") for p in suites[0].iter("property")},
        }
    )
)

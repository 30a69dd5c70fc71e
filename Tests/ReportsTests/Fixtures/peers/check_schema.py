"""Checks a JSON Schema against its metaschema and summaries against the schema: {"schema": …, "summaries": [text, …]}.

Prints one line of JSON for each summary: the places where it is not valid.
"""

import json
import sys

import rfc3339_validator  # the format checker leaves date-time out without it
from jsonschema import Draft202012Validator

assert rfc3339_validator
# Members that are there only where they say something.
OPTIONAL = {
    "changes", "extent", "selection", "expired_runs", "proven_through", "silent_since", "applied", "lacking", "breaches",
    "shared_with", "suppressed", "trace", "resolution", "obstacle", "consent", "by", "without_consent_s", "retired_runs",
    "marked",
}
given = json.load(sys.stdin)
schema = json.loads(given["schema"])
Draft202012Validator.check_schema(schema)
assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
checker = Draft202012Validator.FORMAT_CHECKER
assert "date-time" in checker.checkers
validator = Draft202012Validator(schema, format_checker=checker)


def objects(part, place):
    """Every object type that the schema describes."""
    if isinstance(part, dict):
        if part.get("type") == "object":
            yield place, part
        for key, value in part.items():
            yield from objects(value, f"{place}/{key}")
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from objects(value, f"{place}/{index}")


for place, part in objects(schema, "#"):
    assert "additionalProperties" in part, f"{place} takes any member"
    if "properties" in part:
        assert set(part["properties"]) - OPTIONAL == set(part["required"]), place

for text in given["summaries"]:
    errors = validator.iter_errors(json.loads(text))
    print(json.dumps(["/".join(map(str, error.absolute_path)) + " " + error.validator for error in errors]))

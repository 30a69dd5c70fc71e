"""Validates documents, one JSON text a line on standard input, against the schema named by the first argument.

Answers each line with one line: "valid", or what is wrong.
"""
import json
import sys

import jsonschema


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
for line in sys.stdin:
    try:
        error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(line, parse_constant=refuse)))
        print("valid" if error is None else f"{error.json_path}: {error.message}".replace("\n", " "))
    except ValueError as error:
        print(f"not JSON: {error}")

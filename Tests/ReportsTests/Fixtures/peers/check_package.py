"""Reads a package given as JSON, {file name: text}, with frictionless, and prints what that says is wrong, a line each.

After that come the tables as frictionless read them: {table: [row, …]} as one line of JSON.
"""

import hashlib
import json
import pathlib
import sys
import tempfile

from frictionless import Package, validate

files = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as directory:
    root = pathlib.Path(directory)
    for name, text in files.items():
        (root / name).write_bytes(text.encode())
    descriptor = json.loads(files["datapackage.json"])
    for resource in descriptor["resources"]:
        given = (root / resource["path"]).read_bytes()
        if resource["hash"] != "sha256:" + hashlib.sha256(given).hexdigest() or resource["bytes"] != len(given):
            print(f"{resource['name']}: other bytes than the descriptor says")
    report = validate(str(root / "datapackage.json"))
    for error in report.errors:
        print(error.message)
    for task in report.tasks:
        for error in task.errors:
            print(f"{task.name}: {error.message}")
    package = Package(str(root / "datapackage.json"))
    tables = {
        resource.name: [row.to_dict(json=True) for row in resource.read_rows()]
        for resource in package.resources
        if resource.format == "csv"
    }
    unlisted = set(files) - {resource["path"] for resource in descriptor["resources"]} - {"datapackage.json"}
    for name in sorted(unlisted):
        print(f"{name}: not in the descriptor")
print(json.dumps(tables))

"""Reads RFC 4180 from standard input with Python's csv module and writes the rows as JSON."""
import csv
import io
import json
import sys

text = sys.stdin.buffer.read().decode("utf-8")
if "\n" in text.replace("\r\n", "") and '"' not in text:
    sys.exit("a bare line feed")
json.dump(list(csv.reader(io.StringIO(text, newline=""), strict=True)), sys.stdout)

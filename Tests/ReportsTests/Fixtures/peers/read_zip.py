"""Reads a ZIP file, given in base 64, checks every CRC and prints {name: text} as JSON."""

import base64
import io
import json
import sys
import zipfile

with zipfile.ZipFile(io.BytesIO(base64.b64decode(sys.stdin.read()))) as archive:
    assert archive.testzip() is None
    assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
    print(json.dumps({name: archive.read(name).decode() for name in archive.namelist()}))

"""Searches the parsers of all doors for what no mutation has thought of, led by the code that is reached.

    python tests/fuzz/endless.py [SECONDS]

A finding ends it, and the request that made it lies in the folder in which it was run. Needs `atheris`.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["tocsin"]):
    from fuzz.mutations import recorded
    from intake.test_any_door import assert_can_be_kept
    from tocsin.core.errors import Refused
    from tocsin.intake import DOORS
    from tocsin.ports.doors import Events
    from tocsin.store.codec import encode_event

_REQUESTS = [(door, request) for door in DOORS for request in recorded(door)]


def once(data: bytes) -> None:
    """The first byte chooses door and address by a recorded request; the rest is the body."""
    if not data:
        return
    door, request = _REQUESTS[data[0] % len(_REQUESTS)]
    request = replace(request, body=data[1:])
    try:
        read = door.read(request)
    except Refused as refusal:
        is_theirs = 400 <= door.refuse(request, refusal).status < 500
        if not is_theirs:
            raise
        return
    if isinstance(read, Events):
        for event in read.events:
            assert_can_be_kept(event)
            encode_event(event)


def main() -> None:
    """Begin with what was recorded."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    with tempfile.TemporaryDirectory() as folder:
        for number, (_, request) in enumerate(_REQUESTS):
            (Path(folder) / str(number)).write_bytes(bytes([number % 256]) + request.body)
        atheris.Setup([sys.argv[0], folder, f"-max_total_time={seconds}", "-max_len=20000", "-timeout=5"], once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()

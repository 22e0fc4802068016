"""The passwords that everybody tries first. The list is zxcvbn's; its licence lies beside it."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files


@cache
def common_passwords() -> frozenset[str]:
    """The most common ones, in small letters."""
    packed = (files("tocsin.engine.common_passwords") / "passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().splitlines())

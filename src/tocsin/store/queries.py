"""Every query by its name: `SQL["claim_cases"]` is what stands under `-- name: claim_cases` in queries.sql."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def read_queries(text: str) -> Mapping[str, str]:
    """The statements of a file by name; the line below a name says what its statement is for."""
    _, *parts = _NAME.split(text)
    names, bodies = parts[::2], parts[1::2]
    return MappingProxyType({name: _bare(body) for name, body in zip(names, bodies, strict=True)})


def _bare(body: str) -> str:
    lines = (line for line in body.splitlines() if not line.startswith("--"))
    return "\n".join(lines).strip().rstrip(";")


SQL = read_queries(resources.files(__package__).joinpath("queries.sql").read_text("utf-8"))

"""Instants as the API reads and writes them: RFC 3339, read with any offset, written in UTC with a Z."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from tocsin.core.vocabulary import Instant, rfc3339

EXAMPLE = "2026-01-05T09:00:00Z"

#: A `+` that a client did not encode arrives in a query as a space.
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?:([Zz])|([+\- ])(\d\d:\d\d))", re.ASCII
)


def read_instant(text: object) -> Instant:
    """The instant that a text names.

    Raises:
        PydanticCustomError: it names none, or no offset.
    """
    found = _RFC3339.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise _not_an_instant()
    date, time, zulu, sign, offset = found.groups()
    shift = "+00:00" if zulu else f"{'-' if sign == '-' else '+'}{offset}"
    try:
        return datetime.fromisoformat(f"{date}T{time}{shift}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise _not_an_instant() from None


def _not_an_instant() -> PydanticCustomError:
    return PydanticCustomError("instant", "must be an instant with its offset from UTC", {"hint": f"like {EXAMPLE}"})


_SCHEMA = WithJsonSchema({"type": "string", "format": "date-time", "examples": [EXAMPLE]})

#: An instant in an answer.
Written = Annotated[datetime, PlainSerializer(rfc3339, return_type=str), _SCHEMA]
#: An instant in a request.
Asked = Annotated[datetime, BeforeValidator(read_instant), _SCHEMA]

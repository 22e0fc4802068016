"""Replies in JSON, and which HTTP status a refusal has. What the body looks like is each dialect's own."""

from __future__ import annotations

import math

import msgspec

from tocsin.core.errors import Forbidden, NotFound, Refused, TocsinError, TooMany, Unavailable
from tocsin.ports.doors import Reply

JSON = ("content-type", "application/json")


class WrongMethod(Refused):
    """The address is known, but not with this method."""

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(f"Request method '{method}' not supported", hint=f"Use {allowed}.")
        #: The methods that work, as an Allow header lists them.
        self.allowed = allowed


class TooLarge(Refused):
    """The body is larger than this door takes."""


def json_reply(status: int, body: object, *headers: tuple[str, str]) -> Reply:
    """A reply whose body is JSON."""
    return Reply(status=status, body=msgspec.json.encode(body), headers=(JSON, *headers))


def status_of(error: TocsinError, *, refused: int) -> int:
    """The HTTP status of an error; `refused` is the dialect's own for a request that is plainly wrong."""
    match error:
        case Forbidden():
            return 403 if error.known else 401
        case NotFound():
            return 404
        case WrongMethod():
            return 405
        case TooLarge():
            return 413
        case Refused():
            return refused
        case TooMany():
            return 429
        case Unavailable():
            return 503
        case _:
            return 500


def detail_of(error: TocsinError) -> str:
    """What is wrong, as far as it is the asker's business: a fault of ours keeps its details to itself."""
    return error.detail if isinstance(error, Refused | Unavailable) else "Tocsin failed; this is not your fault."


def headers_of(error: TocsinError) -> tuple[tuple[str, str], ...]:
    """The headers that go with the status: when to come back, which methods work."""
    if isinstance(error, Unavailable):
        return (("retry-after", str(max(1, math.ceil(error.retry_seconds)))),)
    if isinstance(error, WrongMethod):
        return (("allow", error.allowed),)
    return ()

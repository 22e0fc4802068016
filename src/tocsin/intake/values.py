"""From a vendor's JSON values to the core's: texts, labels, links, instants, keys that fit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from tocsin.core.vocabulary import Instant, Link
from tocsin.ports.doors import Request

#: The longest dedup key or group key, in characters; an index of the database holds it.
LONGEST_KEY = 512

#: How many labels an alert has at most, and how long the value of one may be that a vendor's free fields become.
MOST_LABELS = 64
LONGEST_LABEL = 512
#: The longest value of a label that is sent as one, and how many of those a vendor's alert keeps.
LONGEST_VALUE = 2_000
MOST_OWN_LABELS = 128

#: The longest address that is kept as a link, the longest words for one, and how many links an alert has at most.
LONGEST_HREF = 2_000
LONGEST_WORDS = 500
MOST_LINKS = 50

#: The longest name of a source, a service or somebody who acted; the longest description, and note.
LONGEST_NAME = 500
LONGEST_DESCRIPTION = 15_000
LONGEST_NOTE = 25_000


def text(value: object) -> str | None:
    """A text, number or truth value as text; None for nothing, for an empty text, and for what has parts."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def labels_of(pairs: Iterable[tuple[str, object]]) -> dict[str, str]:
    """The labels out of a vendor's free fields: short values of one line, as many as fit, the first of a name."""
    found: dict[str, str] = {}
    for name, value in pairs:
        plain = text(value)
        if plain is None or "\n" in plain or not name or max(len(plain), len(name)) > LONGEST_LABEL:
            continue
        if len(found) == MOST_LABELS:
            break
        found.setdefault(name, plain)
    return found


def link_of(href: object, words: object = None) -> Link | None:
    """A link that a page may show: http and https alone, for `javascript:` would run in a responder's browser."""
    if not isinstance(href, str) or len(href) > LONGEST_HREF:
        return None
    if not href.lower().startswith(("http://", "https://")):
        return None
    return Link(href=href, text=(text(words) or href)[:LONGEST_WORDS])


def links_of(*links: Link | None) -> tuple[Link, ...]:
    """The links that are there, each address once, as many as fit."""
    found: dict[str, Link] = {}
    for link in links:
        if link is not None and len(found) < MOST_LINKS:
            found.setdefault(link.href, link)
    return tuple(found.values())


def named(value: object) -> str | None:
    """The name of a source, a service or a person, cut where it is none any more; None: there is none."""
    plain = text(value)
    return plain[:LONGEST_NAME] if plain is not None else None


def instant_of(value: object) -> Instant | None:
    """An RFC 3339 text or a datetime as an instant; None: absent, unreadable, or the year 1, Go's word for "never".

    Without an offset it is taken as UTC.
    """
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, datetime) or value.year <= 1:
        return None
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def digest(*parts: object) -> str:
    """Thirty-two hex figures that stay the same for the same JSON values, here and in later versions."""
    return sha256(msgspec.json.encode(parts)).hexdigest()[:32]


def fingerprint(request: Request) -> str:
    """Thirty-two hex figures that no other request has, by its instant: what a pure door has in place of chance."""
    head = f"{request.received_at.isoformat()} {request.client} {request.method} {request.path}\n"
    return sha256(head.encode(errors="replace") + request.body).hexdigest()[:32]


def key_that_fits(key: str) -> str:
    """The key itself, or a digest where it is too long for an index: two long keys never fall together."""
    return key if len(key) <= LONGEST_KEY else digest(key)


def _parsed(value: str) -> datetime | None:
    try:
        return msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        return None

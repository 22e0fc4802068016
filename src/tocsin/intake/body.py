"""From a request's bytes to JSON values: what is too large, too deep or no JSON is refused in words that help.

Whatever comes in, a door raises nothing but a `TocsinError`: `decoded` is the one place where the parser can fail.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from tocsin.core.errors import Refused
from tocsin.intake.replies import TooLarge

T = TypeVar("T")

#: The largest body of a door that takes one event, and of one that takes many, in bytes.
LARGEST = 1_000_000
LARGEST_BATCH = 10_000_000

#: Free values that are kept with an alert: their size as JSON in bytes, how deep they nest, and how long one text is.
LARGEST_KEPT = 64 * 1024
DEEPEST_KEPT = 32
LONGEST_KEPT_TEXT = 8_000

_OBJECTS = msgspec.json.Decoder(dict[str, Any])

#: An escaped NUL that is not itself escaped. PostgreSQL keeps no NUL in a text, and an alert must not be lost for one.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]*)`$")
_TYPES = re.compile(r"^Expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`$")
_ENUM = re.compile(r"^Invalid enum value (?P<value>.*)$", re.DOTALL)

#: How the parser's names of types read in a sentence.
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
    "datetime": "an RFC 3339 instant",
}
_INSTANT = "an RFC 3339 instant with its offset, such as 2026-01-31T09:00:00Z"


def within(body: bytes, largest: int = LARGEST) -> bytes:
    """The body as it is when it is not too large."""
    if len(body) > largest:
        raise TooLarge(f"The body has {len(body):,} bytes.", hint=f"Send at most {largest:,} bytes.")
    return body


def decoded(body: bytes, decoder: msgspec.json.Decoder[T], field: str | None = None) -> T:
    """The body, or the part of it that `field` names, as the decoder's type; an escaped NUL reads as U+FFFD."""
    if b"\\u0000" in body:
        body = _NUL.sub(rb"\1\\ufffd", body)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _wrong(str(error), field) from error
    except RecursionError as error:
        raise _too_deep(field) from error
    except ValueError as error:  # malformed, no UTF-8, or a number with thousands of digits
        detail = f"{_subject(field)} is not valid JSON: {error}."
        raise Refused(detail, field=field, hint="Send JSON in UTF-8.") from error


def decoded_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object of whatever values."""
    return decoded(body, _OBJECTS)


def kept(value: object, body: bytes, field: str | None = None) -> object:
    """A free value out of a body, fit to be kept with an alert: long texts are cut, None when it is too large still.

    The whole stays in the raw request, which is kept beside the event.
    """
    is_small = len(body) <= LARGEST_KEPT
    if is_small and body.count(b"[") + body.count(b"{") <= DEEPEST_KEPT:
        return value
    cut = _cut(value, DEEPEST_KEPT, field)
    return cut if is_small or len(msgspec.json.encode(cut)) <= LARGEST_KEPT else None


def _cut(value: object, levels: int, field: str | None) -> object:
    if levels < 0:
        raise _too_deep(field)
    if isinstance(value, str):
        return value if len(value) <= LONGEST_KEPT_TEXT else value[: LONGEST_KEPT_TEXT - 1] + "…"
    if isinstance(value, dict):
        return {name: _cut(inner, levels - 1, field) for name, inner in value.items()}
    if isinstance(value, list):
        return [_cut(inner, levels - 1, field) for inner in value]
    return value


def _too_deep(field: str | None) -> Refused:
    return Refused(f"{_subject(field)} nests too deeply.", field=field, hint=f"At most {DEEPEST_KEPT} levels.")


def _subject(field: str | None) -> str:
    if field is None:
        return "The body"
    whole = field.removesuffix("[...]")
    return f"`{field}`" if whole == field else f"A value in `{whole}`"


def _wrong(complaint: str, part: str | None) -> Refused:
    """The parser's complaint in a sentence that names the field."""
    place = _PLACE.match(complaint)
    what, path = (place["what"], place["path"] or "") if place else (complaint, "")
    found = f"{part or ''}{path}".removeprefix(".") or None
    subject, field = _subject(found), found and found.removesuffix("[...]")
    if missing := _MISSING.match(what):
        name = f"{field}.{missing['name']}" if field else missing["name"]
        return Refused(f"`{name}` is missing.", field=name)
    if types := _TYPES.match(what):
        wanted, got = types["wanted"].removesuffix(" | null"), types["got"]
        return Refused(f"{subject} must be {_word(wanted)}, not {_word(got)}.", field=field)
    if enum := _ENUM.match(what):
        return Refused(f"{subject} cannot be {enum['value']}.", field=field)
    if "datetime" in what:
        return Refused(f"{subject} must be {_INSTANT}.", field=field)
    return Refused(f"{subject} cannot be read: {what}.", field=field)


def _word(types: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types.split(" | "))

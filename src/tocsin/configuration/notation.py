"""How values are written in configuration files: each notation reads text into a value and writes it in one way.

Reading refuses with what is wrong and an example; writing gives the text that equal values share, so that `300s` and
`5m` are no difference.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from tocsin.configuration.mistakes import nearest, quoted
from tocsin.core.alerts.quiet import NOTATION, matcher_of
from tocsin.core.errors import Refused
from tocsin.core.routing import Condition
from tocsin.core.schedules.wallclock import EARLIEST, LATEST
from tocsin.core.vocabulary import Instant

V = TypeVar("V")

#: What is written for a participant who is nobody, on purpose; no person has this name.
NOBODY = "nobody"

#: Longer names fit on no phone.
LONGEST_NAME = 100

#: Longer durations are a slip of the finger.
LONGEST = timedelta(days=3650)

#: Shorter keys can be guessed.
SHORTEST_KEY = 8

_HASHED = "sha256:"
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_DURATION = re.compile(
    r"(?:(\d{1,9})(?:w|weeks?))?(?:(\d{1,9})(?:d|days?))?(?:(\d{1,9})(?:h|hours?))?"
    r"(?:(\d{1,9})(?:m|min|minutes?))?(?:(\d{1,9})(?:s|seconds?))?",
    re.ASCII,
)
_SECONDS = (604_800, 86_400, 3_600, 60, 1)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\".]+(?:\.[^@\s<>,;\".]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation(Generic[V]):
    """One way of writing a kind of value."""

    #: What it is, with its article: "a duration".
    what: str
    #: For hints; empty where nothing would help.
    example: str
    #: Raises Refused when the text does not say such a value.
    parse: Callable[[str], V]
    write: Callable[[V], str]
    #: True: it is read as it stands in the file, before variables of the environment are put in.
    as_written: bool = False

    def canonical(self, text: str) -> str:
        """The one text for the value that `text` says."""
        return self.write(self.parse(text))


def name(text: str) -> str:
    """A name by which others refer to it."""
    if not text or text != text.strip() or not text.isprintable() or "/" in text:
        hint = "letters, digits, dots, dashes; inner spaces are fine, slashes and line breaks are not"
        raise Refused(f"{quoted(text)} is not a name", hint=hint)
    if len(text) > LONGEST_NAME:
        raise Refused(f"a name of {len(text)} characters is too long", hint=f"at most {LONGEST_NAME}")
    return text


def person_name(text: str) -> str:
    """A name of a person: any but the word that means nobody."""
    if text == NOBODY:
        raise Refused(f"{NOBODY!r} means that nobody is on call", hint="another name for this person")
    return name(text)


def duration(text: str) -> timedelta:
    """A length of time in weeks, days, hours, minutes and seconds, by letter or in words; zero is `0s`."""
    found = _DURATION.fullmatch(text.replace(" ", ""))
    if found is None or not any(found.groups()):
        raise Refused(f"{quoted(text)} is not a duration", hint=DURATION.example)
    seconds = sum(int(count or 0) * unit for count, unit in zip(found.groups(), _SECONDS, strict=True))
    if seconds > LONGEST.total_seconds():
        raise Refused(f"{quoted(text)} is longer than ten years", hint=DURATION.example)
    return timedelta(seconds=seconds)


def positive_duration(text: str) -> timedelta:
    """A length of time that is not zero."""
    length = duration(text)
    if not length:
        raise Refused(f"{quoted(text)} must be longer than nothing", hint=POSITIVE_DURATION.example)
    return length


def duration_text(length: timedelta) -> str:
    """Like `1d12h`: without what is zero, never in weeks."""
    rest, parts = length // timedelta(seconds=1), []
    for unit, letter in zip(_SECONDS[1:], "dhms", strict=True):
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count}{letter}")
    return "".join(parts) or "0s"


def clock(text: str) -> time:
    """A time of day on the wall, to the minute."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise Refused(f"{quoted(text)} is not a time of day", hint=CLOCK.example)
    return time(int(found[1]), int(found[2]))


def moment(text: str) -> datetime:
    """A date and time: naive when it is meant on the clock of the place, aware and UTC when it has an offset."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{quoted(text)} is not a date and time", hint=MOMENT.example) from None
    refuse_unknown_year(read, hint=MOMENT.example)
    return read if read.tzinfo is None else read.astimezone(UTC)


def refuse_unknown_year(day: date, *, hint: str) -> None:
    """Refuse a date in a year that schedules do not know."""
    if not EARLIEST.year < day.year < LATEST.year:
        raise Refused(f"the year {day.year} is outside the calendar", hint=hint)


def local(text: str) -> datetime:
    """A date and time on the clock of the place."""
    read = moment(text)
    if read.tzinfo is not None:
        raise Refused(f"{quoted(text)} has an offset of its own", hint=f"local time: {LOCAL.example}")
    return read


def instant(text: str) -> Instant:
    """A date and time with its offset."""
    read = moment(text)
    if read.tzinfo is None:
        raise Refused(f"{quoted(text)} does not say in which zone", hint=f"with an offset: {INSTANT.example}")
    return read


def moment_text(at: datetime) -> str:
    """To the minute where that is enough; Z for UTC."""
    fine = "auto" if at.second or at.microsecond else "minutes"
    return at.isoformat(timespec=fine).replace("+00:00", "Z")


def zone(text: str) -> ZoneInfo:
    """A time zone by its name in the IANA database."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown; not a path inside the database; a folder of it
        near = nearest(text, available_timezones())
        hint = f"did you mean {near!r}?" if near else ZONE.example
        raise Refused(f"unknown time zone {quoted(text)}", hint=hint) from None


def email(text: str) -> str:
    """An e-mail address that a mail server may accept: only what is plainly none is refused."""
    if len(text) > 254 or _EMAIL.fullmatch(text) is None:  # 254: RFC 5321 with its erratum 1690
        raise Refused(f"{quoted(text)} is not an e-mail address", hint=EMAIL.example)
    return text


def url(text: str) -> str:
    """An address that a program answers at, over http or https."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not text.isprintable() or " " in text:
        raise Refused(f"{quoted(text)} is not an http or https address", hint=URL.example)
    return text


def secret_url(text: str) -> str:
    """An address that may be a secret itself, as those of calendars are: no message ever shows it."""
    try:
        return url(f"https://{text.removeprefix('webcal://')}" if text.startswith("webcal://") else text)
    except Refused as refusal:
        raise Refused("this is not an http or https address", hint=refusal.hint) from None


def key_hash(text: str) -> str:
    """The SHA-256 of a key, in hex. A key that is already hashed is taken as it is. No message ever shows the key."""
    if text.startswith(_HASHED):
        digest = text.removeprefix(_HASHED)
        if _HASH.fullmatch(digest) is None:
            raise Refused("the hashed key is not 64 hexadecimal digits", hint="the key itself, or sha256:<64 digits>")
        return digest.lower()
    if len(text) < SHORTEST_KEY:
        raise Refused("the key is too short to be safe", hint=f"at least {SHORTEST_KEY} characters")
    return hashlib.sha256(text.encode()).hexdigest()


NAME = Notation(what="a name", example='in quotes when it looks like a number: "7"', parse=name, write=str)
PERSON_NAME = Notation(what="a name", example=NAME.example, parse=person_name, write=str)
DURATION = Notation(what="a duration", example="like 90s, 5m, 1h30m, 7d", parse=duration, write=duration_text)
POSITIVE_DURATION = Notation(what="a duration", example=DURATION.example, parse=positive_duration, write=duration_text)
CLOCK = Notation(what="a time of day", example='"00:00" to "23:59"', parse=clock, write=lambda at: f"{at:%H:%M}")
MOMENT = Notation(what="a date and time", example='like "2026-01-05T09:00"', parse=moment, write=moment_text)
LOCAL = Notation(what="a date and time", example=MOMENT.example, parse=local, write=moment_text)
INSTANT = Notation(what="a date and time", example='like "2026-01-05T09:00+01:00"', parse=instant, write=moment_text)
ZONE = Notation(what="a time zone", example="like Europe/Berlin, UTC", parse=zone, write=lambda place: place.key)
EMAIL = Notation(what="an e-mail address", example="like ada@example.org", parse=email, write=str)
URL = Notation(what="an address", example="like https://example.org/hook", parse=url, write=str)
SECRET_URL = Notation(what="an address", example=URL.example, parse=secret_url, write=str)
KEY = Notation(what="a key", example="text in quotes", parse=key_hash, write=lambda digest: f"{_HASHED}{digest}")
MATCHER = Notation(
    what="a matcher",
    example=NOTATION,
    parse=matcher_of,
    write=lambda made: made.text,
)
CONDITION = Notation(
    what="a condition", example="""like 'severity == "info"'""", parse=Condition, write=lambda made: made.source
)

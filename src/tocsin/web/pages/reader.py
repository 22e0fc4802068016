"""Who reads a page: their language, their zone, and how times and names are told to them.

The language is the person's, else what the browser asks for; the zone is the person's, else the browser's (a
cookie that our script sets), else UTC. A zone is named wherever another one could be meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from starlette.requests import Request

from tocsin.core.directory import Directory
from tocsin.core.people import Person
from tocsin.core.story import Told
from tocsin.core.vocabulary import Instant, Span
from tocsin.core.words import one_line
from tocsin.ports.outgoing import hosts_alone
from tocsin.ports.words import Catalog, Catalogs

#: Where the browser's zone is written down.
ZONE_COOKIE = "tocsin_zone"
#: Among a text's values these are names, told in full.
_NAMES = frozenset({"person", "by", "people"})
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: A day that is nearer needs no year.
_NEAR = timedelta(days=300)
_BABEL = {"en": "en_GB", "zh": "zh_Hans_CN"}
_TAGS = {"zh": "zh-Hans"}
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One person in front of one page."""

    catalog: Catalog
    zone: ZoneInfo
    #: The store's clock when the page was made.
    now: Instant
    #: Full names by name.
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The tag of the page's language."""
        return self.catalog.language

    @property
    def tag(self) -> str:
        """The tag with its script, by which browsers choose fonts."""
        return _TAGS.get(self.language, self.language)

    def t(self, message_id: str, **values: object) -> str:
        """A text with its blanks filled in."""
        return self.catalog.text(message_id, **values)

    def say(self, told: Told) -> str:
        """A text that the core has told, with names, instants and texts within it said first."""
        return self.t(told.text, **{key: self._value(key, value) for key, value in told.values.items()})

    def name(self, name: str) -> str:
        """A person's full name; of anybody else what is known, of a program's address the host: the rest is a key."""
        if name == "setup":
            return self.t("who.setup")
        return self.names.get(name) or hosts_alone(name)

    def people(self, names: Iterable[str]) -> str:
        """Several names as one text."""
        return self._joined([self.name(name) for name in names])

    def listed(self, words: Iterable[str]) -> str:
        """Several words as one text."""
        return self._joined(list(words))

    def first_names(self, names: Iterable[str]) -> str:
        """Several people as their friends call them."""
        return self._joined([self.name(name).split(" ")[0] for name in names])

    def clock(self, at: Instant) -> str:
        """The time of day, with the day where it is not today."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        away = (local.date() - today).days
        if away == 0:
            return f"{local:%H:%M}"
        if away == 1:
            return self.t("time.tomorrow", time=f"{local:%H:%M}")
        if away == -1:
            return self.t("time.yesterday", time=f"{local:%H:%M}")
        day = self.formatted("EEE" if 0 < away < 7 else "MMMd", local)
        return self.t("time.day", day=day, time=f"{local:%H:%M}")

    def seconds(self, at: Instant) -> str:
        """The time of day to the second; the day is said elsewhere."""
        return f"{at.astimezone(self.zone):%H:%M:%S}"

    def moment(self, at: Instant) -> str:
        """To the second today, to the minute on other days."""
        same_day = at.astimezone(self.zone).date() == self.now.astimezone(self.zone).date()
        return self.seconds(at) if same_day else self.clock(at)

    def clock_at(self, at: Instant, zone: ZoneInfo) -> str:
        """The time of day on somebody else's wall."""
        return f"{at.astimezone(zone):%H:%M}"

    def exact(self, at: Instant) -> str:
        """Everything there is to say of an instant."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S} {self.zone.key}"

    def day(self, at: Instant) -> str:
        """A day in full, as a heading."""
        return self.formatted("MMMMEEEEd", at.astimezone(self.zone))

    def short_day(self, at: Instant) -> str:
        """A day as short as it can be said."""
        return self.formatted("Ed", at.astimezone(self.zone))

    def date(self, at: Instant) -> str:
        """Day and month."""
        return self.formatted("MMMd", at.astimezone(self.zone))

    def full(self, at: Instant) -> str:
        """Weekday, day and time; with the year where another one could be meant."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        skeleton = "MMMEd" if abs(local.date() - today.date()) < _NEAR else "yMMMEd"
        return self.t("time.day", day=self.formatted(skeleton, local), time=f"{local:%H:%M}")

    def stretch(self, span: Span) -> str:
        """From when to when; the day is said once where it is the same."""
        start, end = span.start.astimezone(self.zone), span.end.astimezone(self.zone)
        last = f"{end:%H:%M}" if start.date() == end.date() else self.full(span.end)
        return self.t("time.stretch", start=self.full(span.start), end=last)

    def served(self, span: Span, *, begins: bool, ends: bool) -> str:
        """The same of a shift whose beginning or end may lie beyond what is known."""
        if begins and ends:
            return self.stretch(span)
        if begins:
            return self.t("time.from", start=self.full(span.start))
        return self.t("time.until", end=self.full(span.end)) if ends else self.t("time.always")

    def long(self, span: Span) -> str:
        """How long a stretch is: in days where it is whole ones, else in hours and minutes."""
        length = _MINUTE * round((span.end - span.start) / _MINUTE)
        days, rest = divmod(length, _DAY)
        if days > 1 and not rest:
            return self.t("time.days", count=days)
        hours, minutes = length // _HOUR, length % _HOUR // _MINUTE
        if minutes and hours:
            return self.t("time.hours_minutes", hours=hours, minutes=minutes)
        return self.t("time.hours", count=hours) if hours else self.t("time.minutes", count=minutes)

    def formatted(self, skeleton: str, local: datetime) -> str:
        """A date as the language writes it."""
        locale = _BABEL.get(self.language, self.language)
        return format_skeleton(skeleton, local.replace(tzinfo=None), locale=locale)

    def ago(self, at: Instant) -> str:
        """How long before now; after a day the day itself."""
        age = max(self.now - at, timedelta(0))
        if age < _MINUTE:
            return self.t("time.just_now")
        return self.t("time.ago", span=self.span(age)) if age < _DAY else self.clock(at)

    def span(self, length: timedelta) -> str:
        """A length of time in the two largest units that matter."""
        if length < _MINUTE:
            return self.t("time.seconds", count=max(int(length.total_seconds()), 0))
        if length < _HOUR:
            return self.t("time.minutes", count=length // _MINUTE)
        if length < _DAY:
            minutes = length % _HOUR // _MINUTE
            hours = length // _HOUR
            return (
                self.t("time.hours_minutes", hours=hours, minutes=minutes)
                if minutes
                else self.t("time.hours", count=hours)
            )
        return self.t("time.days", count=length // _DAY)

    def left(self, until: Instant) -> str:
        """What a countdown shows now: 0:52, 12:05, 3:00:00."""
        seconds = max(int((until - self.now).total_seconds()), 0)
        hours, rest = divmod(seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    def _value(self, key: str, value: object) -> object:
        match value:
            case Told():
                return self.say(value)
            case datetime():
                return self.clock(value)
            case timedelta():
                return self.span(value)
            case tuple() if key == "people":
                return self.people(map(str, value))
            case tuple():
                return self._listed(str(self._value(key, one)) for one in value)
            case Enum():
                return self.t(_SEVERITY[value.value]) if value.value in _SEVERITY else value.value
            case str():
                return self.name(value) if key in _NAMES else one_line(value, 500)
            case _:
                return value

    def _joined(self, names: list[str]) -> str:
        """The last name is joined by a word, the others by commas."""
        if len(names) < 2:
            return "".join(names)
        return self._listed(names[:-1]) + self.t("list.and") + names[-1]

    def _listed(self, parts: Iterable[str]) -> str:
        return self.t("list.comma").join(parts)


_SEVERITY = {
    "critical": "severity.critical",
    "error": "severity.error",
    "warning": "severity.warning",
    "info": "severity.info",
}


def reader_of(
    request: Request, *, catalogs: Catalogs, now: Instant, person: Person | None, directory: Directory
) -> Reader:
    """Who reads the answer to a request."""
    language = person.language if person is not None else _asked_language(request)
    zone = person.time_zone if person is not None else _browser_zone(request)
    names = {name: one.full_name or name for name, one in directory.people.items()}
    return Reader(catalog=catalogs.of(language), zone=zone, now=now, names={str(k): v for k, v in names.items()})


def _asked_language(request: Request) -> str:
    """The first language of those that the browser asks for, by their weight."""
    asked: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        asked.append((-_number(weight or "1"), tag.strip()))
    for _, tag in sorted(asked, key=lambda one: one[0]):
        if tag.lower().startswith(("en", "zh")):
            return tag
    return "en"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _browser_zone(request: Request) -> ZoneInfo:
    """The zone of the cookie; whatever is no zone is UTC."""
    key = unquote(request.cookies.get(ZONE_COOKIE, ""))
    try:
        return ZoneInfo(key) if key else _UTC
    except (KeyError, ValueError, OSError):  # no such zone, no path to one, a path to something else
        return _UTC

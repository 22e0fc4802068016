"""What a message says, in the reader's language and on the reader's clock.

Texts stand in the catalogs. A kind that has none is told all the same, as plainly as its values are: lost is worse than
bare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.core.messages.kinds import KINDS, ZONE
from tocsin.core.messages.message import Message
from tocsin.core.words import TITLE_LENGTH, Texts, one_line

#: Of a value, as many lines are told, and of each line as many characters.
LINES_AT_MOST = 20
LINE_LENGTH = 300

#: What stands where a value was to be given and was not.
_NOT_GIVEN = "—"
#: Values that are names of our own, and where the catalogs have their words.
_NAMED = {"change": "message.change.", "reason": "gap."}
#: What an empty value means, where it is not "nothing".
_EMPTY = {"age": "message.no_age", "end": "message.no_end"}

_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)"
_MOMENT = re.compile(rf"(?<![\w:/-])({_INSTANT})(?:/({_INSTANT}))?(?![\w:/])", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a message says.

    The words by their names, for channels that can lay them out: `headline` (the title without its mark), `open` for
    the link, `why` for the foot, and `again` when it is a repeat.
    """

    #: One line, marked as a repeat.
    title: str
    #: Several lines that do not say the title again.
    text: str
    words: Mapping[str, str]


def word(message: Message, *, texts: Texts, zone: ZoneInfo, repeat: bool = False) -> Wording:
    """Put a message into words for a reader who lives in `zone`; `repeat`: it may have been told before."""
    reader = _Reader(texts=texts, zone=zone)
    told = reader.values(message)
    headline, body = _said(message, told, texts) or _plainly(message, told, texts)
    words = {
        "headline": one_line(headline, TITLE_LENGTH),
        "open": _found(texts, f"message.{message.kind}.open") or texts.text("message.open"),
        "why": texts.text("message.why"),
    }
    title = words["headline"]
    if repeat:
        words["again"] = texts.text("page.again.text")
        title = one_line(texts.text("page.title.marked", mark=texts.text("page.again.mark"), title=title), TITLE_LENGTH)
    blocks = (words.get("again", ""), body, _notes(message, texts), reader.whose_clock(message))
    return Wording(title=title, text="\n\n".join(block for block in blocks if block), words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Who reads it, and on which clock."""

    texts: Texts
    zone: ZoneInfo

    def values(self, message: Message) -> dict[str, object]:
        """The message's values as this reader is told them, each harmless to show."""
        given = {name: self._value(name, value) for name, value in message.values.items() if name != ZONE}
        missing = {name: _NOT_GIVEN for name in KINDS.get(message.kind, ()) if name not in given}
        return {**given, **missing}

    def _value(self, name: str, value: str) -> object:
        if name == "count" and _is_number(value):
            return int(value)
        if name == "age" and _is_number(value):
            minutes = int(value) // 60
            return self.texts.text("message.age", hours=minutes // 60, minutes=minutes % 60)
        if not value:
            return self.texts.text(_EMPTY.get(name, "message.nothing"))
        if name in _NAMED and (found := _found(self.texts, f"{_NAMED[name]}{value}")) is not None:
            return found
        lines = (one_line(_MOMENT.sub(self._moment, line), LINE_LENGTH) for line in value.splitlines())
        return "\n".join([line for line in lines if line][:LINES_AT_MOST]) or self.texts.text("message.nothing")

    def _moment(self, found: re.Match[str]) -> str:
        """An instant, or a span from one to the next."""
        start, end = (None if text is None else self._when(text) for text in found.groups())
        if start is None or (end is None and found[2] is not None):
            return found[0]
        return start if end is None else self.texts.text("message.span", start=start, end=end)

    def _when(self, text: str) -> str | None:
        """Weekday, date and time on the reader's wall; None: there is no such instant."""
        try:
            local = datetime.fromisoformat(text).astimezone(self.zone)
        except (ValueError, OverflowError):
            return None
        weekday = self.texts.text(f"message.weekday.{local.weekday()}")
        time = f"{local:%H:%M}{_which(local)}"
        return self.texts.text("message.when", weekday=weekday, date=local.date().isoformat(), time=time)

    def whose_clock(self, message: Message) -> str:
        """The zone of the times, where the message has any and is not about a schedule of the reader's own zone."""
        has_times = any(_MOMENT.search(value) for value in message.values.values())
        if not has_times or message.values.get(ZONE) == self.zone.key:
            return ""
        return self.texts.text("message.times", zone=self.zone.key)


def _which(local: datetime) -> str:
    """Which of the two, when the clock shows a time twice that day: " (+01:00)"."""
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    return f" ({local.isoformat()[-6:]})"


def _said(message: Message, told: Mapping[str, object], texts: Texts) -> tuple[str, str] | None:
    """Title and text of a kind that has both."""
    title = _found(texts, f"message.{message.kind}.title", told)
    text = _found(texts, f"message.{message.kind}.text", told)
    return None if title is None or text is None else (title, text)


def _plainly(message: Message, told: Mapping[str, object], texts: Texts) -> tuple[str, str]:
    """The kind as the title, the values as lines."""
    title = texts.text("message.plain.title", kind=one_line(message.kind.replace("_", " "), TITLE_LENGTH))
    lines = (texts.text("message.plain.value", name=one_line(n, TITLE_LENGTH), value=v) for n, v in told.items())
    return title, "\n".join(lines)


def _notes(message: Message, texts: Texts) -> str:
    """That notes are to be opened, where there are any and the kind is about opening them."""
    notes = message.values.get("notes", "") if "notes" in KINDS.get(message.kind, ()) else ""
    return texts.text("message.notes", count=int(notes)) if _is_number(notes) and int(notes) else ""


def _found(texts: Texts, message_id: str, values: Mapping[str, object] | None = None) -> str | None:
    """The text of an id; None: the language has none."""
    text = texts.text(message_id, **(values or {}))
    return None if text == message_id else text


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10

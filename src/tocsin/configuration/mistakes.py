"""What is wrong with configuration files: every mistake with its place, its field, and what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Set
from dataclasses import dataclass

from tocsin.core.errors import Refused

#: Longer values are cut where a message quotes them.
QUOTED_MOST = 60

#: More known names than this are not listed in a hint.
_LISTED_MOST = 12

_PLAIN_KEY = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a file, as editors count: from line 1, column 1."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that cannot be meant."""

    file: str
    line: int
    column: int
    #: The field as a path from the top of its file: `policies[0].steps[1].page[0].schedule`. Empty: the whole file.
    field: str
    message: str
    #: What to write instead; None when the message says it all.
    hint: str | None = None

    @classmethod
    def at(cls, place: Place, field: str, message: str, hint: str | None = None) -> Mistake:
        """A mistake that stands at a place. What would leave its line, or give a terminal orders, is written out."""
        hint = _one_line(hint) if hint else None
        return cls(
            file=place.file, line=place.line, column=place.column, field=field, message=_one_line(message), hint=hint
        )

    def __str__(self) -> str:
        parts = [f"{self.file}:{self.line}:{self.column}", self.field, self.message]
        hint = f" ({self.hint})" if self.hint else ""
        return ": ".join(part for part in parts if part) + hint


class BadConfiguration(Refused):
    """The files cannot be applied; its text is one line for each mistake. Nothing was changed."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        first = self.mistakes[0]
        super().__init__("\n".join(map(str, self.mistakes)), field=first.field or None, hint=first.hint)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, or None when nothing is near."""
    by_small_letters = {each.casefold(): each for each in sorted(known, reverse=True)}
    found = difflib.get_close_matches(name[:200].casefold(), by_small_letters, n=1)
    return by_small_letters[found[0]] if found else None


def meant(name: str, known: Iterable[str], *, plural: str) -> str | None:
    """A hint for a name that is not known: the nearest one, else all of them while they are few."""
    known = sorted(known) if isinstance(known, Set) else list(known)
    near = nearest(name, known)
    if near is not None:
        return f"did you mean {near!r}?"
    if not known:
        return f"there are no {plural}"
    return f"{plural}: {', '.join(known)}" if len(known) <= _LISTED_MOST else None


def below(path: str, key: str) -> str:
    """The path of a field inside another; odd keys are quoted so that a mistake stays on its line."""
    shown = key if _PLAIN_KEY.fullmatch(key) else quoted(key)
    return f"{path}.{shown}" if path else shown


def quoted(text: str) -> str:
    """A value as a message shows it: on one line, cut when it is long."""
    return repr(text if len(text) <= QUOTED_MOST else f"{text[:QUOTED_MOST]}…")


def _one_line(text: str) -> str:
    return text if text.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)

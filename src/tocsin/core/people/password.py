"""Which passwords are too weak, by a named reason; and how long somebody waits who has guessed wrong.

Length counts, not which kinds of characters there are. What everybody tries first, what is known about the person, and
what a finger runs along is taken off before it is asked whether enough remains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import timedelta
from enum import StrEnum

from tocsin.core.people.person import Person

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1_000
#: So many characters are to remain of what is neither known about the person nor a run.
_REMAINING = 8
#: So many characters before or behind a common one do not make it another.
_FEW = 4
#: More different characters than this are needed.
_DIFFERENT = 4
#: What is shorter is found in too many words.
_TELLING = 3
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm")
_LOOKS_LIKE = str.maketrans("@4831!0$57", "aaebiiosst")
_PARTS = re.compile(r"[\W_]+")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class Weakness(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    #: It is little more than what is known about the person or the place.
    KNOWN = "known"
    #: A run of neighbours, or the same again and again.
    RUN = "run"
    #: Everybody tries it.
    COMMON = "common"


def prepared(password: str) -> str:
    """A password as it is checked and kept: the same on every keyboard."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, *, known: Iterable[str], common: Collection[str]) -> Weakness | None:
    """Why a prepared password is too weak; None: it is good. `common` are words in small letters."""
    if len(password) < SHORTEST_PASSWORD:
        return Weakness.SHORT
    if len(password) > LONGEST_PASSWORD:
        return Weakness.LONG
    text = password.casefold()
    if len(set(text)) <= _DIFFERENT or _repeats(text) or len(_without_runs(text)) < _REMAINING - 2:
        return Weakness.RUN
    if _is_common(text, common):
        return Weakness.COMMON
    if len(_without(text, known)) < _REMAINING:
        return Weakness.KNOWN
    return None


def known_of(person: Person, *, host: str) -> frozenset[str]:
    """What anybody knows about a person and the address at which they sign in."""
    texts = (person.name, person.full_name, person.email or "", host)
    return frozenset(part for text in texts for part in _PARTS.split(text.casefold())) | {"tocsin"}


def wait_after(wrong: int, *, free: int, longest: timedelta) -> timedelta:
    """How long somebody waits after so many wrong tries: not at all at first, then twice as long each time."""
    if wrong < free:
        return timedelta(0)
    return min(timedelta(seconds=2 << min(wrong - free, 20)), longest)


def _is_common(text: str, common: Collection[str]) -> bool:
    """Whether it is a common one, or two of them, with a few figures and signs around or between."""
    stem = _AROUND.sub("", text)
    if len(text) - len(stem) >= _REMAINING:
        stem = text
    if any(text[:-more] in common or text[more:] in common for more in range(1, _FEW + 1)):
        return True
    return any(_is_made_of(one, common) for one in {text, stem, stem.translate(_LOOKS_LIKE)} if one)


def _is_made_of(text: str, common: Collection[str]) -> bool:
    words = _PARTS.sub("", text)
    if text in common or words in common:
        return True
    return any(words[:cut] in common and words[cut:] in common for cut in range(_TELLING, len(words) - _TELLING + 1))


def _repeats(text: str) -> bool:
    """Whether it is one piece, at least twice: a piece of eight characters would do as a password of its own."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, _REMAINING))


def _without_runs(text: str) -> str:
    """What remains when of each run of neighbours only its beginning stays."""
    kept: list[str] = []
    length = 1
    for index, character in enumerate(text):
        goes_on = index > 0 and _are_neighbours(text[index - 1], character)
        length = length + 1 if goes_on else 1
        if length <= 2:
            kept.append(character)
    return "".join(kept)


def _are_neighbours(one: str, other: str) -> bool:
    if abs(ord(one) - ord(other)) <= 1:
        return True
    return any(one + other in row or other + one in row for row in _ROWS)


def _without(text: str, known: Iterable[str]) -> str:
    """What remains beside words that are known, longest first."""
    for word in sorted((one.casefold() for one in known if len(one) >= _TELLING), key=len, reverse=True):
        text = text.replace(word, "")
    return text

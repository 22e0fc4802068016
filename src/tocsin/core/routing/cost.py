"""What a pattern costs: at most so many steps for each character of the text, whatever sender writes the text.

The engine never goes back: it tries all ways at once, and has as many of them as the pattern has places when its
counted repeats are written out. A pattern is small when it is applied, or it is refused; nothing is measured in time.
"""

from __future__ import annotations

import re

#: A condition whose patterns cost more is refused when it is applied.
LARGEST = 500
#: A pattern inside a loop over labels meets that many texts.
IN_A_LOOP = 8

#: What helps.
HINT = "shorter counted repeats like {1,9}, or `+` for them"

#: What stands for many characters, in ranges of them.
_CLASSES = {"w": 30, "W": 30, "d": 10, "D": 10, "s": 5, "S": 5, "p": 40, "P": 40}
_ANY = 5
_NEGATED = 5
_COUNTED = re.compile(r"\{(\d{1,9})(,?)(\d{0,9})\}")
_OPENED = re.compile(r"\?(?:P?<[^>]*>|[a-zA-Z-]*:?)")
_BRACED = re.compile(r"\{[^}]*\}")


def too_costly(cost: int) -> str | None:
    """What is said of patterns that may not cost so much; None: they may."""
    return None if cost <= LARGEST else f"it costs {cost:,} steps for each character; at most {LARGEST} are taken"


def cost_of(pattern: str) -> int:
    """How many places a pattern has, its counted repeats written out; never less."""
    reader = _Reader(pattern)
    cost = 0
    while reader.at < len(pattern):  # a parenthesis too many is somebody else's to refuse
        cost += reader.alternatives()
        reader.at += 1
    ignores_case = re.search(r"\(\?[a-zA-Z]*i", pattern) is not None
    return cost * 2 if ignores_case else cost


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self.at = 0

    def alternatives(self) -> int:
        """Until the parenthesis that closes, or the end."""
        total = last = 0
        while self.at < len(self._text) and self._text[self.at] != ")":
            times = self._times()
            if times is not None:
                last = last * times + 1
                continue
            total += last
            last = self._one()
        return total + last

    def _times(self) -> int | None:
        """How often what stands before is to be written; None: here something new begins."""
        if self._text[self.at] in "*+?":
            self.at += 1
            return 1
        found = _COUNTED.match(self._text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return max(int(found[1]) + (found[2] != "" and found[3] == ""), int(found[3] or 0), 1)

    def _one(self) -> int:
        here = self._text[self.at]
        self.at += 1
        match here:
            case "(":
                opened = _OPENED.match(self._text, self.at)
                self.at = opened.end() if opened is not None else self.at
                inside = self.alternatives()
                self.at += 1
                return inside + 1
            case "[":
                return self._bracketed()
            case "\\":
                return self._escaped()
            case ".":
                return _ANY
            case _:
                return len(here.encode(errors="replace"))

    def _escaped(self) -> int:
        """One escape; the place is after its backslash."""
        letter = self._text[self.at : self.at + 1]
        self.at += 1
        if letter in ("p", "P", "x", "u", "U"):
            braced = _BRACED.match(self._text, self.at)
            self.at = braced.end() if braced is not None else self.at + (letter in ("p", "P"))
        return _CLASSES.get(letter, 4)

    def _bracketed(self) -> int:
        """A class; the place is after its bracket."""
        cost = _NEGATED if self._text[self.at : self.at + 1] == "^" else 1
        begun = self.at
        while self.at < len(self._text):
            here = self._text[self.at]
            self.at += 1
            if here == "]" and self.at > begun + 1:
                break
            if here == "\\":
                cost += self._escaped()
            elif here == "[":
                cost += self._bracketed()
            else:
                cost += len(here.encode(errors="replace"))
        return cost

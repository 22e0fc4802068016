"""What texts for people are made of: one language's catalog, and words from outside as one harmless line."""

from __future__ import annotations

import unicodedata
from typing import Protocol

#: A title has to fit a lock screen. In characters.
TITLE_LENGTH = 140

#: Joiners stand inside words of some scripts; other invisible characters can only mislead.
_JOINERS = ("\u200c", "\u200d")


class Texts(Protocol):
    """One language's texts."""

    def text(self, message_id: str, **values: object) -> str:
        """The text of an id with its blanks filled in; `count` among the values chooses the plural.

        An id that the language does not have comes back as it is.
        """
        ...


def one_line(text: str, most: int) -> str:
    """A text as one harmless line of at most `most` characters: no breaks, no controls, no reversed writing."""
    visible = text[: 4 * most]
    # Most texts are plain, and every page is made of many: where nobody can be misled, letters are not looked at.
    if not (visible.isascii() and visible.isprintable()):
        visible = "".join(map(_visible, visible))
    line = " ".join(visible.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _visible(character: str) -> str:
    match unicodedata.category(character):
        case "Cf":
            return character if character in _JOINERS else ""
        case "Cc" | "Cs" | "Zl" | "Zp":
            return " "
        case _:
            return character

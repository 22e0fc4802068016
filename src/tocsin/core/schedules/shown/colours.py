"""A look for each person: eight colours that colour-blind people can tell apart, then the same ones with a pattern.

The hues come in the order of the band on the web. Their lightness differs on purpose: with protanopia, deuteranopia or
tritanopia every two of them stay further apart than the closest two of Okabe and Ito's eight. Names stand in the blocks
all the same: colour is never the only thing that tells people apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle

from tocsin.core.vocabulary import PersonName

_DARK_INK, _LIGHT_INK = "#111318", "#ffffff"


class Pattern(StrEnum):
    """What lies over a colour, in the order in which more people need it."""

    PLAIN = "plain"
    STRIPES = "stripes"
    DOTS = "dots"
    BARS = "bars"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a person's blocks are filled."""

    fill: str
    #: For what is written on it; its contrast with `fill` is AA.
    ink: str
    pattern: Pattern = Pattern.PLAIN

    @property
    def is_dark(self) -> bool:
        """True when it carries light ink."""
        return self.ink == _LIGHT_INK


#: Blue, orange, green, pink, sky, violet, yellow, red.
PALETTE = (
    ("#0068a7", _LIGHT_INK),
    ("#ffa55b", _DARK_INK),
    ("#3e9f6b", _DARK_INK),
    ("#ca77b5", _DARK_INK),
    ("#63c7e1", _DARK_INK),
    ("#3d2e8d", _LIGHT_INK),
    ("#e7e56f", _DARK_INK),
    ("#b2392b", _LIGHT_INK),
)

_LOOKS = tuple(Look(fill=fill, ink=ink, pattern=pattern) for pattern in Pattern for fill, ink in PALETTE)


def looks(people: Iterable[PersonName]) -> dict[PersonName, Look]:
    """A look for each of them, by name; the first thirty-two are all different."""
    return dict(zip(sorted(set(people)), cycle(_LOOKS), strict=False))

"""Public holidays of countries and their parts: the only file that knows the library behind them.

Importing the library costs about 13 ms on top of what the command line imports anyway; it reads the rules of the
countries (about 80 ms) at the first question, so that who asks for no holidays does not pay for them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays

from tocsin.configuration.mistakes import nearest, quoted
from tocsin.core.errors import Refused
from tocsin.core.schedules import Region

#: For hints.
EXAMPLE = "a country, or a part of one: like DE, DE-BY, CN"

#: Names of holidays in English where the library has them, else as they are called in their country. Said outright, for
#: otherwise the library looks at the machine's own language.
_LANGUAGE = "en_US"


def region(text: str) -> Region:
    """A country by its ISO 3166-1 code, or a part of one by its ISO 3166-2 code; other codes of the same are read too.

    Raises:
        Refused: nobody knows the holidays of this region.
    """
    country, dash, part = text.partition("-")
    parts = _countries().get(country)
    if parts is None:
        raise _unknown(text, nearest(country, holidays.list_supported_countries(include_aliases=False)))
    code = str(getattr(holidays, country).country)
    if not dash:
        return Region(code)
    if part not in parts:
        near = nearest(part, parts)
        raise _unknown(text, f"{code}-{parts[near]}" if near else code)
    return Region(f"{code}-{parts[part]}")


@cache
def public_holidays(where: Region, year: int) -> Mapping[date, str]:
    """The public holidays of a region in a year, with their names; days in lieu of one among them.

    A region that nobody knows has none, and a year for which there are no rules has none either.
    """
    country, _, part = where.partition("-")
    if country not in _countries():
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns where a moving feast is not known so far ahead
        try:
            found = holidays.country_holidays(
                country, subdiv=part or None, years=year, language=_LANGUAGE, categories=holidays.PUBLIC
            )
        except NotImplementedError:  # no such part of the country
            return {}
    return dict(sorted(found.items()))


@cache
def _countries() -> Mapping[str, Mapping[str, str]]:
    """By every code of a country, the codes of its parts by every name they have."""
    return {
        code: {part: part for part in parts} | dict(getattr(holidays, code).subdivisions_aliases)
        for code, parts in holidays.list_supported_countries().items()
    }


def _unknown(text: str, near: str | None) -> Refused:
    hint = f"did you mean {near!r}?" if near else EXAMPLE
    return Refused(f"no public holidays are known of {quoted(text)}", hint=hint)

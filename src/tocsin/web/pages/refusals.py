"""Why something was not done, in the reader's language and beside the field that is wrong.

The core says no in English, as programs and the command line read it. What a person at a page can run into is said
here in their own words; what nobody foresaw stays as the core says it, for that is better than to be silent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from tocsin.core.errors import Refused, TooMany
from tocsin.core.people import SHORTEST_PASSWORD, Weakness
from tocsin.web.pages.reader import Reader
from tocsin.web.problems import status_of

#: What the core calls a field, where a page calls it otherwise.
_FIELDS = {"people": "who", "expires_at": "to"}

#: By the id of the text that a page has for it, how the core says it. Names in it are told in full.
SAID: Mapping[str, str] = MappingProxyType(
    {
        "wrong.backwards": r"it ends before it starts",
        "wrong.over": r"that time is over",
        "wrong.too_far": r"that is too far ahead",
        "wrong.too_long": r"that is too long, or too far ahead",
        "wrong.unknown_person": r"there is nobody named '(?P<person>.+)'",
        "wrong.themself": r"(?P<person>.+) cannot stand in for themself",
        "wrong.only_oneself": r"you can put yourself on call; others are for a manager",
        "wrong.stranger": r"you are neither of the team nor in the schedule",
        "wrong.not_a_person": r"only a person can do this",
        "wrong.not_yours": r"only (?P<person>.+) or a manager changes this (?:absence|shift|offer)",
        "wrong.not_your_override": r"only its maker or a manager ends an override",
        "wrong.not_on_call_then": r"(?P<person>.+) is not on call for (?P<schedule>.+) all of that time",
        "wrong.not_on_call_in_return": (
            r"(?P<person>.+) is not on call for (?P<schedule>.+) all of the time asked for in return"
        ),
        "wrong.cannot_take": r"'(?P<person>.+)' cannot take it",
        "wrong.nobody_else": r"there is nobody else in the team or in the schedule",
        "wrong.offer_end": r"the offer ends in the past, or after its shift",
        "wrong.offer_taken": r"this offer is taken|all of it was taken",
        "wrong.offer_withdrawn": r"this offer is withdrawn",
        "wrong.offer_expired": r"this offer is expired",
        "wrong.not_offered_to_you": r"this shift was not offered to you",
        "wrong.part_gone": r"that part is not left",
        "wrong.exchange_whole": r"an exchange is taken as a whole",
        "wrong.exchange_one": r"an exchange is offered to one person",
        "wrong.exchange_overlap": r"the two stretches of an exchange overlap",
        "wrong.no_longer_on_call": r"(?P<person>.+) is not on call then any more",
        "wrong.on_call_already": r"(?P<person>.+) is on call then already",
        "wrong.unreachable": r"(?P<person>.+) cannot be reached",
        "wrong.away": r"(?P<person>.+) is away then",
        "wrong.token_name": r"'.*' is no name for a token",
        "wrong.token_taken": r"there is a token '.*' already",
        "wrong.token_role": r"the role .+ may more than yours, .+",
        "wrong.token_scope": r"a token for nothing is of no use",
        "wrong.note_length": r"a note has between 1 and (?P<count>[\d,]+) characters",
    }
)
_WEAK: Mapping[Weakness, str] = MappingProxyType(
    {
        Weakness.SHORT: "weak.short",
        Weakness.LONG: "weak.long",
        Weakness.KNOWN: "weak.known",
        Weakness.RUN: "weak.run",
        Weakness.COMMON: "weak.common",
    }
)
#: Beside which field a text stands, where the core means another one by the same word.
_BESIDE = {"wrong.cannot_take": "to_whom", "wrong.nobody_else": "to_whom", "wrong.exchange_one": "to_whom"}
_PATTERNS = tuple((text_id, re.compile(pattern)) for text_id, pattern in SAID.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong with a form that somebody has sent."""

    #: Which of the page's forms.
    form: str
    #: None: the form as a whole.
    field: str | None
    text: str
    #: Under which the page is answered.
    status: int


def wrong(refused: Refused, reader: Reader, *, form: str) -> Wrong:
    """A refusal as the page shows it."""
    text_id, text = _told(refused, reader)
    field = _FIELDS.get(refused.field, refused.field) if refused.field is not None else None
    return Wrong(form=form, field=_BESIDE.get(text_id, field), text=text, status=status_of(refused))


def hasty(refused: TooMany, reader: Reader, *, form: str) -> Wrong:
    """That somebody has to wait, and until when."""
    wait = timedelta(seconds=math.ceil(refused.retry_seconds))
    text = reader.t("wrong.hasty", span=reader.span(wait), at=reader.seconds(reader.now + wait))
    return Wrong(form=form, field=None, text=text, status=status_of(refused))


def weak(why: Weakness, reader: Reader) -> Wrong:
    """Why a password is too weak, beside its field."""
    return Wrong(form="password", field="password", text=reader.t(_WEAK[why], count=SHORTEST_PASSWORD), status=422)


def _told(refused: Refused, reader: Reader) -> tuple[str, str]:
    """The id of a text, empty when the page has none for it, and the text."""
    for text_id, pattern in _PATTERNS:
        if found := pattern.fullmatch(refused.detail):
            values = found.groupdict()
            if "person" in values:
                values["person"] = reader.name(values["person"])
            return text_id, reader.t(text_id, **values)
    hint = f"{reader.t('sentence.end')} {refused.hint}" if refused.hint else ""
    return "", refused.detail + hint

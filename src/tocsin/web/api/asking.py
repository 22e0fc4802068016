"""The bodies that wishes to change the rota have in common."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, Field

from tocsin.core.errors import Refused
from tocsin.core.vocabulary import Instant, Span
from tocsin.web.api.access import Text
from tocsin.web.api.actions import Strict
from tocsin.web.api.instants import Asked, Written

#: A year: nobody plans further ahead by hand.
LONGEST_MINUTES = 527_040


class SpanBody(Strict):
    """When: a beginning, and one of `to` and `minutes`."""

    begins: Asked | None = Field(default=None, alias="from", description="Left out: now.")
    ends: Asked | None = Field(default=None, alias="to")
    minutes: int | None = Field(default=None, gt=0, le=LONGEST_MINUTES, description="Instead of `to`.", examples=[120])


class SpanShape(BaseModel):
    """A stretch of time: `from` belongs to it, `to` does not."""

    begins: Written = Field(serialization_alias="from")
    ends: Written = Field(serialization_alias="to")


class NotedBody(SpanBody):
    """When, and a word about it."""

    note: Text = Field(default="", max_length=2_000, examples=["dentist"])


def span_of(body: SpanBody, now: Instant) -> Span:
    """The span that is wished for.

    Raises:
        Refused: its end is said twice or not at all, or lies after the calendar's.
    """
    if (body.ends is None) == (body.minutes is None):
        raise Refused("it needs its end or its length", field="to", hint="give one of `to`, `minutes`")
    begins = body.begins or now
    if body.ends is not None:
        return Span(begins, body.ends)
    try:
        return Span(begins, begins + timedelta(minutes=body.minutes or 0))
    except OverflowError:
        raise Refused("that is too far ahead", field="from", hint="a time within the next year") from None

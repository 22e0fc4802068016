"""Silences made at run time: what is kept from ringing, until when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Protocol, cast

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from tocsin.core.alerts.quiet import NOTATION, Matcher, Silence, matcher_of
from tocsin.core.errors import Refused
from tocsin.core.routing.cost import HINT, cost_of, too_costly
from tocsin.core.vocabulary import Instant, Span
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Silencing, Text, problems
from tocsin.web.api.actions import Strict
from tocsin.web.api.instants import Asked, Written
from tocsin.web.api.shapes import NextCursor

#: A silence for longer is a decision that belongs into the configuration.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceWish:
    """A silence that somebody wants."""

    #: None: whoever keeps it finds a name that is free.
    name: str | None
    matchers: tuple[Matcher, ...]
    span: Span
    comment: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSilence:
    """A silence as it is kept."""

    silence: Silence
    #: Empty when nobody said why.
    comment: str = ""
    #: Who made it; None: it stands in the configuration files.
    by: str | None = None


class SilenceKeeper(Protocol):
    """Keeps silences, and sees to it that open alerts are looked at again."""

    async def list(self) -> tuple[KeptSilence, ...]:
        """Those that are in force or will be, in order of their end."""
        ...

    async def add(self, wish: SilenceWish) -> KeptSilence:
        """Make one. The same wish by the same name is the same silence.

        Raises:
            Refused: another silence has the name.
        """
        ...

    async def end(self, name: str, *, by: str) -> None:
        """End one now.

        Raises:
            NotFound: there is none of this name, or it is over.
        """
        ...


class SilenceBody(Strict):
    """Which alerts, and how long: one of `minutes` and `until`."""

    name: Text | None = Field(default=None, min_length=1, max_length=100, examples=["deploy"])
    match: Annotated[
        list[Annotated[Text, Field(max_length=1_000)]],
        Field(min_length=1, max_length=20, description=f"All must match: {NOTATION}.", examples=[["host=db-1"]]),
    ]
    minutes: int | None = Field(default=None, gt=0, le=527_040, description="At most 366 days.", examples=[60])
    until: Asked | None = Field(default=None, description="Or an instant.")
    comment: Text = Field(default="", max_length=2_000, examples=["rolling restart"])


class SilenceShape(BaseModel):
    """Alerts whose labels match all matchers do not ring within the span."""

    name: str = Field(examples=["deploy"])
    match: list[str] = Field(examples=[["host=db-1"]])
    starts_at: Written
    ends_at: Written
    comment: str = Field(examples=["rolling restart"])
    by: str | None = Field(description="Null: it stands in the configuration files.", examples=["ada"])


class SilenceList(BaseModel):
    """Silences in force or to come, in order of their end."""

    items: list[SilenceShape]
    next_cursor: NextCursor


async def keeper_of(request: Request) -> SilenceKeeper:
    """Whoever keeps the silences of this server."""
    return cast(SilenceKeeper, request.app.state.silences)


Keeper = Annotated[SilenceKeeper, Depends(keeper_of)]

router = APIRouter(tags=["silences"], dependencies=BY_TOKEN_OR_SESSION)


@router.get("/silences", summary="List silences", responses=problems())
async def list_silences(keeper: Keeper, viewer: Looking) -> SilenceList:
    """Silences in force or to come."""
    return SilenceList(items=[_shape(kept) for kept in await keeper.list()], next_cursor=None)


@router.post("/silences", status_code=201, summary="Silence alerts", responses=problems(403))
async def add_silence(body: SilenceBody, keeper: Keeper, here: Here, caller: Silencing) -> SilenceShape:
    """Keep alerts with these labels from ringing. Open ones fall silent, and ring again afterwards if still open."""
    span = _span(body, await here.counter.reads.now())
    matchers = tuple(_matcher(text, number) for number, text in enumerate(body.match))
    wish = SilenceWish(name=body.name, matchers=matchers, span=span, comment=body.comment.strip(), by=caller.name)
    return _shape(await keeper.add(wish))


@router.delete("/silences/{name}", status_code=204, summary="End a silence", responses=problems(403, 404))
async def end_silence(
    name: Annotated[Text, Path(description="The silence's name.")], keeper: Keeper, caller: Silencing
) -> Response:
    """What it kept quiet and is still open rings now."""
    await keeper.end(name, by=caller.name)
    return Response(status_code=204)


def _span(body: SilenceBody, now: Instant) -> Span:
    if (body.minutes is None) == (body.until is None):
        raise Refused("a silence needs its length or its end", field="until", hint="give one of `minutes`, `until`")
    end = body.until or now + timedelta(minutes=body.minutes or 0)
    if not now < end <= now + LONGEST:
        raise Refused("the end of a silence lies in the future, at most 366 days away", field="until")
    return Span(now, end)


def _matcher(text: str, number: int) -> Matcher:
    field = f"match[{number}]"
    try:
        made = matcher_of(text)
    except Refused as refusal:
        raise Refused(refusal.detail, field=field, hint=refusal.hint) from None
    why = too_costly(cost_of(made.value)) if made.has_pattern else None
    if why is not None:
        raise Refused(f"the pattern is too large: {why}", field=field, hint=HINT)
    return made


def _shape(kept: KeptSilence) -> SilenceShape:
    silence = kept.silence
    return SilenceShape(
        name=silence.name,
        match=[f"{one.label}{one.comparison.value}{one.value}" for one in silence.matchers],
        starts_at=silence.span.start,
        ends_at=silence.span.end,
        comment=kept.comment,
        by=kept.by,
    )

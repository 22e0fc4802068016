"""What follows the rota: how each sync stands, what it did, and an attempt at once."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from tocsin.core.syncs import Entry, Missed, SyncName, Unmatched, Verdict
from tocsin.engine.sync_occasions import Attempted, Standing
from tocsin.engine.syncing import Syncing
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Acting, Here, Looking, Text, problems
from tocsin.web.api.instants import Written
from tocsin.web.api.privacy import may_see_addresses, veiled
from tocsin.web.api.shapes import NextCursor

#: Lines of a log in one answer.
MOST_LINES = 200

_MEMBERS = "Names where Tocsin knows them, else what the other side calls them."


class UnmatchedShape(BaseModel):
    """Somebody who is wanted and cannot be put there."""

    person: str = Field(examples=["ada"])
    why: str = Field(examples=["no email address is written down for them"])


class MissedShape(UnmatchedShape):
    """The same, and since when."""

    since: Written


class SyncShape(BaseModel):
    """How a sync stands."""

    name: str = Field(examples=["data-oncall"])
    kind: str = Field(description="By which plug-in.", examples=["webhook"])
    target: str = Field(description="What it keeps, in short.", examples=["https://tools.example.org/…"])
    schedules: list[str] = Field(examples=[["data-primary"]])
    wanted: list[str] = Field(description="Who is to be there now; empty: it stays as it is.", examples=[["ada"]])
    reason: str | None = Field(description="Why nobody is on call; null: somebody is.", examples=[None])
    until: Written | None = Field(description="When who is on call changes; null: not within a year.")
    verdict: Verdict | None = Field(description="What the last attempt meant; null: it was never tried.")
    text: str = Field(description="The same in words; empty when all is well.", examples=[""])
    applied: list[str] | None = Field(description="Whom the last attempt put there; null: never yet.")
    applied_at: Written | None
    members: list[str] = Field(description=f"Who was there after the last attempt. {_MEMBERS}", examples=[["ada"]])
    missed: list[MissedShape]
    tried_at: Written | None
    next_at: Written | None = Field(description="When it is looked at again, at the latest.")
    failing_since: Written | None = Field(description="Null: the last attempt did not fail.")
    failures: int = Field(description="In a row.", examples=[0])


class SyncList(BaseModel):
    """All syncs, by name."""

    items: list[SyncShape]
    next_cursor: NextCursor


class SyncLineShape(BaseModel):
    """Something that a sync did."""

    at: Written
    verdict: Verdict
    before: list[str] = Field(description=_MEMBERS, examples=[["grace"]])
    after: list[str] = Field(description=_MEMBERS, examples=[["ada"]])
    text: str = Field(examples=["last changed by U0G9QF9C6"])
    unmatched: list[UnmatchedShape]


class SyncLog(BaseModel):
    """What a sync did, newest first."""

    items: list[SyncLineShape]
    next_cursor: NextCursor


class AttemptShape(BaseModel):
    """An attempt; of a dry run, what it would have been."""

    sync: str = Field(examples=["data-oncall"])
    dry_run: bool
    verdict: Verdict
    before: list[str] = Field(description=_MEMBERS, examples=[["grace"]])
    after: list[str] = Field(description=_MEMBERS, examples=[["ada"]])
    text: str = Field(description="Empty when all is well.", examples=[""])
    unmatched: list[UnmatchedShape]


async def syncing_of(here: Here) -> Syncing:
    """Whoever keeps the syncs of this server; without one these addresses are not there."""
    return cast(Syncing, here.syncs)


Keeper = Annotated[Syncing, Depends(syncing_of)]
SyncPath = Annotated[Text, Path(description="The sync's name.")]

router = APIRouter(tags=["syncs"], dependencies=BY_TOKEN_OR_SESSION)


@router.get("/syncs", summary="List syncs", responses=problems())
async def list_syncs(keeper: Keeper, viewer: Looking) -> SyncList:
    """How every sync stands."""
    veils = not may_see_addresses(viewer)
    found = await keeper.standings()
    return SyncList(items=[_shape(one, keeper.shown(one.sync), veils=veils) for one in found], next_cursor=None)


@router.get("/syncs/{name}/log", summary="What a sync did", responses=problems(404))
async def read_sync_log(
    keeper: Keeper,
    viewer: Looking,
    name: SyncPath,
    limit: Annotated[int, Query(ge=1, le=MOST_LINES, description="The newest so many lines.")] = 50,
) -> SyncLog:
    """Its changes, repairs and failures, newest first."""
    veils = not may_see_addresses(viewer)
    lines = await keeper.log(SyncName(name), limit=limit)
    return SyncLog(items=[_line_shape(line, veils=veils) for line in lines], next_cursor=None)


@router.post("/syncs/{name}/apply", summary="Attempt a sync now", responses=problems(403, 404))
async def apply_sync(
    keeper: Keeper,
    caller: Acting,
    name: SyncPath,
    dry_run: Annotated[bool, Query(description="Only look, and say what would be done.")] = False,
) -> AttemptShape:
    """Have it as the schedules say, whether it is due or not. A failure is an answer, with the verdict `failed`."""
    return _attempt_shape(await keeper.attempt(SyncName(name), dry=dry_run), dry=dry_run)


def _shape(standing: Standing, target: str, *, veils: bool) -> SyncShape:
    sync, known = standing.sync, standing.known
    return SyncShape(
        name=sync.name,
        kind=sync.kind,
        target=target,
        schedules=list(sync.schedules),
        wanted=list(standing.wanted.names),
        reason=standing.wanted.reason,
        until=standing.wanted.until,
        verdict=known.verdict if known else None,
        text=_said(known.text if known else "", veils=veils),
        applied=list(known.applied) if known and known.applied is not None else None,
        applied_at=known.applied_at if known else None,
        members=list(known.members) if known else [],
        missed=[_missed_shape(one) for one in known.missed] if known else [],
        tried_at=known.tried_at if known else None,
        next_at=known.next_at if known else None,
        failing_since=known.failing_since if known else None,
        failures=known.failures if known else 0,
    )


def _missed_shape(missed: Missed) -> MissedShape:
    return MissedShape(person=missed.person, why=missed.why, since=missed.since)


def _line_shape(line: Entry, *, veils: bool) -> SyncLineShape:
    return SyncLineShape(
        at=line.at,
        verdict=line.verdict,
        before=list(line.before),
        after=list(line.after),
        text=_said(line.text, veils=veils),
        unmatched=_unmatched_shapes(line.unmatched),
    )


def _attempt_shape(attempted: Attempted, *, dry: bool) -> AttemptShape:
    before, after = attempted.members
    return AttemptShape(
        sync=attempted.sync.name,
        dry_run=dry,
        verdict=attempted.judged.state.verdict,
        before=list(before),
        after=list(after),
        text=attempted.judged.state.text,
        unmatched=_unmatched_shapes(attempted.followed.unmatched),
    )


def _unmatched_shapes(unmatched: tuple[Unmatched, ...]) -> list[UnmatchedShape]:
    return [UnmatchedShape(person=one.person, why=one.why) for one in unmatched]


def _said(text: str, *, veils: bool) -> str:
    return veiled(text) if veils else text

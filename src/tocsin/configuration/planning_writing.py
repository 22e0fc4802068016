"""A proposal -> schedules as files have them, which people read, change and apply.

Each post becomes a schedule with one layer, whose rotation names whoever has each turn, one after the other. After its
last turn the list begins again, so that a plan that nobody renews leaves no gap. A schedule that exists already stays
as it is until the plan begins: the layer is then a planned change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.configuration import notation
from tocsin.configuration.documents import KIND, document, written
from tocsin.configuration.planning_building import Becoming, Wanted
from tocsin.configuration.writing import SINGLE, export
from tocsin.core.planning import Assignment
from tocsin.core.schedules import Part
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import Instant, ScheduleName
from tocsin.ports.state import Document

#: What the layer is called; it is the source of its shifts.
LAYER = "proposed"

_SCHEDULE = KIND["schedule"]


def schedules(
    wanted: Wanted, assignment: Assignment, existing: Mapping[ScheduleName, Document]
) -> tuple[Document, ...]:
    """One schedule for each post. `existing`: those that there are already, of which others are left alone."""
    return tuple(
        document(_SCHEDULE, _changed(wanted, assignment, post, existing.get(post.schedule)), origin="file")
        for post in wanted.posts
    )


def text(documents: tuple[Document, ...], *, told: str) -> str:
    """The schedules as a file, with a comment of one or more lines at its top.

    Raises:
        Broken: a schedule that exists cannot be read.
    """
    comment = "".join(f"# {line}\n" for line in told.splitlines())
    return comment + export(documents, single=True)[SINGLE]


def _changed(wanted: Wanted, assignment: Assignment, post: Becoming, existing: Document | None) -> dict[str, Any]:
    layer = _layer(wanted, assignment, post)
    if existing is None:
        return _new(wanted, post, layer)
    body: dict[str, Any] = dict(written(existing))
    zone, cadence = notation.zone(str(body["time_zone"])), wanted.cadence
    begins = instant_of(cadence.begins, cadence.time_zone)
    if zone != cadence.time_zone:
        layer["time_zone"] = cadence.time_zone.key
    before = [change for change in body.get("changes", ()) if _instant(change["from"], zone) < begins]
    body["changes"] = [*before, {"from": notation.moment_text(begins), "layers": [layer]}]
    return body


def _new(wanted: Wanted, post: Becoming, layer: dict[str, Any]) -> dict[str, Any]:
    others = [other.schedule for other in wanted.posts[: wanted.posts.index(post)]]
    body: dict[str, Any] = {"name": post.schedule, "time_zone": wanted.cadence.time_zone.key, "layers": [layer]}
    if wanted.team is not None:
        body["team"] = wanted.team
    if post.part is not Part.PRIMARY:
        body["part"] = post.part.value
    if others:
        body["apart_from"] = others  # so it stays when somebody is away whose turn the next one takes
    return body


def _layer(wanted: Wanted, assignment: Assignment, post: Becoming) -> dict[str, Any]:
    begun = {duty.span.start: assignment[duty.id] for duty in wanted.problem.duties if duty.role == post.role}
    zone = wanted.cadence.time_zone
    people = [
        begun.get(instant_of(begins, zone), notation.NOBODY) if turn.is_served else notation.NOBODY
        for begins, turn in wanted.cadence.starts()
    ]
    rotation: dict[str, Any] = {"from": notation.moment_text(wanted.cadence.begins), "people": people}
    if wanted.change_at is not None:
        rotation["change_at"] = list(wanted.change_at)
    else:
        rotation["every"] = wanted.every if isinstance(wanted.every, str) else list(wanted.every or ())
    return {"name": LAYER, "rotation": rotation}


def _instant(text: str, zone: ZoneInfo) -> Instant:
    at = notation.moment(text)
    return at if at.tzinfo is not None else instant_of(at, zone)

"""Putting somebody on call by hand: who may be chosen, what was chosen, and the overrides that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.overriding import OverrideWish
from tocsin.core.people import Permission
from tocsin.core.schedules import Override
from tocsin.core.vocabulary import PersonName, ScheduleName, Span
from tocsin.web.context import Context
from tocsin.web.pages.moments import ended, typed
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.stints import stint
from tocsin.web.sessions import Viewer

#: What the form sends for nobody, on purpose.
NOBODY = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Whom the viewer may put on call."""

    #: True: anybody, or nobody; False: themself alone.
    anybody: bool
    #: Of the team and the schedule, and then everybody else; by name.
    near: tuple[PersonName, ...]
    far: tuple[PersonName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOverride:
    """An override that is in force or to come."""

    override: Override
    #: None: it stands in the configuration.
    made_by: str | None
    present: bool
    may_end: bool


def choice(directory: Directory, name: ScheduleName, viewer: Viewer) -> Choice | None:
    """Whom the viewer may put on call. None: nobody, not even themself."""
    schedule = directory.schedules[name]
    members = directory.members(schedule.team) if schedule.team is not None else None
    near = tuple(sorted({one for one in (*(members or ()), *schedule.people) if one in directory.people}))
    person = viewer.person.name if viewer.person is not None else None
    anybody = viewer.may(Permission.ARRANGE, team=schedule.team)
    if not viewer.may_act or not (anybody or person in near):
        return None
    far = tuple(sorted(one for one in directory.people if one not in near))
    return Choice(anybody=anybody, near=near, far=far)


async def overrides_of(context: Context, name: ScheduleName, viewer: Viewer, reader: Reader) -> list[SeenOverride]:
    """Those in force or to come, also those that stand in the schedule itself, in order of their beginning."""
    schedule = context.counter.directory.schedules[name]
    anybody = viewer.may(Permission.ARRANGE, team=schedule.team)
    found = [
        SeenOverride(
            override=kept.override,
            made_by=kept.made_by,
            present=reader.now in kept.override.span,
            may_end=kept.made_by is not None and viewer.may_act and (anybody or kept.made_by == viewer.name),
        )
        for kept in await context.exchange.overrides(name)
    ]
    found += [
        SeenOverride(override=one, made_by=None, present=reader.now in one.span, may_end=False)
        for one in schedule.overrides
        if not one.name and one.span.end > reader.now
    ]
    return sorted(found, key=lambda one: one.override.span)


def wish_of(form: Mapping[str, str], name: ScheduleName, directory: Directory, reader: Reader) -> OverrideWish:
    """What somebody has chosen.

    Raises:
        Refused: nobody was chosen, or a time is none.
    """
    who, instead_of = form.get("who", ""), form.get("instead_of", "")
    if not who:
        raise Refused(reader.t("wrong.nobody_chosen"), field="who")
    people = () if who == NOBODY else tuple(dict.fromkeys(one for one in (who, form.get("also", "")) if one))
    begins = max(typed(form["from"], reader, field="from"), reader.now) if form.get("from") else reader.now
    shift_ends = stint(directory.rota, name, begins).until
    ends = ended(form, begins, shift_ends, reader)
    return OverrideWish(
        schedule=name,
        people=tuple(map(PersonName, people)),
        span=Span(begins, ends),
        instead_of=PersonName(instead_of) if instead_of else None,
        note=form.get("note", "").strip(),
    )

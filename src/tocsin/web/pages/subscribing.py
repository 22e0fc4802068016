"""The secret addresses of calendars: shown to those who may know them, and made anew when one has gone astray."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.errors import Forbidden, NotFound
from tocsin.ports.calendars import Publication, PublicationKind
from tocsin.web.context import Context
from tocsin.web.sessions import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A calendar that the viewer may subscribe to."""

    url: str
    may_reset: bool


async def of_schedule(context: Context, name: str, viewer: Viewer) -> Subscription | None:
    """A schedule's calendar, for those who may act. None: there is none for this viewer."""
    if context.calendars is None or not viewer.may_act:
        return None
    url = await context.calendars.url(Publication(kind=PublicationKind.SCHEDULE, name=name))
    return Subscription(url=url, may_reset=viewer.manages)


async def of_viewer(context: Context, viewer: Viewer) -> Subscription | None:
    """The calendar of the viewer's own shifts. None: they are no person, or there are no calendars here."""
    if context.calendars is None or viewer.person is None:
        return None
    url = await context.calendars.url(Publication(kind=PublicationKind.PERSON, name=viewer.person.name))
    return Subscription(url=url, may_reset=viewer.may_act)


async def reset_schedule(context: Context, name: str, viewer: Viewer) -> None:
    """Another address for a schedule's calendar.

    Raises:
        Forbidden: the viewer does not manage.
        NotFound: there is no such schedule, or there are no calendars here.
    """
    if not viewer.manages:
        detail = "a manager or an administrator can reset the calendar of a schedule"
        raise Forbidden(detail, known=True, hint="ask one of them")
    await _reset(context, Publication(kind=PublicationKind.SCHEDULE, name=name))


async def reset_own(context: Context, viewer: Viewer) -> None:
    """Another address for the viewer's own calendar.

    Raises:
        NotFound: the viewer is no person, or there are no calendars here.
    """
    if viewer.person is None:
        raise NotFound("only a person has shifts of their own")
    await _reset(context, Publication(kind=PublicationKind.PERSON, name=viewer.person.name))


async def _reset(context: Context, publication: Publication) -> None:
    if context.calendars is None:
        raise NotFound("there are no calendars here")
    await context.calendars.reset(publication)

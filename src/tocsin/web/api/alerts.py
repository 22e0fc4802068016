"""Looking at alerts: the list, one of them, and its story."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated

from fastapi import APIRouter, Query

from tocsin.core.alerts.model import Status
from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.vocabulary import AlertId, ServiceName, TeamName
from tocsin.engine.commands import services_of_team
from tocsin.ports.state import AlertQuery
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, AlertPath, Here, Looking, Text, problems
from tocsin.web.api.facts import timeline
from tocsin.web.api.privacy import may_see_addresses
from tocsin.web.api.shapes import AlertList, AlertShape, Timeline, alert_shape

#: The longest part of a list that is given at once.
MOST_AT_ONCE = 500

router = APIRouter(tags=["alerts"], dependencies=BY_TOKEN_OR_SESSION)


@router.get("/alerts", summary="List alerts", responses=problems())
async def list_alerts(
    here: Here,
    viewer: Looking,
    status: Annotated[
        list[str] | None, Query(description=f"One or several, repeated or with commas: {', '.join(Status)}.")
    ] = None,
    service: Annotated[Text | None, Query(description="Only of this service.")] = None,
    team: Annotated[Text | None, Query(description="Only of services that this team owns.")] = None,
    text: Annotated[Text, Query(description="Part of the summary; case does not matter.", max_length=500)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 50,
    cursor: Annotated[Text | None, Query(description="`next_cursor` of the part before.", max_length=500)] = None,
) -> AlertList:
    """A part of the list of alerts, newest first."""
    query = AlertQuery(
        statuses=_statuses(status or ()),
        services=_services(here.counter.directory, service, team),
        text=text.strip(),
        limit=limit,
        cursor=cursor or None,
    )
    found = await here.counter.reads.alerts(query)
    return AlertList(items=[alert_shape(record) for record in found.items], next_cursor=found.next_cursor)


@router.get("/alerts/{alert_id}", summary="Read one alert", responses=problems(404))
async def read_alert(alert_id: AlertPath, here: Here, viewer: Looking) -> AlertShape:
    """One alert with what is counted beside it."""
    return alert_shape(await here.counter.alert(alert_id))


@router.get("/alerts/{alert_id}/timeline", summary="Read an alert's story", responses=problems(404))
async def read_timeline(alert_id: AlertPath, here: Here, viewer: Looking) -> Timeline:
    """Everything that happened: to the alert, in the climb of its group, and with the pages sent for it.

    Those who look on see addresses in part.
    """
    record = await here.counter.alert(alert_id)
    story = await here.counter.reads.story(record.group_id)
    items = timeline(story, AlertId(alert_id), veils=not may_see_addresses(viewer))
    return Timeline(items=items, next_cursor=None)


def _statuses(words: Iterable[str]) -> tuple[Status, ...]:
    named = dict.fromkeys(word for text in words for word in text.split(",") if word)
    return tuple(_status(word) for word in named)


def _status(word: str) -> Status:
    try:
        return Status(word)
    except ValueError:
        raise _unknown("status", word, tuple(Status)) from None


def _services(directory: Directory, service: str | None, team: str | None) -> tuple[ServiceName, ...] | None:
    """The services whose alerts are asked for; None: of all, also of none.

    A service is not looked up: alerts outlive what is configured.
    """
    if not team:
        return (ServiceName(service),) if service else None
    if TeamName(team) not in directory.teams:
        raise _unknown("team", team, tuple(directory.teams))
    owned = services_of_team(directory, team)
    return tuple(name for name in owned if not service or name == service)


def _unknown(field: str, word: str, known: tuple[str, ...]) -> Refused:
    near = get_close_matches(word, known, n=1)
    hint = f"did you mean {str(near[0])!r}?" if near else f"known: {', '.join(known[:20])}"
    return Refused(f"there is no {field} {word!r}", field=field, hint=hint)

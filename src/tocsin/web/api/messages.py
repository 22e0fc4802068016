"""What a person was told besides pages: reminders, offers, changes of their shifts; and a message to try it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from tocsin.core.errors import Forbidden, NotFound, Refused
from tocsin.core.messages import Message
from tocsin.core.messages.wording import word
from tocsin.core.people import Person
from tocsin.core.vocabulary import PersonName, Urgency
from tocsin.engine.ids import new_id
from tocsin.ports.messages import MessageRecord
from tocsin.ports.words import Catalogs
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Serving, Text, problems
from tocsin.web.api.instants import Written
from tocsin.web.api.privacy import may_see_addresses, veiled_document
from tocsin.web.api.shapes import NextCursor
from tocsin.web.sessions import Viewer

#: A test that has not arrived by then says enough.
_TEST_LASTS = timedelta(hours=1)

router = APIRouter(tags=["messages"], dependencies=BY_TOKEN_OR_SESSION)


class MessageShape(BaseModel):
    """One message, and what became of it."""

    id: str
    kind: str = Field(description="reminder, swap_offered, shifts_moved, ...", examples=["reminder"])
    title: str = Field(description="In the person's language, with times on their clock.")
    text: str
    values: dict[str, str] = Field(
        description="What the texts speak of.", examples=[{"schedule": "data-primary", "start": "2026-01-05T09:00:00Z"}]
    )
    urgency: Urgency = Field(description="By which of the person's rules it goes.")
    path: str = Field(description="The page that it leads to.", examples=["/schedules"])
    status: str = Field(
        description="waiting, telling, told, failed, expired (it came too late) or withdrawn.", examples=["told"]
    )
    due_at: Written
    until: Written | None = Field(description="It is of no use from then on; null: it always is.")
    told_at: Written | None
    tried: list[dict[str, Any]] = Field(
        description="Each contact that was tried, in order, with the provider's answer; those who look on see less.",
        examples=[[{"contact": "mail", "channel": "email", "outcome": "reached"}]],
    )


class MessageList(BaseModel):
    """A person's messages, the latest due first."""

    items: list[MessageShape]
    next_cursor: NextCursor


class SentTest(BaseModel):
    """A test message that is on its way."""

    person: str = Field(examples=["ada"])
    kind: str = Field(examples=["test"])
    due_at: Written


async def person_of(name: Annotated[Text, Path(description="The person's name.")], here: Here) -> Person:
    """The person that the path names.

    Raises:
        NotFound: there is nobody of this name.
    """
    person = here.counter.directory.people.get(PersonName(name))
    if person is None:
        raise NotFound(f"there is no person {name!r}", field="name")
    return person


Whose = Annotated[Person, Depends(person_of)]


@router.get("/people/{name}/messages", summary="What a person was told", responses=problems(403, 404))
async def list_messages(
    viewer: Looking, whose: Whose, here: Here, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> MessageList:
    """One's own messages, or as a manager anybody's: what is to be told, what was, and how it went."""
    _refuse_strangers(viewer, whose)
    records = await here.counter.messages.messages_to(whose.name, limit=limit)
    veils = not may_see_addresses(viewer)
    items = [_shape(record, whose, here.catalogs, veils=veils) for record in records]
    return MessageList(items=items, next_cursor=None)


@router.post(
    "/people/{name}/messages/test", status_code=202, summary="Send a test message", responses=problems(403, 404)
)
async def send_test(caller: Serving, whose: Whose, here: Here) -> SentTest:
    """A message that says that it is one, by the person's own rules. Each call sends another."""
    _refuse_strangers(caller, whose)
    if not whose.contacts:
        raise Refused(f"{whose.name!r} has no contact", field="name", hint="a user needs one in the configuration")
    now = await here.counter.reads.now()
    message = Message(
        key=f"test/{whose.name}/{new_id()}",
        person=whose.name,
        kind="test",
        values={"by": caller.name},
        due_at=now,
        until=now + _TEST_LASTS,
        path="/",
    )
    await here.counter.messages.put_messages([message])
    return SentTest(person=whose.name, kind=message.kind, due_at=now)


def _refuse_strangers(viewer: Viewer, whose: Person) -> None:
    """Raises Forbidden for those whom another person's messages are none of their business."""
    own = viewer.person is not None and viewer.person.name == whose.name
    if not own and not viewer.manages:
        hint = "ask a manager, or an administrator for the role of one"
        raise Forbidden("these messages are somebody else's", known=True, field="name", hint=hint)


def _shape(record: MessageRecord, whose: Person, catalogs: Catalogs, *, veils: bool) -> MessageShape:
    message = record.message
    wording = word(message, texts=catalogs.of(whose.language), zone=whose.time_zone)
    return MessageShape(
        id=record.id,
        kind=message.kind,
        title=wording.title,
        text=wording.text,
        values=dict(message.values),
        urgency=message.urgency,
        path=message.path,
        status=record.status,
        due_at=message.due_at,
        until=message.until,
        told_at=record.told_at,
        tried=[_tried(one, veils=veils) for one in map(dict, record.tried)],
    )


def _tried(one: dict[str, Any], *, veils: bool) -> dict[str, Any]:
    """One try; with a veil the address in part, and without the provider's answer."""
    if not veils:
        return one
    return cast(dict[str, Any], veiled_document({name: value for name, value in one.items() if name != "answer"}))

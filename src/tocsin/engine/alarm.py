"""Tells administrators that the promises are in danger, by another way than that of pages.

No loop, no queue and no database stands between the watchdog and the call: people and contacts are those that this
node knows, and the call is made at once. A contact that goes through a provider that is failing comes last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import msgspec
import structlog

from tocsin.core.directory import Directory
from tocsin.core.messages import Message, MessageId
from tocsin.core.messages.wording import word
from tocsin.core.people import Contact, Person
from tocsin.core.vocabulary import PersonName, Urgency, rfc3339
from tocsin.core.watch import Telling, Trouble
from tocsin.core.words import Texts
from tocsin.engine.courier import Caller
from tocsin.engine.ids import new_id
from tocsin.engine.memos import Leaving, memo_of
from tocsin.ports.channels import Answer, Channel, HttpCall, Memo, Reached, Settings
from tocsin.ports.words import Catalogs

log = structlog.get_logger()

#: Of all administrators so many are told at most, each by so many contacts at most.
PEOPLE_AT_MOST = 20
CONTACTS_AT_MOST = 6
#: A call that takes longer is left for the next contact.
CALL_SECONDS = 12.0
#: Telling takes no longer than this altogether, whatever providers do.
TELLING_SECONDS = 90.0
#: Where it is read on.
_PATH = "/"
#: A sentence that is put into words and sent to nobody.
_NOBODY = PersonName("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How people can be reached from this node."""

    channels: Mapping[str, Channel]
    settings: Mapping[str, Settings]
    catalogs: Catalogs
    public_url: str
    node: str


class Alarm:
    """One node's alarm bell for administrators."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        transport: Caller,
        ways: Ways,
        *,
        is_failing: Callable[[Contact], bool] = lambda _contact: False,
    ) -> None:
        """`is_failing`: whether a contact's provider could not be used of late."""
        self._directory = directory
        self._transport = transport
        self._ways = ways
        self._is_failing = is_failing
        #: How often administrators were told, and how often nobody could be.
        self.told = 0
        self.unheard = 0

    async def tell(self, telling: Telling) -> bool:
        """Tell all administrators and the outside address; False when nobody has taken it."""
        try:
            async with asyncio.timeout(TELLING_SECONDS):
                told = (self._told(person, telling) for person in self._people())
                reached = await asyncio.gather(self._outside(telling), *told)
        except TimeoutError:
            reached = [False]
        if any(reached):
            self.told += 1
        else:
            self.unheard += 1
            log.error("nobody could be told that the promises are in danger", troubles=_names(telling))
        return any(reached)

    def sentence(self, trouble: Trouble) -> str:
        """A trouble in plain English, for logs, probes and the command line."""
        return sentence(trouble, self._ways.catalogs.of("en"), ZoneInfo("UTC"))

    def _people(self) -> list[Person]:
        directory = self._directory()
        return [directory.people[name] for name in directory.administrators][:PEOPLE_AT_MOST]

    async def _told(self, person: Person, telling: Telling) -> bool:
        """One contact after the other, until one has taken it."""
        for contact in self._contacts(person):
            channel = self._ways.channels[contact.channel]
            if await self._called(channel, contact, self._memo(person, contact, telling)):
                log.warning("an administrator was told", person=person.name, contact=contact.name, channel=channel.name)
                return True
        log.error("an administrator could not be told", person=person.name)
        return False

    def _contacts(self, person: Person) -> Sequence[Contact]:
        """Those that can be told: as the settings order channels, then as the person does; failing ones last."""
        order = self._directory().habits.watchdog.channels
        plan = dict.fromkeys(contact for _, contact in person.plan(Urgency.HIGH))
        known = [one for one in (*plan, *person.contacts) if self._can_tell(one)]

        def place(contact: Contact) -> tuple[bool, bool, int]:
            rank = order.index(contact.channel) if contact.channel in order else len(order)
            return self._is_failing(contact), not self._tells(contact), rank

        return sorted(dict.fromkeys(known), key=place)[:CONTACTS_AT_MOST]

    def _can_tell(self, contact: Contact) -> bool:
        channel = self._ways.channels.get(contact.channel)
        return channel is not None and channel.tell is not None

    def _tells(self, contact: Contact) -> bool:
        """Programs that were made for pages alone come last: better a surprised program than nobody."""
        switch = self._ways.channels[contact.channel].tells_when
        return switch is None or self._ways.settings.get(contact.channel, Settings()).is_on(switch)

    async def _called(self, channel: Channel, contact: Contact, memo: Memo) -> bool:
        if channel.tell is None:
            return False
        try:
            async with asyncio.timeout(CALL_SECONDS):
                call = channel.tell(memo, self._ways.settings.get(channel.name, Settings()))
                answer = await self._transport.call(channel.name, call)
        except TimeoutError:
            return False
        except Exception:
            log.exception("an administrator's contact cannot be used", contact=contact.name, channel=channel.name)
            return False
        return isinstance(answer, Answer) and isinstance(channel.interpret(answer), Reached)

    def _memo(self, person: Person, contact: Contact, telling: Telling) -> Memo:
        texts = self._ways.catalogs.of(person.language)
        leaves = Leaving(id=MessageId(new_id()), at=telling.at, open_url=f"{self._ways.public_url}{_PATH}")
        return memo_of(self._message(person, telling, texts), person, contact, texts, leaves)

    def _message(self, person: Person, telling: Telling, texts: Texts) -> Message:
        wrong = (*telling.began, *telling.goes_on)
        zone = person.time_zone
        lines = [texts.text("watch.began", trouble=sentence(one, texts, zone)) for one in telling.began]
        lines += [
            texts.text("watch.goes_on", trouble=sentence(one, texts, zone), since=one.since.isoformat())
            for one in telling.goes_on
        ]
        lines += [texts.text("watch.over", trouble=sentence(one, texts, zone)) for one in telling.over]
        first = sentence((*wrong, *telling.over)[0], texts, zone)
        values = {"first": first, "troubles": "\n".join(lines), "node": self._ways.node}
        kind = "watch_danger" if wrong else "watch_over"
        return Message(key=kind, person=person.name, kind=kind, values=values, due_at=telling.at, urgency=Urgency.HIGH)

    async def _outside(self, telling: Telling) -> bool:
        """The outside address, where one is set: a program that rings somebody by ways of its own."""
        url = self._directory().habits.watchdog.tell
        if url is None:
            return False
        body = msgspec.json.encode(self._document(telling))
        headers = (("Content-Type", "application/json"), ("Idempotency-Key", new_id()))
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = await self._transport.call(
                    "webhook", HttpCall(method="POST", url=url, headers=headers, body=body)
                )
        except TimeoutError:
            return False
        except Exception:
            log.exception("the outside address of the watchdog cannot be called")
            return False
        return isinstance(answer, Answer) and 200 <= answer.status < 300

    def _document(self, telling: Telling) -> dict[str, object]:
        parts = (("began", telling.began), ("goes_on", telling.goes_on), ("over", telling.over))
        listed = [self._listed(one, state) for state, troubles in parts for one in troubles]
        wrong = bool(telling.began or telling.goes_on)
        return {
            "status": "danger" if wrong else "over",
            "node": self._ways.node,
            "at": rfc3339(telling.at),
            "open_url": f"{self._ways.public_url}{_PATH}",
            "troubles": listed,
        }

    def _listed(self, trouble: Trouble, state: str) -> dict[str, object]:
        return {
            "name": trouble.key.name,
            "subject": trouble.key.subject,
            "state": state,
            "since": rfc3339(trouble.since),
            "text": self.sentence(trouble),
        }


def sentence(trouble: Trouble, texts: Texts, zone: ZoneInfo) -> str:
    """What a trouble is, in a reader's language and on the reader's clock."""
    kind = f"trouble_{trouble.key.name}"
    message = Message(key=kind, person=_NOBODY, kind=kind, values=trouble.values, due_at=trouble.since)
    return word(message, texts=texts, zone=zone).words["headline"]


def _names(telling: Telling) -> list[str]:
    return sorted({f"{key.name} {key.subject}".strip() for key in telling.keys})

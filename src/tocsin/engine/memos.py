"""What a message says when it leaves: in the words, language and zone of whoever it goes to."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.messages import Message, MessageId
from tocsin.core.messages.kinds import PRIVATE
from tocsin.core.messages.wording import word
from tocsin.core.people import Contact, Person
from tocsin.core.vocabulary import Instant
from tocsin.engine.links import Links, PasswordLink
from tocsin.ports.channels import Memo
from tocsin.ports.messages import ClaimedMessage
from tocsin.ports.words import Catalog, Catalogs


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """One leaving of a message."""

    id: MessageId
    at: Instant
    #: Where it leads.
    open_url: str
    #: Another call for it may have arrived.
    repeat: bool = False


def memo_of(message: Message, person: Person, contact: Contact, texts: Catalog, leaves: Leaving) -> Memo:
    """A message as a channel takes it, by one of the person's contacts."""
    wording = word(message, texts=texts, zone=person.time_zone, repeat=leaves.repeat)
    return Memo(
        message_id=leaves.id,
        kind=message.kind,
        values=message.values,
        person=person.name,
        address=contact.address,
        title=wording.title,
        text=wording.text,
        open_url=leaves.open_url,
        urgency=message.urgency,
        repeat=leaves.repeat,
        at=leaves.at,
        language=texts.language,
        time_zone=person.time_zone.key,
        words=wording.words,
    )


class Memos:
    """Makes memos out of claimed messages."""

    def __init__(self, links: Links, catalogs: Catalogs) -> None:
        self._links = links
        self._catalogs = catalogs

    def memo(self, claimed: ClaimedMessage, person: Person, contact: Contact, *, repeat: bool) -> Memo:
        """The memo of a message by one of the person's contacts; `repeat`: another call for it may have arrived."""
        leaves = Leaving(id=claimed.id, at=claimed.claimed_at, open_url=self._address(claimed.message), repeat=repeat)
        return memo_of(claimed.message, person, contact, self._catalogs.of(person.language), leaves)

    def _address(self, message: Message) -> str:
        """Where it leads. A link that signs in is made as it leaves, so that none is ever kept."""
        if message.kind not in PRIVATE:
            return f"{self._links.public_url}{message.path}"
        nonce = message.key.rpartition("/")[2]
        return self._links.password_url(PasswordLink(kind=message.kind, person=message.person, nonce=nonce))

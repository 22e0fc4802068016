"""What a message says when it leaves: in the words, language and zone of whoever it goes to."""

from __future__ import annotations

from tocsin.core.messages import Message
from tocsin.core.messages.kinds import PRIVATE
from tocsin.core.messages.wording import word
from tocsin.core.people import Contact, Person
from tocsin.engine.links import Links, PasswordLink
from tocsin.ports.channels import Memo
from tocsin.ports.messages import ClaimedMessage
from tocsin.ports.words import Catalogs


class Memos:
    """Makes memos out of claimed messages."""

    def __init__(self, links: Links, catalogs: Catalogs) -> None:
        self._links = links
        self._catalogs = catalogs

    def memo(self, claimed: ClaimedMessage, person: Person, contact: Contact, *, repeat: bool) -> Memo:
        """The memo of a message by one of the person's contacts; `repeat`: another call for it may have arrived."""
        message, texts = claimed.message, self._catalogs.of(person.language)
        wording = word(message, texts=texts, zone=person.time_zone, repeat=repeat)
        return Memo(
            message_id=claimed.id,
            kind=message.kind,
            values=message.values,
            person=person.name,
            address=contact.address,
            title=wording.title,
            text=wording.text,
            open_url=self._address(message),
            urgency=message.urgency,
            repeat=repeat,
            at=claimed.claimed_at,
            language=texts.language,
            time_zone=person.time_zone.key,
            words=wording.words,
        )

    def _address(self, message: Message) -> str:
        """Where it leads. A link that signs in is made as it leaves, so that none is ever kept."""
        if message.kind not in PRIVATE:
            return f"{self._links.public_url}{message.path}"
        nonce = message.key.rpartition("/")[2]
        return self._links.password_url(PasswordLink(kind=message.kind, person=message.person, nonce=nonce))

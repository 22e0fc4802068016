"""Signing in with a password, and the ways to one: an invitation, a recovery, or the password before it.

Whoever tries learns nothing from what is answered or how long it takes: not whether there is such a person, not whether
they have a password. A link is good for its time, for one use, and only until the password is another.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, NotFound, Refused, TooMany
from tocsin.core.messages import Message
from tocsin.core.people import Person, Weakness, known_of, prepared, weakness
from tocsin.core.vocabulary import Instant, PersonName, Urgency
from tocsin.engine.common_passwords import common_passwords
from tocsin.engine.hashing import Hashing
from tocsin.engine.links import Links, PasswordLink
from tocsin.engine.waits import Waits
from tocsin.ports.messages import Messages
from tocsin.ports.signing_in import Change, SigningIn
from tocsin.ports.state import Upkeep

log = structlog.get_logger()

#: How long a link can be used, by its kind.
LASTS: Mapping[str, timedelta] = MappingProxyType({"invitation": timedelta(days=7), "recovery": timedelta(days=1)})
#: Tries that cost nothing, for one name and for one address: many people may stand behind one proxy.
FREE, FREE_AT_AN_ADDRESS = 5, 20
#: The longest wait. Strangers who guess at a name must not keep its owner out for long.
LONGEST, LONGEST_AT_AN_ADDRESS = timedelta(minutes=1), timedelta(minutes=15)
#: Mails that somebody asks for.
FREE_MAILS, FREE_MAILS_AT_AN_ADDRESS, LONGEST_OF_MAILS = 3, 10, timedelta(hours=1)
#: The page of one's own password and sessions.
OWN_PAGE = "/me/sign-in"


class Shelf(SigningIn, Messages, Upkeep, Protocol):
    """What is needed of the store."""

    async def now(self) -> Instant:
        """The store's clock."""
        ...


class TooWeak(Refused):
    """The password is too weak."""

    def __init__(self, why: Weakness) -> None:
        super().__init__(f"this password is too weak ({why})", field="password", hint="take a longer, stranger one")
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link that was made for somebody."""

    url: str
    #: True when it goes to their mail address as well.
    mailed: bool


class PasswordDesk:
    """Where faces ask for passwords."""

    def __init__(
        self, store: Shelf, directory: Callable[[], Directory], links: Links, *, hashing: Hashing, mails: bool
    ) -> None:
        self._store = store
        self._directory = directory
        self._links = links
        self._hashing = hashing
        #: False: no mail server is set, so that nothing can be recovered by mail.
        self.mails = mails
        #: Tries to sign in by their end, for the metrics: right, wrong, hasty.
        self.counts: dict[str, int] = {}
        self._by_name = Waits(free=FREE, longest=LONGEST)
        self._by_address = Waits(free=FREE_AT_AN_ADDRESS, longest=LONGEST_AT_AN_ADDRESS)
        self._mails = Waits(free=FREE_MAILS, longest=LONGEST_OF_MAILS)
        self._mails_by_address = Waits(free=FREE_MAILS_AT_AN_ADDRESS, longest=LONGEST_OF_MAILS)

    async def sign_in(self, who: str, password: str, *, address: str) -> Person | None:
        """Whose name (or mail address) and password these are; None: nobody's.

        Raises:
            TooMany: there were too many wrong ones, of this name or from this address.
        """
        name = _key(who)
        self._refuse_hasty(name, address)
        person = self._named(who)
        # A stranger is looked up as well: it takes as long.
        found = await self._store.password_of(PersonName(name) if person is None else person.name)
        kept = None if person is None else found
        checked = await self._hashing.check(prepared(password), None if kept is None else kept.hash)
        if person is None or kept is None or not checked.right:
            # What was typed is not logged: people type passwords into the wrong field.
            log.warning("a sign-in failed", person=None if person is None else person.name, address=address)
            self._counted("wrong")
            return None
        self._by_name.forgive(name)
        self._by_address.take_back(address)
        self._counted("right")
        if checked.fresh is not None:
            await self._store.renew_hash(person.name, old=kept.hash, new=checked.fresh)
        return person

    async def allowed(self, token: str) -> tuple[PasswordLink, Person]:
        """Whom a link lets set their password. Asking changes nothing.

        Raises:
            Forbidden: it is forged, too old or used, or the person is gone.
        """
        link = self._links.read_password(token, lasts=LASTS)
        person = self._directory().people.get(link.person)
        if person is None or link.nonce.rpartition(".")[2] != await self._state(link.person):
            raise Forbidden("this link is not valid any more", known=False)
        return link, person

    async def set_by_link(self, token: str, password: str) -> Person:
        """Set a password with a link, which is used up by it.

        Raises:
            Forbidden: the link is no good.
            Refused: the password is too weak.
        """
        link, person = await self.allowed(token)
        hashed = await self._hashed(password, person)
        if not await self._store.use_once(link.nonce, lasts=LASTS[link.kind]):
            raise Forbidden("this link is not valid any more", known=False)
        await self._set(person, hashed, Change(by=person.name, way=link.kind))
        return person

    async def change(self, person: Person, present: str, password: str, *, keep: str | None, address: str) -> None:
        """Set one's own password with the present one; the session to `keep` goes on.

        Raises:
            TooMany: there were too many wrong ones.
            Refused: the present one is wrong, or the new one too weak.
        """
        if await self.sign_in(person.name, present, address=address) is None:
            raise Refused("this is not your present password", field="present")
        hashed = await self._hashed(password, person)
        await self._set(person, hashed, Change(by=person.name, way="themself", keep=keep))

    async def invite(self, name: PersonName, *, by: str) -> Invitation:
        """Make a link with which somebody sets their password, and mail it where that can be done.

        Raises:
            NotFound: there is no such person.
        """
        person = self._directory().people.get(name)
        if person is None:
            raise NotFound(f"there is no person {name!r}", field="person")
        mailed = self.mails and person.email is not None
        nonce = await self._nonce(name)
        await self._store.note_invitation(name, by=by, lasts=LASTS["invitation"])
        if mailed:
            await self._mail("invitation", person, nonce, {"by": self._full_name(by)})
        url = self._links.password_url(PasswordLink(kind="invitation", person=name, nonce=nonce))
        return Invitation(url=url, mailed=mailed)

    def refuse_hasty_mail(self, who: str, *, address: str) -> None:
        """Let pass who has not asked for too many mails; whether there is such a person does not matter.

        Raises:
            TooMany: so it is.
        """
        name = _key(who)
        self._mails.refuse_hasty(name)
        self._mails_by_address.refuse_hasty(address)
        self._mails.count(name)
        self._mails_by_address.count(address)

    async def recover(self, who: str) -> None:
        """Mail a link to whoever this is, if it is anybody. Let it run after the answer, which then takes no longer."""
        person = self._named(who)
        if person is None or person.email is None or not self.mails:
            log.info("nothing to recover", person=None if person is None else person.name)
            return
        await self._mail("recovery", person, await self._nonce(person.name), {})

    async def since(self) -> Mapping[PersonName, Instant]:
        """Who has a password, and since when."""
        return await self._store.passwords_set()

    async def _set(self, person: Person, hashed: str, change: Change) -> None:
        await self._store.set_password(person.name, hashed, change)
        now = await self._store.now()
        key = f"password_set/{person.name}/{secrets.token_urlsafe(9)}"
        message = Message(key=key, person=person.name, kind="password_set", due_at=now, path=OWN_PAGE)
        await self._store.put_messages([message])

    async def _hashed(self, password: str, person: Person) -> str:
        chosen = prepared(password)
        host = urlsplit(self._links.public_url).hostname or ""
        why = weakness(chosen, known=known_of(person, host=host), common=common_passwords())
        if why is not None:
            raise TooWeak(why)
        return await self._hashing.make(chosen)

    async def _mail(self, kind: str, person: Person, nonce: str, values: Mapping[str, str]) -> None:
        now = await self._store.now()
        message = Message(
            key=f"{kind}/{person.name}/{nonce}",
            person=person.name,
            kind=kind,
            values=values,
            due_at=now,
            until=now + LASTS[kind],
            urgency=Urgency.HIGH,
            path="/sign-in",
        )
        await self._store.put_messages([message])

    async def _nonce(self, person: PersonName) -> str:
        """Names a link, and says for which password it is to be exchanged."""
        return f"{secrets.token_urlsafe(12)}.{await self._state(person)}"

    async def _state(self, person: PersonName) -> str:
        kept = await self._store.password_of(person)
        return "none" if kept is None else hashlib.sha256(kept.hash.encode()).hexdigest()[:16]

    def _refuse_hasty(self, name: str, address: str) -> None:
        try:
            self._by_name.refuse_hasty(name)
            self._by_address.refuse_hasty(address)
        except TooMany:
            self._counted("hasty")
            raise
        self._by_name.count(name)
        self._by_address.count(address)

    def _named(self, who: str) -> Person | None:
        """The person of this name or mail address; two with one address are nobody."""
        people, wanted = self._directory().people, _key(who)
        by_name = people.get(PersonName(who.strip()))
        if by_name is not None:
            return by_name
        found = [one for one in people.values() if wanted in (one.name.casefold(), (one.email or "").casefold())]
        return found[0] if wanted and len(found) == 1 else None

    def _full_name(self, name: str) -> str:
        person = self._directory().people.get(PersonName(name))
        return name if person is None else person.full_name or name

    def _counted(self, end: str) -> None:
        self.counts[end] = self.counts.get(end, 0) + 1


def _key(who: str) -> str:
    return who.strip().casefold()[:200]

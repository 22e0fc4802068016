"""Sessions: begun, listed and ended; and whether one goes on, as of a few seconds ago.

A cookie is signed, so nobody makes one up. It is looked up because its session may have ended. While the store is away
it is believed: whoever is on call must not be locked out by the trouble that they are called for.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from tocsin.core.errors import NotFound, Unavailable
from tocsin.engine import clock
from tocsin.engine.links import Session
from tocsin.ports.signing_in import KeptSession, Opening, SigningIn, without_id

log = structlog.get_logger()

#: How long a session lasts.
LASTS = timedelta(days=30)
#: A session that was ended is good for so long at most.
BELIEVED_SECONDS = 3.0
#: So long the store has to answer.
PATIENCE_SECONDS = 1.0
#: That a session is used is written down so often, at most.
NOTED_SECONDS = 60.0
KNOWN = 4_096
_AGENT, _ADDRESS = 300, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What was found, and when: by a clock that nobody sets."""

    at: float
    goes_on: bool
    noted_at: float


class SessionBook:
    """Where faces ask for sessions."""

    def __init__(self, store: SigningIn) -> None:
        self._store = store
        self._looks: dict[str, _Look] = {}

    async def open(self, session: Session, *, agent: str, address: str) -> Session:
        """Begin one; as it goes into the cookie."""
        name = secrets.token_urlsafe(18)
        opening = Opening(
            id=name,
            subject=session.subject,
            role=session.role,
            agent=agent[:_AGENT],
            address=address[:_ADDRESS],
        )
        await self._store.open_session(opening, lasts=LASTS)
        return replace(session, id=name)

    async def goes_on(self, session: Session) -> bool:
        """Whether a signed session has not been ended."""
        name = session.id or without_id(session.subject)
        known = self._looks.get(name)
        if known is None or clock.elapsed() - known.at >= BELIEVED_SECONDS:
            known = await self._look(name, session, known)
        return known.goes_on

    async def of(self, subject: str) -> tuple[KeptSession, ...]:
        """The sessions of a person that go on, the latest seen first."""
        return await self._store.sessions_of(subject, lasts=LASTS)

    async def end(self, subject: str, name: str, *, by: str | None) -> None:
        """End one; `by` None: they sign out.

        Raises:
            NotFound: there is none.
        """
        ended = await self._store.end_session(subject, name, by=by)
        if not ended:
            raise NotFound("there is no such session", hint="it has ended already")
        now = clock.elapsed()
        self._keep(name, _Look(at=now, goes_on=False, noted_at=now))

    async def end_all(self, subject: str, *, keep: str | None = None, by: str) -> int:
        """End all of a person's but one; how many there were."""
        count = await self._store.end_sessions(subject, keep=keep, by=by)
        self.forget()
        return count

    def forget(self) -> None:
        """Sessions have ended here: they are looked for anew when they are used next. What is over stays so."""
        self._looks = {name: look for name, look in self._looks.items() if not look.goes_on}

    async def _look(self, name: str, session: Session, known: _Look | None) -> _Look:
        now = clock.elapsed()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                kept = await self._store.session(name)
        except (Unavailable, TimeoutError) as trouble:
            log.warning("a session cannot be looked up; the last word counts", error=str(trouble))
            goes_on = known is None or known.goes_on
            return self._keep(name, _Look(at=now, goes_on=goes_on, noted_at=now))
        goes_on = session.id is None if kept is None else kept.ended_at is None
        noted_at = known.noted_at if known is not None else -NOTED_SECONDS
        if kept is not None and goes_on and now - noted_at >= NOTED_SECONDS:
            noted_at = now
            await self._note(name)
        return self._keep(name, _Look(at=now, goes_on=goes_on, noted_at=noted_at))

    async def _note(self, name: str) -> None:
        """Write down that it is used. It is none of the viewer's trouble when that cannot be done."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._store.see_session(name)
        except (Unavailable, TimeoutError) as trouble:
            log.debug("that a session is used cannot be written", error=str(trouble))

    def _keep(self, name: str, look: _Look) -> _Look:
        self._looks.pop(name, None)
        self._looks[name] = look
        if len(self._looks) > KNOWN:
            del self._looks[next(iter(self._looks))]
        return look

"""What every page and every interface may use; made once, by app, and handed to the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tocsin.core.insight.moves import Moves
from tocsin.core.vocabulary import Instant
from tocsin.engine.calendars import Calendars
from tocsin.engine.commands import Counter
from tocsin.engine.handovers import Handovers
from tocsin.engine.links import Links
from tocsin.engine.live import Live
from tocsin.engine.passwords import PasswordDesk
from tocsin.engine.sessions import LASTS, SessionBook
from tocsin.engine.syncing import Syncing
from tocsin.ports.audit import Audit
from tocsin.ports.doors import Door
from tocsin.ports.exchange import Exchange
from tocsin.ports.state import Upkeep
from tocsin.ports.tokens import Tokens
from tocsin.ports.words import Catalogs

#: How long a session lasts.
SESSION_LASTS = LASTS
#: How long a printed sign-in link can be used.
SIGN_IN_LASTS = timedelta(hours=24)


#: What moves in the coming days when the schedule of a name becomes what a document says, at once (None) or from an
#: instant on. Nothing is stored; a document that is wrong is refused with its field.
Preview = Callable[[str, Mapping[str, Any], Instant | None], Awaitable[Moves]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether this node can take events, and if not, why."""

    ready: bool
    #: One plain sentence each; empty when all is well.
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything that a face needs."""

    counter: Counter
    links: Links
    live: Live
    catalogs: Catalogs
    upkeep: Upkeep
    tokens: Tokens
    sessions: SessionBook
    passwords: PasswordDesk
    handovers: Handovers
    exchange: Exchange
    doors: tuple[Door, ...]
    readiness: Callable[[], Awaitable[Readiness]]
    #: The metrics as text, as scrapers read them.
    metrics: Callable[[], bytes]
    version: str
    #: Who has changed what. None: nobody here keeps that.
    audit: Audit | None = None
    #: None: nothing follows the rota from here.
    syncs: Syncing | None = None
    #: None: no calendar can be subscribed to here.
    calendars: Calendars | None = None
    #: Says what an edit of a schedule would move. None: nobody here can read a written schedule.
    preview: Preview | None = None
    #: How many times faster than the clock on the wall time runs; 1 but in the demo.
    pace: float = 1.0
    #: True in the demo: people's phones are shown on one page.
    phones: bool = False
    #: True when cookies must travel over TLS only.
    secure: bool = False

"""Pages for people: one file and one template each, drawn by the server and kept live.

Each page's file has `router(context)`; `rendering` puts the frame around them, `reader` tells times and names as
one reader counts them, `forms` reads what they send back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter

from tocsin.web.context import Context
from tocsin.web.pages import (
    access,
    alert,
    alerts,
    answer,
    audit,
    demo,
    handing,
    live,
    me,
    my_offer,
    my_sign_in,
    now,
    password,
    schedule,
    schedules,
    sign_in,
    static,
    swap,
    tokens,
)

__all__ = ["routers"]


def routers(context: Context, again: Callable[[], Awaitable[None]] | None) -> list[APIRouter]:
    """Everything that pages need. `again` breaks the demo's pipeline once more; None: this is no demo."""
    pages = [now.router, alerts.router, alert.router, schedules.router, schedule.router, handing.router, swap.router]
    pages += [my_offer.router, me.router, answer.router, sign_in.router, live.router]
    pages += [my_sign_in.router, password.router, access.router, tokens.router, audit.router]
    made = [static.router(), *(router(context) for router in pages)]
    if context.phones and again is not None:
        made.append(demo.router(context, again))
    return made

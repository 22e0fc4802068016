"""What a node answers that has no face: how it is, and nothing else."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: Whether it lives, whether it can work, what it counts.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

_RETRY_SECONDS = 5


class OnlyProbes:
    """Lets probes pass, and turns everything else away."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's message."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        detail = "this node only works; events and pages are taken by the nodes of the role web or all"
        await _problem(404, "Not found", detail)(scope, receive, send)


class NotYet:
    """Answers for a node whose database is not there: it lives, it is not ready, and nothing is taken."""

    def __init__(self) -> None:
        #: What it waits for, one plain sentence.
        self.trouble = "the database does not answer"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's message."""
        if scope["type"] != "http":
            return
        match scope["path"]:
            case "/healthz":
                answer = JSONResponse({"status": "alive"})
            case "/readyz":
                answer = JSONResponse({"status": "not ready", "troubles": [self.trouble]}, 503)
            case _:
                answer = _problem(503, "Not possible right now", "this node waits for its database; send this again")
                answer.headers["retry-after"] = str(_RETRY_SECONDS)
        await answer(scope, receive, send)


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")

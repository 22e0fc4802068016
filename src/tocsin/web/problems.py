"""How every no is said: the core's errors, wrong input and unknown addresses as one problem document.

Below `/api`, and for whoever does not ask for a page, a no is `application/problem+json`. A browser that asks for a
page gets one, from a function that is handed in. What failed inside is logged, never told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tocsin.core.errors import Broken, Forbidden, NotFound, Refused, TocsinError, TooMany, Unavailable

log = structlog.get_logger()

#: Says a no as a page.
ErrorPage: TypeAlias = Callable[[Request, TocsinError], Awaitable[Response]]

MEDIA_TYPE = "application/problem+json"

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not know the method",
    413: "The request is too large",
    422: "The request is wrong",
    429: "Too many requests",
    500: "Tocsin failed",
    503: "Not possible right now",
}

#: How pydantic begins what it says of a value, to be said of a field instead.
_SHOULD = re.compile(r"^\w+ should ")
_OURS = "the fault is ours and was logged"
_WHERE = "GET /api/docs lists every address"


class Problem(BaseModel):
    """Why a request was not done. 4xx: nothing was stored. 5xx: send it again."""

    type: str = "about:blank"
    title: str = Field(examples=["The request is wrong"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["`minutes` must be greater than 0"])
    field: str | None = Field(default=None, description="The field that is wrong, as a path.", examples=["minutes"])
    hint: str | None = Field(default=None, description="What to write instead.", examples=["like 30"])


class Unreadable(Refused):
    """The body is no JSON at all."""


def install(app: FastAPI, error_page: ErrorPage | None) -> None:
    """Let the application say no in this way; without `error_page` browsers read problem documents too."""

    async def on_trouble(request: Request, error: Exception) -> Response:
        if not isinstance(error, TocsinError):  # logged by the server, which is handed it again
            error = Broken(_OURS)
        elif isinstance(error, Broken):
            log.error("a request met a fault of ours", path=request.url.path, exc_info=error)
        return await _said(request, error, error_page)

    async def on_wrong_input(request: Request, error: Exception) -> Response:
        errors = error.errors() if isinstance(error, RequestValidationError) else ()
        return await _said(request, refusal(errors, _fields_of(request)), error_page)

    async def on_http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return problem_response(Broken(_OURS))
        if error.status_code == 404:
            return await _said(request, NotFound(f"there is nothing at {request.url.path}", hint=_WHERE), error_page)
        return _http_problem(request, error)

    app.add_exception_handler(TocsinError, on_trouble)
    app.add_exception_handler(Exception, on_trouble)
    app.add_exception_handler(RequestValidationError, on_wrong_input)
    app.add_exception_handler(HTTPException, on_http)


def status_of(error: TocsinError) -> int:
    """The status under which an error is told."""
    match error:
        case NotFound():
            return 404
        case Forbidden():
            return 403 if error.known else 401
        case Unreadable():
            return 400
        case Refused():
            return 422
        case TooMany():
            return 429
        case Unavailable():
            return 503
        case _:
            return 500


def problem_response(error: TocsinError) -> JSONResponse:
    """An error as a problem document; what is ours alone is not told."""
    status = status_of(error)
    told = error.detail if isinstance(error, Refused | Unavailable) else _OURS
    field, hint = (error.field, error.hint) if isinstance(error, Refused) else (None, None)
    return _document(status, told, field=field, hint=hint, headers=_headers(error))


def refusal(errors: Sequence[Mapping[str, Any]], known: Sequence[str] = ()) -> Refused:
    """What validation says of the first wrong value; `known` are the fields that there are."""
    first = errors[0] if errors else {}
    kind, context = str(first.get("type", "")), first.get("ctx") or {}
    if kind == "json_invalid":
        return Unreadable("the body is not JSON", hint=str(context.get("error", "")) or None)
    field = _path(first.get("loc", ()))
    hint = context.get("hint")
    if kind == "extra_forbidden":
        hint = f"known here: {', '.join(known)}" if known else "leave it out"
    elif hint is None and "expected" in context:
        hint = f"one of {context['expected']}"
    said = f"`{field}` {_said_of(kind, str(first.get('msg', 'is wrong')))}" if field else "the body must be an object"
    return Refused(said, field=field, hint=hint)


def _said_of(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not known here"
        case _:
            return _SHOULD.sub("must ", message)


def _path(location: Sequence[str | int]) -> str | None:
    """Where a value stood, as people write it: `matchers[0]`. None: the body as a whole."""
    parts = location[1:] if location and location[0] in ("body", "query", "path", "header", "cookie") else location
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.removeprefix(".") or None


def _fields_of(request: Request) -> tuple[str, ...]:
    """The fields of the body that the address takes."""
    body = getattr(request.scope.get("route"), "body_field", None)
    model = getattr(getattr(body, "field_info", None), "annotation", None)
    return tuple(getattr(model, "model_fields", ()))


async def _said(request: Request, error: TocsinError, error_page: ErrorPage | None) -> Response:
    if error_page is None or not _wants_page(request):
        return problem_response(error)
    return await error_page(request, error)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    below_api = path == "/api" or path.startswith("/api/")
    return not below_api and "text/html" in request.headers.get("accept", "")


def _http_problem(request: Request, error: HTTPException) -> JSONResponse:
    """What the framework refuses by itself: a wrong method, a body that is too large or cannot be read."""
    allowed = (error.headers or {}).get("allow") or (error.headers or {}).get("Allow")
    told = {
        400: "the body cannot be read",
        405: f"{request.method} is not known here",
        408: "the body did not come in time",
        413: "the body is too large",
    }.get(error.status_code, "the request cannot be answered")
    hint = f"use {allowed}" if allowed else None
    return _document(error.status_code, told, hint=hint, headers=dict(error.headers or {}))


def _document(
    status: int, detail: str, *, field: str | None = None, hint: str | None = None, headers: Mapping[str, str]
) -> JSONResponse:
    title = TITLES.get(status, TITLES[400] if status < 500 else TITLES[500])
    problem = Problem(title=title, status=status, detail=detail, field=field, hint=hint)
    return JSONResponse(problem.model_dump(), status, headers=dict(headers), media_type=MEDIA_TYPE)


def _headers(error: TocsinError) -> dict[str, str]:
    if isinstance(error, Unavailable):
        return {"retry-after": str(max(1, math.ceil(error.retry_seconds)))}
    if isinstance(error, Forbidden) and not error.known:
        return {"www-authenticate": "Bearer"}
    return {}

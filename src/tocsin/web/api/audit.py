"""The audit log: who has changed what, with what was there before and after."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from tocsin.core.errors import Forbidden
from tocsin.core.people import Permission
from tocsin.core.vocabulary import rfc3339
from tocsin.ports.audit import Audit, AuditEntry, AuditQuery
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Text, problems
from tocsin.web.api.instants import Asked, Written
from tocsin.web.sessions import Viewer

router = APIRouter(tags=["audit"], dependencies=BY_TOKEN_OR_SESSION)

#: How much of the log is read at a time for a download.
_PORTION = 500
_HEADINGS = ("at", "by", "kind", "name", "verb", "path", "before", "after")
#: What a spreadsheet would take for a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class ChangedField(BaseModel):
    """One field that became another. Null: it was, or is, not there. Secrets are hidden."""

    path: str = Field(examples=["steps[1].after"])
    before: Any
    after: Any


class AuditShape(BaseModel):
    """One change."""

    at: Written
    by: str = Field(examples=["ada"])
    kind: str = Field(examples=["schedule"])
    name: str = Field(examples=["data-primary"])
    verb: Literal["create", "change", "delete"]
    fields: list[ChangedField]


class AuditList(BaseModel):
    """Changes, newest first."""

    items: list[AuditShape]
    next_cursor: str | None


async def asked(
    by: Annotated[Text | None, Query(description="Who made the change.")] = None,
    kind: Annotated[Text | None, Query(description="schedule, override, policy, token, ...")] = None,
    name: Annotated[Text | None, Query(description="What was changed.")] = None,
    text: Annotated[Text, Query(max_length=200, description="Anywhere in what was there before or after.")] = "",
    since: Annotated[Asked | None, Query(description="From this instant on.")] = None,
    until: Annotated[Asked | None, Query(description="Before this instant.")] = None,
) -> AuditQuery:
    """What of the log is wanted."""
    return AuditQuery(by=by, kind=kind, name=name, text=text, since=since, until=until)


async def auditor(viewer: Looking) -> Viewer:
    """Who asks, and may see who has changed what.

    Raises:
        Forbidden: they may not.
    """
    if not viewer.may(Permission.AUDIT):
        hint = "ask a manager or an administrator"
        raise Forbidden("the audit log is for managers and administrators", known=True, hint=hint)
    return viewer


async def audit_of(here: Here) -> Audit:
    """Whoever keeps the log of this server."""
    return cast(Audit, here.audit)


Wanted = Annotated[AuditQuery, Depends(asked)]
Auditor = Annotated[Viewer, Depends(auditor)]
Log = Annotated[Audit, Depends(audit_of)]


@router.get("/audit", summary="Who has changed what", responses=problems(403))
async def list_changes(
    log: Log,
    viewer: Auditor,
    wanted: Wanted,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[Text | None, Query(description="Where the list before it ended.")] = None,
) -> AuditList:
    """Changes of configuration, overrides, absences, silences and tokens, newest first; for managers."""
    found = await log.changes(replace(wanted, limit=limit, cursor=cursor))
    return AuditList(items=[_shape(entry) for entry in found.items], next_cursor=found.next_cursor)


@router.get(
    "/audit.csv",
    summary="Who has changed what, as a table",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems(403)},
)
async def download_changes(log: Log, viewer: Auditor, wanted: Wanted) -> Response:
    """The same as a file for a spreadsheet: a line for each field, all that fits, newest first."""
    headers = {"content-disposition": 'attachment; filename="tocsin-audit.csv"'}
    return StreamingResponse(_lines(log, wanted), media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(log: Audit, wanted: AuditQuery) -> AsyncIterator[str]:
    yield _csv([_HEADINGS])
    query: AuditQuery | None = replace(wanted, limit=_PORTION)
    while query is not None:
        found = await log.changes(query)
        yield _csv([row for entry in found.items for row in _rows(entry)])
        query = None if found.next_cursor is None else replace(query, cursor=found.next_cursor)


def _rows(entry: AuditEntry) -> list[tuple[str, ...]]:
    change = (rfc3339(entry.at), entry.by, entry.kind, entry.name, entry.verb)
    fields = [(field.path, _cell(field.before), _cell(field.after)) for field in entry.fields]
    return [(*change, *field) for field in fields or [("", "", "")]]


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _csv(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    safe = ([f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in row] for row in rows)
    csv.writer(text, lineterminator="\r\n").writerows(safe)
    return text.getvalue()


def _shape(entry: AuditEntry) -> AuditShape:
    fields = [ChangedField(path=one.path, before=one.before, after=one.after) for one in entry.fields]
    verb = cast(Literal["create", "change", "delete"], entry.verb)
    return AuditShape(at=entry.at, by=entry.by, kind=entry.kind, name=entry.name, verb=verb, fields=fields)

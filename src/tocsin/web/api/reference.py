"""The reference: one page made from the OpenAPI document, without script and without anything from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from tocsin.web.problems import MEDIA_TYPE

_HERE = files("tocsin.web.api")
_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    (_HERE / "reference.html").read_text(encoding="utf-8")
)
_STYLE = (_HERE / "reference.css").read_bytes()
_METHODS = ("get", "post", "put", "patch", "delete")
_LIMITS = {"minimum": "at least {}", "exclusiveMinimum": "more than {}", "maximum": "at most {}"}
_LIMITS |= {"maxLength": "at most {} characters", "maxItems": "at most {} of them", "default": "{} if left out"}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type in words."""

    words: str
    #: The shape that the words end with; None: none.
    shape: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One parameter or one field."""

    name: str
    place: str
    kind: Kind
    needed: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One address with one method."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    keys: str
    entries: tuple[Entry, ...]
    answers: tuple[tuple[str, str, Kind | None], ...]
    call: str


@router.get("/api/docs")
async def read_reference(request: Request) -> Response:
    """The whole native API, to read."""
    return HTMLResponse(reference_page(request.app.openapi()), headers={"cache-control": "no-cache"})


@router.get("/api/docs.css")
async def read_reference_style() -> Response:
    """How the reference looks."""
    return Response(_STYLE, media_type="text/css", headers={"cache-control": "no-cache"})


def reference_page(document: Mapping[str, Any]) -> str:
    """The page of an OpenAPI document."""
    shapes = document["components"]["schemas"]
    operations: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                operations[methods[method]["tags"][0]].append(_operation(path, method, methods[method], shapes))
    return _PAGE.render(
        info=document["info"],
        groups=[(tag["name"], tag["description"], operations[tag["name"]]) for tag in document["tags"]],
        shapes=[
            (name, _paragraph(shape.get("description", "")), shape.get("enum", ()), list(_fields(shape, "")))
            for name, shape in shapes.items()
        ],
    )


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """A schema's type in words: "list of AlertShape", "text or null"."""
    if "$ref" in schema:
        return Kind(words="", shape=schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        kinds = [kind_of(one) for one in schema["anyOf"]]
        shape = next((kind.shape for kind in kinds if kind.shape), None)
        return Kind(words=" or ".join(kind.words for kind in kinds if kind.words), shape=shape)
    if "enum" in schema or "const" in schema:
        return Kind(words=" | ".join(str(one) for one in schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        inner = kind_of(schema.get("items", {}))
        return Kind(words=f"list of {inner.words}".strip(), shape=inner.shape)
    words = {"string": "text", "integer": "number", "object": "object", "null": "null", "boolean": "true or false"}
    plain = words.get(schema.get("type", ""), "anything")
    return Kind(words={"date-time": "instant", "uuid": "id"}.get(schema.get("format", ""), plain))


def _operation(path: str, method: str, told: Mapping[str, Any], shapes: Mapping[str, Any]) -> Operation:
    body = _content(told.get("requestBody", {}))
    entries = [_entry(one["name"], one["in"], one["schema"], one) for one in told.get("parameters", ())]
    if body is not None:
        entries += _fields(_resolved(body, shapes), "body")
    answers = ((status, answer["description"], _answer_kind(answer)) for status, answer in told["responses"].items())
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        text=_paragraph(told.get("description", "")),
        keys=" or ".join(name for one in told.get("security", ()) for name in one),
        entries=tuple(entries),
        answers=tuple(answers),
        call=_call(path, method, _example(body, shapes) if body is not None else None, told),
    )


def _fields(shape: Mapping[str, Any], place: str) -> Iterator[Entry]:
    needed = set(shape.get("required", ()))
    for name, schema in shape.get("properties", {}).items():
        yield _entry(name, place, schema, {"required": name in needed, "description": schema.get("description")})


def _entry(name: str, place: str, schema: Mapping[str, Any], told: Mapping[str, Any]) -> Entry:
    limits = [words.format(schema[key]) for key, words in _LIMITS.items() if schema.get(key) not in (None, "")]
    text = "; ".join([*([told["description"].rstrip(".")] if told.get("description") else []), *limits])
    kind = kind_of(schema)
    if place == "query":  # what may be left out is null inside, but nobody writes null into an address
        kind = replace(kind, words=kind.words.removesuffix(" or null"))
    return Entry(name=name, place=place, kind=kind, needed=bool(told.get("required")), text=text)


def _answer_kind(answer: Mapping[str, Any]) -> Kind | None:
    schema = _content(answer)
    return kind_of(schema) if schema else None


def _content(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = told.get("content", {})
    found: Mapping[str, Any] | None = content.get("application/json", content.get(MEDIA_TYPE, {})).get("schema")
    return found


def _resolved(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = shapes[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _example(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[str, Any]:
    """A body with what has an example or a choice; what is left out may be left out."""
    shape = _resolved(schema, shapes)
    found: dict[str, Any] = {}
    for name, field in shape.get("properties", {}).items():
        plain = _resolved(field, shapes)
        if field.get("examples"):
            found[name] = field["examples"][0]
        elif "enum" in plain:
            found[name] = plain["enum"][0]
    return found


def _call(path: str, method: str, body: object, told: Mapping[str, Any]) -> str:
    """The same as a command to paste; `$TOCSIN` stands for the address of the server."""
    address = re.sub(r"\{(\w+)\}", lambda found: f"${found[1].upper()}", path)
    asked = [one["name"] for one in told.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    query = "?" + "&".join(f"{name}=${name.upper()}_ID" for name in asked) if asked else ""
    parts = ["curl", *(["-X", method.upper()] if method != "get" else []), f'"$TOCSIN{address}{query}"']
    if told.get("security"):
        key = "KEY" if "integration key" in told["security"][0] else "TOKEN"
        parts.append(f'-H "Authorization: Bearer ${key}"')
    if body is not None:
        parts.append(f"--json '{json.dumps(body, ensure_ascii=False)}'")
    return " ".join(parts)


def _paragraph(text: str) -> str:
    return " ".join(text.split())

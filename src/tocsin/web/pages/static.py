"""Static files, read once, under an address that changes with their content: browsers keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_FOREVER = "public, max-age=31536000, immutable"
_TEXTS = frozenset({".css", ".js", ".svg", ".json"})
_TYPES = {".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Every static file by its path, and one name for what they all contain."""

    digest: str
    plain: dict[str, bytes]
    zipped: dict[str, bytes]


@cache
def shelf() -> Shelf:
    """The package's static files."""
    plain = dict(sorted(_below(files("tocsin.web") / "static", PurePosixPath())))
    digest = hashlib.sha256()
    for path, content in plain.items():
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    zipped = {path: gzip.compress(content, mtime=0) for path, content in plain.items() if _suffix(path) in _TEXTS}
    return Shelf(digest=digest.hexdigest()[:12], plain=plain, zipped=zipped)


def static_url(path: str) -> str:
    """The address of a file; a file that is not there is a mistake of ours.

    Raises:
        KeyError: there is none of this path.
    """
    if path not in shelf().plain:
        raise KeyError(path)
    return f"/static/{shelf().digest}/{path}"


def router() -> APIRouter:
    """Serves the shelf. Under another digest the present file is given, not to be kept: nodes are upgraded in turn."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/static/{digest}/{path:path}")
    async def static(request: Request, digest: str, path: str) -> Response:
        found = shelf()
        if path not in found.plain:
            return PlainTextResponse("not found", status_code=404)
        kept = _FOREVER if digest == found.digest else "no-cache"
        headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        content = found.plain[path]
        if path in found.zipped and "gzip" in request.headers.get("accept-encoding", ""):
            content = found.zipped[path]
            headers["Content-Encoding"] = "gzip"
        return Response(content, headers=headers, media_type=_type(path))

    return routes


def _below(folder: Traversable, at: PurePosixPath) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for one in folder.iterdir():
        path = at / one.name
        found += _below(one, path) if one.is_dir() else [(str(path), one.read_bytes())]
    return found


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix


def _type(path: str) -> str:
    return _TYPES.get(_suffix(path)) or mimetypes.guess_type(path)[0] or "application/octet-stream"

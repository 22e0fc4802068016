"""Where a request carries its integration key: the path, the Authorization header, or the query."""

from __future__ import annotations

from base64 import b64decode

from tocsin.ports.doors import Request

BEARER = frozenset({"bearer"})


def key_of(request: Request, *, schemes: frozenset[str] | None = BEARER, query: str | None = None) -> str | None:
    """The key of the path, else of the header, else of the query's `query` parameter; None: it carries none.

    Besides Basic, whose password is the key, the header may use one of `schemes` (lower case), or any if that is None.
    """
    if request.key:
        return request.key
    scheme, _, credentials = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "basic":
        return _of_basic(credentials.strip())
    if credentials and (schemes is None or scheme.lower() in schemes):
        return credentials.strip()
    return (request.query.get(query) or None) if query is not None else None


def _of_basic(credentials: str) -> str | None:
    """The password, or the user's name where the password is empty: senders put a lone key into either."""
    try:
        name, _, password = b64decode(credentials).decode().partition(":")
    except ValueError:
        return None
    return password or name or None

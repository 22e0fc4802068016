"""Forms: read from the body of a request, and proven to come from one of our own pages.

The proof is made from the session cookie, which no other page can read; a session that ends ends it too.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from tocsin.core.errors import Forbidden, Refused
from tocsin.core.people import Permission
from tocsin.web.sessions import COOKIE, Viewer, is_same_origin, require_actor

#: In bytes; a note of 25,000 characters fits.
_LARGEST_FORM = 400_000
_FIELDS_AT_MOST = 50


def proof_for(request: Request) -> str:
    """What a form of this session carries; empty when nobody is signed in."""
    return _proof(request.cookies.get(COOKIE, ""))


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form; of a field that is given twice the last.

    Raises:
        Refused: it is too large, or no form.
    """
    body = await request.body()
    if len(body) > _LARGEST_FORM:
        raise Refused("the form is too large", hint="shorten the text")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS_AT_MOST))
    except ValueError:
        raise Refused("this is no form that one of our pages has sent") from None


async def read_own_form(
    request: Request, permission: Permission = Permission.ANSWER
) -> tuple[Viewer, Mapping[str, str]]:
    """The fields of a form of our own, and who sent it.

    Raises:
        Forbidden: nobody is signed in, they may only look, or the form is not ours.
        Refused: it is too large, or no form.
    """
    viewer = await require_actor(request, permission)
    form = await read_form(request)
    require_proof(request, form)
    return viewer, form


def require_proof(request: Request, form: Mapping[str, str]) -> None:
    """Let only our own pages' forms pass.

    Raises:
        Forbidden: the form does not carry this session's proof.
    """
    proof = proof_for(request)
    if not proof or not hmac.compare_digest(proof, form.get("proof", "")):
        raise Forbidden("this form is out of date", known=True, hint="open the page again, then press the button")


def require_same_origin(request: Request) -> None:
    """Let only our own pages' forms pass, where nobody is signed in yet.

    Raises:
        Forbidden: the form comes from elsewhere.
    """
    if not is_same_origin(request):
        hint = "open the page again, then press the button"
        raise Forbidden("this form does not come from here", known=True, hint=hint)


def local_path(text: str, otherwise: str) -> str:
    """A path on this server that somebody has given us; anything else would lead a person astray."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or any(ord(one) < 32 for one in text):
        return otherwise
    return text


def _proof(cookie: str) -> str:
    return hmac.new(cookie.encode(), b"tocsin.form", hashlib.sha256).hexdigest() if cookie else ""

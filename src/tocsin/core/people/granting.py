"""Which API tokens somebody may give out: never one that may more than they do."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.errors import Forbidden, NotFound, Refused
from tocsin.core.people.permission import Permission, Standing, lesser
from tocsin.core.people.person import Role
from tocsin.core.vocabulary import PersonName

#: What a token's name looks like.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._ -]{0,98}[A-Za-z0-9])?")
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWish:
    """A token that somebody wants."""

    name: str
    role: Role
    #: Whose it is; None: a program's, which acts under the token's name.
    person: PersonName | None
    #: None: everything that the role may.
    scope: frozenset[Permission] | None = None
    #: None: until somebody ends it.
    lasts: timedelta | None = None


def refuse_ungrantable(wish: TokenWish, asker: Standing, known: Collection[PersonName]) -> None:
    """Let a wish pass that may be granted.

    Raises:
        Forbidden: it would be for somebody else, or may more than the asker.
        NotFound: there is no such person.
        Refused: the name, the scope or the time cannot be meant.
    """
    if not asker.may(Permission.GRANT, owner=wish.person):
        hint = "give it your own name as `person`, or ask an administrator"
        raise Forbidden("you can give out tokens for yourself", known=True, field="person", hint=hint)
    if lesser(wish.role, asker.role) is not wish.role:
        raise Forbidden(f"the role {wish.role} may more than yours, {asker.role}", known=True, field="role")
    if asker.scope is not None and not (wish.scope is not None and wish.scope <= asker.scope):
        told = ", ".join(sorted(asker.scope))
        raise Forbidden(f"your own token is for less: {told}", known=True, field="scope")
    if wish.person is not None and wish.person not in known:
        raise NotFound(f"there is no person {wish.person!r}", field="person")
    if not _NAME.fullmatch(wish.name):
        hint = "letters, digits, dots, dashes, blanks; at most 100"
        raise Refused(f"{wish.name!r} is no name for a token", field="name", hint=hint)
    if wish.scope is not None and not wish.scope:
        raise Refused("a token for nothing is of no use", field="scope", hint=f"some of: {', '.join(Permission)}")
    if wish.lasts is not None and not SHORTEST <= wish.lasts <= LONGEST:
        raise Refused("a token lasts from 5 minutes to 10 years", field="expires_in_days")


def refuse_unless_theirs(owner: PersonName | None, asker: Standing) -> None:
    """Let pass who may end a token of this owner.

    Raises:
        Forbidden: it is somebody else's.
    """
    if not asker.may(Permission.GRANT, owner=owner):
        raise Forbidden("this token is somebody else's", known=True, hint="ask an administrator")

"""Who may do what, as the table says, and which tokens may be given out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import Forbidden, NotFound, Refused
from tocsin.core.people import TABLE, Permission, Reach, Role, Standing, TokenWish, lesser, refuse_ungrantable

ROLES = list(Role)
PEOPLE = {"ada", "grace", "linus"}

standings = st.builds(
    Standing,
    role=st.sampled_from(ROLES),
    person=st.none() | st.sampled_from(sorted(PEOPLE)),
    teams=st.frozensets(st.sampled_from(["data", "web"])),
    leads=st.frozensets(st.sampled_from(["data", "web"])),
    scope=st.none() | st.frozensets(st.sampled_from(list(Permission))),
)
permissions = st.sampled_from(list(Permission))
teams = st.none() | st.sampled_from(["data", "web", "shop"])
owners = st.none() | st.sampled_from(sorted(PEOPLE))


def wish(**other: object) -> TokenWish:
    """A token for grace herself."""
    return replace(TokenWish(name="laptop", role=Role.RESPONDER, person="grace"), **other)


GRACE = Standing(role=Role.RESPONDER, person="grace", teams=frozenset({"data"}))
ADA = Standing(role=Role.ADMIN, person="ada")


def test_every_role_has_its_row() -> None:
    """The table knows each role, from most to least: whoever stands higher reaches at least as far with everything."""
    assert list(TABLE) == ROLES
    for above, below in pairwise(ROLES):
        reached = {one: (TABLE[above].get(one, 0), TABLE[below].get(one, 0)) for one in Permission}
        assert all(more >= less for more, less in reached.values()), (above, below, reached)


@pytest.mark.parametrize(
    ("role", "permission", "reach"),
    [
        (Role.ADMIN, Permission.GRANT, Reach.EVERYWHERE),
        (Role.MANAGER, Permission.ARRANGE, Reach.EVERYWHERE),
        (Role.MANAGER, Permission.CONFIGURE, Reach.TEAM),
        (Role.MANAGER, Permission.GRANT, Reach.OWN),
        (Role.RESPONDER, Permission.ANSWER, Reach.EVERYWHERE),
        (Role.RESPONDER, Permission.SERVE, Reach.OWN),
        (Role.RESPONDER, Permission.ARRANGE, Reach.NOWHERE),
        (Role.STAKEHOLDER, Permission.LOOK, Reach.EVERYWHERE),
        (Role.STAKEHOLDER, Permission.REACH, Reach.NOWHERE),
        (Role.STAKEHOLDER, Permission.GRANT, Reach.OWN),
        (Role.READ_ONLY, Permission.LOOK, Reach.EVERYWHERE),
        (Role.READ_ONLY, Permission.GRANT, Reach.NOWHERE),
    ],
)
def test_the_table(role: Role, permission: Permission, reach: Reach) -> None:
    """What stands in the table is what holds."""
    assert Standing(role=role).reach(permission) is reach


def test_a_manager_configures_their_own_teams() -> None:
    """What is another team's, or nobody's, is not theirs to change."""
    manager = Standing(role=Role.MANAGER, person="linus", teams=frozenset({"data"}))
    assert manager.may(Permission.CONFIGURE, team="data")
    assert not manager.may(Permission.CONFIGURE, team="web")
    assert not manager.may(Permission.CONFIGURE)


def test_whoever_leads_arranges() -> None:
    """A responder arranges and configures in the team that they lead, and nowhere else."""
    lead = replace(GRACE, leads=frozenset({"data"}))
    for permission in (Permission.ARRANGE, Permission.CONFIGURE):
        assert lead.may(permission, team="data")
        assert not lead.may(permission, team="web")
        assert not GRACE.may(permission, team="data")
        assert lead.may_somewhere(permission)
        assert not GRACE.may_somewhere(permission)


def test_whoever_only_looks_leads_nothing() -> None:
    """A stakeholder named as a team's lead does not come to change rotas that way."""
    named = Standing(role=Role.STAKEHOLDER, person="grace", leads=frozenset({"data"}))
    assert not named.may(Permission.ARRANGE, team="data")


@given(asker=standings, permission=permissions, team=teams, owner=owners)
def test_a_scope_only_narrows(asker: Standing, permission: Permission, team: str | None, owner: str | None) -> None:
    """With a scope nobody may what they may not without it, and nothing outside of it."""
    allowed = asker.may(permission, team=team, owner=owner)
    if asker.scope is not None and permission not in asker.scope:
        assert not allowed
        assert not asker.may_somewhere(permission)
    assert not allowed or replace(asker, scope=None).may(permission, team=team, owner=owner)


@given(asker=standings, permission=permissions, team=teams, owner=owners)
def test_who_may_anything_may_somewhere(
    asker: Standing, permission: Permission, team: str | None, owner: str | None
) -> None:
    """Whoever may do it to something is not turned away before it is known to what."""
    assert not asker.may(permission, team=team, owner=owner) or asker.may_somewhere(permission)


@given(
    asker=standings,
    wanted=st.builds(
        TokenWish,
        name=st.just("t"),
        role=st.sampled_from(ROLES),
        person=owners,
        scope=st.none() | st.frozensets(st.sampled_from(list(Permission)), min_size=1),
    ),
    permission=permissions,
    team=teams,
    owner=owners,
)
def test_no_token_may_more_than_its_giver(
    asker: Standing, wanted: TokenWish, permission: Permission, team: str | None, owner: str | None
) -> None:
    """Whatever token somebody can get, in their own hand it does nothing that they could not do before."""
    try:
        refuse_ungrantable(wanted, asker, PEOPLE)
    except Refused:
        return
    if wanted.person not in (None, asker.person):
        return
    holder = replace(asker, role=wanted.role, scope=wanted.scope)
    if wanted.person is None:
        holder = replace(holder, person=None, teams=frozenset(), leads=frozenset())
    if holder.may(permission, team=team, owner=owner):
        assert asker.may(permission, team=team, owner=owner)


@pytest.mark.parametrize(
    ("asker", "wanted", "says"),
    [
        (GRACE, wish(person="ada"), "for yourself"),
        (GRACE, wish(person=None), "for yourself"),
        (GRACE, wish(role=Role.ADMIN), "may more than yours"),
        (replace(GRACE, scope=frozenset({Permission.GRANT})), wish(), "your own token is for less: grant"),
        (Standing(role=Role.READ_ONLY, person="grace"), wish(role=Role.READ_ONLY), "for yourself"),
    ],
)
def test_what_is_not_theirs_to_give(asker: Standing, wanted: TokenWish, says: str) -> None:
    """For others, of a higher role, or wider than one's own token: no."""
    with pytest.raises(Forbidden, match=says) as refused:
        refuse_ungrantable(wanted, asker, PEOPLE)
    assert refused.value.known


@pytest.mark.parametrize(
    ("wanted", "kind", "field"),
    [
        (wish(person="gone"), NotFound, "person"),
        (wish(name=""), Refused, "name"),
        (wish(name="a/b"), Refused, "name"),
        (wish(name="x" * 101), Refused, "name"),
        (wish(scope=frozenset()), Refused, "scope"),
        (wish(lasts=timedelta(0)), Refused, "expires_in_days"),
        (wish(lasts=timedelta(days=9_999)), Refused, "expires_in_days"),
    ],
)
def test_what_cannot_be_meant(wanted: TokenWish, kind: type[Refused], field: str) -> None:
    """Even an administrator is told which field is wrong."""
    with pytest.raises(kind) as refused:
        refuse_ungrantable(wanted, ADA, PEOPLE)
    assert refused.value.field == field


def test_an_administrator_gives_a_program_its_token() -> None:
    """A token of nobody, narrow and for a quarter."""
    narrow = wish(person=None, name="wall screen", scope=frozenset({Permission.LOOK}), lasts=timedelta(days=90))
    refuse_ungrantable(narrow, ADA, PEOPLE)


@pytest.mark.parametrize(("one", "other"), [(Role.ADMIN, Role.READ_ONLY), (Role.MANAGER, Role.RESPONDER)])
def test_the_lesser_of_two_roles(one: Role, other: Role) -> None:
    """Whichever is named first."""
    assert lesser(one, other) is lesser(other, one) is other


def test_the_documents_have_the_same_table() -> None:
    """What docs/access.md promises is what the table says, row by row."""
    words = {"all": Reach.EVERYWHERE, "team": Reach.TEAM, "own": Reach.OWN, "-": Reach.NOWHERE}
    text = (Path(__file__).parents[3] / "docs" / "access.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:3] == "| `"]
    told = {row[0].split("`")[1]: [words[cell] for cell in row[1:]] for row in rows}
    assert told == {one.value: [TABLE[role].get(one, Reach.NOWHERE) for role in ROLES] for one in Permission}

"""Passwords and sessions, on memory and on PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta

from store.scene import START, Scene
from tocsin.core.vocabulary import PersonName
from tocsin.ports.audit import AuditQuery
from tocsin.ports.signing_in import Change, KeptPassword, Opening, without_id

ADA = PersonName("ada")
LASTS = timedelta(days=30)
THEMSELF = Change(by="ada", way="themself", keep="s1")


def opening(name: str, subject: str = "ada") -> Opening:
    """A session that begins."""
    return Opening(id=name, subject=subject, role="admin", agent=f"browser {name}", address="10.0.0.1")


async def opened(scene: Scene, *names: str) -> None:
    """Sessions of ada, an hour apart."""
    for name in names:
        await scene.store.open_session(opening(name), lasts=LASTS)
        await scene.let_pass(hours=1)


async def going_on(scene: Scene, subject: str = "ada") -> list[str]:
    """The ids of somebody's sessions."""
    return [one.opening.id for one in await scene.store.sessions_of(subject, lasts=LASTS)]


async def test_a_password_is_kept_until_it_is_another(scene: Scene) -> None:
    """With when it was set; whoever never set one has none."""
    assert await scene.store.password_of(ADA) is None
    await scene.store.set_password(ADA, "h1", Change(by="ada", way="invitation"))
    await scene.let_pass(hours=1)
    await scene.store.set_password(ADA, "h2", Change(by="ada", way="recovery"))
    at = START + timedelta(hours=1)
    assert await scene.store.password_of(ADA) == KeptPassword(hash="h2", changed_at=at)
    assert await scene.store.passwords_set() == {"ada": at}


async def test_a_hash_is_renewed_unless_the_password_was_changed(scene: Scene) -> None:
    """Whoever sets a password meanwhile wins; the time of the change stays, and no log tells of it."""
    await scene.store.set_password(ADA, "h1", Change(by="ada", way="invitation"))
    await scene.let_pass(hours=1)
    await scene.store.renew_hash(ADA, old="h1", new="h1 anew")
    await scene.store.renew_hash(ADA, old="h1", new="late")
    assert await scene.store.password_of(ADA) == KeptPassword(hash="h1 anew", changed_at=START)
    assert len(await scene.store.records(AuditQuery())) == 1


async def test_sessions_are_listed_as_they_were_seen(scene: Scene) -> None:
    """The latest seen first, each as it began; those of others are not among them."""
    await opened(scene, "s1", "s2")
    await scene.store.open_session(opening("g1", "grace"), lasts=LASTS)
    assert await going_on(scene) == ["s2", "s1"]
    await scene.store.see_session("s1")
    first, _ = await scene.store.sessions_of("ada", lasts=LASTS)
    assert (first.opening, first.made_at, first.seen_at) == (opening("s1"), START, START + timedelta(hours=2))
    assert await scene.store.session("s1") == first
    assert await scene.store.session("nowhere") is None


async def test_one_session_is_ended_once_and_by_its_subject(scene: Scene) -> None:
    """It is told as over from then on; nobody ends another's with their own name."""
    await opened(scene, "s1", "s2")
    assert not await scene.store.end_session("grace", "s1", by="grace")
    assert await scene.store.end_session("ada", "s1", by="ada")
    assert not await scene.store.end_session("ada", "s1", by="ada")
    assert await going_on(scene) == ["s2"]
    kept = await scene.store.session("s1")
    assert kept is not None
    assert kept.ended_at == START + timedelta(hours=2)


async def test_all_but_one_are_ended(scene: Scene) -> None:
    """And with them those that have no id; those of others go on."""
    await opened(scene, "s1", "s2", "s3")
    await scene.store.open_session(opening("g1", "grace"), lasts=LASTS)
    assert await scene.store.session(without_id("ada")) is None
    assert await scene.store.end_sessions("ada", keep="s2", by="linus") == 2
    assert await scene.store.end_sessions("ada", keep="s2", by="linus") == 0
    assert (await going_on(scene), await going_on(scene, "grace")) == (["s2"], ["g1"])
    mark = await scene.store.session(without_id("ada"))
    assert mark is not None
    assert mark.ended_at is not None
    assert await scene.store.session(without_id("grace")) is None
    assert await scene.store.end_sessions("ada", keep=None, by="linus") == 1


async def test_a_new_password_ends_the_other_sessions(scene: Scene) -> None:
    """In one transaction: there is no moment with the new password and the old sessions."""
    await opened(scene, "s1", "s2")
    assert await scene.store.set_password(ADA, "h1", THEMSELF) == 1
    assert await going_on(scene) == ["s1"]


async def test_what_has_run_out_is_forgotten(scene: Scene) -> None:
    """It is not listed, and is gone when the next one begins."""
    await opened(scene, "s1")
    await scene.let_pass(hours=31 * 24)
    assert await going_on(scene) == []
    await opened(scene, "s2")
    assert await scene.store.session("s1") is None
    assert await going_on(scene) == ["s2"]


async def test_the_log_tells_who_and_never_what(scene: Scene) -> None:
    """Set, invited and ended are in it, signing out is not; no hash and no id is."""
    await opened(scene, "s1", "s2", "s3")
    await scene.store.set_password(ADA, "secret hash", THEMSELF)
    await scene.store.note_invitation(PersonName("grace"), by="ada", lasts=timedelta(days=7))
    await scene.store.end_session("ada", "s1", by=None)
    told = await scene.store.records(AuditQuery())
    assert [(one.by, one.kind, one.name) for one in told] == [
        ("ada", "invitation", "grace"),
        ("ada", "sessions", "ada"),
        ("ada", "password", "ada"),
    ]
    assert told[2].after == {"way": "themself"}
    written = str(told)
    assert "browser s2" in written
    assert not [secret for secret in ("secret hash", "'s2'", "'s3'") if secret in written]

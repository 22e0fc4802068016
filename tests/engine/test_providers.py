"""What a node knows of providers: who fails, whom that leaves without another way, and that it is forgotten in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from messenger import ADA, START, ada
from tocsin.core.directory import Directory
from tocsin.core.paging.provider import ALL_WELL, IN_A_ROW
from tocsin.core.vocabulary import PersonName
from tocsin.engine.providers import FORGOTTEN, KnownProviders

LINUS = PersonName("linus")
DIRECTORY = Directory(people={ADA: ada("mail", "push"), LINUS: replace(ada("mail"), name=LINUS)})


def mail_is_down(known: KnownProviders, *, times: int = IN_A_ROW) -> None:
    """The mail server does not answer."""
    for number in range(times):
        at = START + timedelta(seconds=number)
        known.began("email", "ada@example.org", at)
        known.failed("email", "ada@example.org", at, "no answer")


async def test_it_tells_whom_a_failing_provider_leaves_without_a_way() -> None:
    """Everybody who is reached through it is counted; whoever has no other way is named."""
    known = KnownProviders()
    mail_is_down(known)
    (failing,) = known.failing(DIRECTORY)
    assert (failing.shown, failing.since, failing.why) == ("email", START, "no answer")
    assert (failing.people, failing.cut_off) == (2, (LINUS,))


async def test_when_all_ways_fail_all_are_cut_off() -> None:
    """Another way that fails as well is none."""
    known = KnownProviders()
    mail_is_down(known)
    for _ in range(IN_A_ROW):
        known.failed("ntfy", "ada-phone", START, "busy")
    assert [failing.cut_off for failing in known.failing(DIRECTORY)] == [(ADA, LINUS), (ADA,)]


async def test_a_stumble_is_told_to_nobody() -> None:
    """Before it is failing pages know nothing of it; only an alarm is rung by another way first."""
    known = KnownProviders()
    mail_is_down(known, times=1)
    assert (known.present(), known.failing(DIRECTORY)) == (ALL_WELL, ())
    assert known.has_failed(DIRECTORY.people[ADA].contacts[0])
    known.took("email", "linus@example.org", START)
    assert not known.has_failed(DIRECTORY.people[ADA].contacts[0])


async def test_recovery_is_known_at_once() -> None:
    """One call that is taken, and the next decision sees that it works."""
    known = KnownProviders()
    mail_is_down(known)
    assert known.present().failing("email", "x@example.org", START) is not None
    known.took("email", "ada@example.org", START)
    assert (known.present(), known.failing(DIRECTORY)) == (ALL_WELL, ())


async def test_what_nobody_tries_is_forgotten() -> None:
    """After an hour without a call nothing is known any more."""
    known = KnownProviders()
    mail_is_down(known)
    loop = asyncio.get_running_loop()
    for provider in known._heard_of:
        known._heard_of[provider] = loop.time() - FORGOTTEN.total_seconds() - 1
    assert known.failing(DIRECTORY) == ()
    assert known.present() == ALL_WELL

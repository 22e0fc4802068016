"""The course of a sync, decided on values alone: when it is due, what an attempt meant, who hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.syncs import (
    AsItIs,
    Changed,
    Duty,
    Failed,
    Failing,
    Followed,
    InsteadPerson,
    InsteadTeam,
    Judged,
    Kept,
    Missing,
    Recovered,
    Result,
    Same,
    State,
    Sync,
    SyncName,
    Unmatched,
    Verdict,
    Wanted,
    due_at,
    judge,
    wanted,
    wanted_since,
)
from tocsin.core.syncs.course import FIRST_WAIT, LONGEST_WAIT, REPAIR_EVERY
from tocsin.core.vocabulary import utc

NOW = utc(2026, 11, 22, 3)
SYNC = Sync(name=SyncName("oncall"), kind="group", target="oncall", schedules=("first", "second"))
ADA = Wanted(people=("ada",), until=NOW + timedelta(hours=6))
GRACE = Wanted(people=("grace",))
DOWN = Failed(why="it is down")


def duty(*people: str, minutes: int | None = None, reason: str | None = None) -> Duty:
    """What a schedule answers."""
    until = None if minutes is None else NOW + timedelta(minutes=minutes)
    return Duty(people=people, until=until, reason=reason)


def attempt(known: State | None, result: Result, *unmatched: Unmatched, wish: Wanted = ADA, **after: float) -> Judged:
    """An attempt, so long after the beginning."""
    followed = Followed(result=result, unmatched=unmatched)
    return judge(SYNC, known, wish, followed, NOW + timedelta(**after))


def applied(wish: Wanted = ADA) -> State:
    """A sync that has put these people there."""
    return attempt(None, Changed(before=(), after=wish.names), wish=wish).state


def test_everybody_on_call_by_any_schedule_is_wanted() -> None:
    """People come once each, in the order of the schedules, until the first of them changes."""
    found = wanted(SYNC, [duty("ada", "linus", minutes=60), duty("grace", "ada", minutes=30)], members=["mei"])
    assert found.people == found.names == ("ada", "linus", "grace")
    assert (found.until, found.reason) == (NOW + timedelta(minutes=30), None)


def test_with_nobody_on_call_the_fallback_decides() -> None:
    """It stays as it is, or the team stands in, or one person does; and why nobody is on call is kept."""
    nobody = [duty(minutes=5, reason="no_layer"), duty(reason="everybody_is_away")]
    kept = wanted(SYNC, nobody, members=["ada", "mei", "ada"])
    assert (kept.names, kept.reason, kept.until) == ((), "no_layer", NOW + timedelta(minutes=5))
    assert wanted(replace(SYNC, fallback=InsteadTeam()), nobody, members=["ada", "mei", "ada"]).names == ("ada", "mei")
    assert wanted(replace(SYNC, fallback=InsteadPerson(person="linus")), nobody, members=[]).names == ("linus",)


def test_who_stands_in_waits_while_somebody_is_on_call() -> None:
    """A fallback is known to the attempt, for the case that nobody on call can be put there."""
    found = wanted(replace(SYNC, fallback=InsteadTeam()), [duty("ada")], members=["mei"])
    assert (found.names, found.instead) == (("ada",), ("mei",))


def test_without_its_schedules_nobody_is_wanted() -> None:
    """A sync whose schedules are gone says so."""
    assert wanted(SYNC, [], members=[]).reason == "no_schedule"


def test_it_is_due_when_it_was_never_tried_or_configured_anew() -> None:
    """A new sync, and one that keeps something else from now on, is attempted at once."""
    assert due_at(SYNC, None, ADA, NOW) == NOW
    known = applied()
    assert due_at(replace(SYNC, target="other"), known, ADA, NOW) == NOW
    assert due_at(replace(SYNC, fallback=InsteadTeam()), known, ADA, NOW) == NOW
    assert due_at(replace(SYNC, secret_variable="X"), known, ADA, NOW) == NOW
    assert due_at(replace(SYNC, schedules=("first",)), known, ADA, NOW) == NOW


def test_it_is_due_when_others_are_on_call() -> None:
    """Whatever has changed who is on call, it need not wait for its time."""
    assert due_at(SYNC, applied(), GRACE, NOW) == NOW
    assert due_at(SYNC, applied(), replace(ADA, people=("ada", "grace")), NOW) == NOW


def test_it_is_due_at_the_change_of_shift() -> None:
    """A shift that ends before the next look brings the look forward."""
    soon = replace(ADA, until=NOW + timedelta(minutes=2))
    assert due_at(SYNC, applied(), soon, NOW) == NOW + timedelta(minutes=2)


def test_it_is_looked_at_every_few_minutes() -> None:
    """With all as it was, the next look is the one that repairs."""
    assert due_at(SYNC, applied(), ADA, NOW) == NOW + REPAIR_EVERY
    assert due_at(SYNC, applied(), replace(ADA, until=None), NOW) == NOW + REPAIR_EVERY


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    """Instants of a future that has not come yet are no reason to wait for them."""
    late = attempt(None, Same(members=("ada",)), hours=9).state
    assert due_at(SYNC, late, ADA, NOW) == NOW


def test_a_failing_sync_waits_for_its_next_try() -> None:
    """Neither a change of shift nor other people on call hurry a sync whose other side wants to be left alone."""
    failing = attempt(applied(), Failed(why="busy", wait=timedelta(minutes=20), is_busy=True)).state
    assert due_at(SYNC, failing, GRACE, NOW) == failing.next_at == NOW + timedelta(minutes=20)
    assert due_at(replace(SYNC, target="other"), failing, ADA, NOW) == NOW


@given(st.sampled_from([ADA, GRACE, Wanted(people=())]), st.integers(0, 20), st.booleans())
def test_something_is_always_due(wish: Wanted, failures: int, busy: bool) -> None:
    """Whatever happened, the next look is at most an hour away."""
    known = applied()
    for _ in range(failures):
        known = attempt(known, Failed(why="x", wait=timedelta(days=3) if busy else None, is_busy=busy)).state
    assert NOW <= due_at(SYNC, known, wish, NOW) <= NOW + LONGEST_WAIT


def test_a_first_attempt_changes() -> None:
    """What somebody else had left there is no repair, but a change."""
    judged = attempt(None, Changed(before=("mei",), after=("ada",), by="mei"))
    assert (judged.state.verdict, judged.state.applied, judged.state.members) == (Verdict.CHANGED, ("ada",), ("ada",))
    assert judged.entry is not None
    assert (judged.entry.before, judged.entry.after, judged.entry.text) == (("mei",), ("ada",), "")


def test_a_change_by_hand_is_repaired() -> None:
    """The same people are wanted as were put there: somebody else has changed it, and is named where that is known."""
    judged = attempt(applied(), Changed(before=("mei",), after=("ada",), by="mei"), minutes=5)
    assert judged.state.verdict is Verdict.REPAIRED
    assert judged.entry is not None
    assert judged.entry.text == "last changed by mei"


def test_a_change_of_shift_is_no_repair() -> None:
    """Others are wanted than before."""
    judged = attempt(applied(), Changed(before=("ada",), after=("grace",)), wish=GRACE, hours=6)
    assert (judged.state.verdict, judged.state.applied) == (Verdict.CHANGED, ("grace",))


def test_somebody_who_can_be_put_there_at_last_is_no_repair() -> None:
    """The same people are wanted, but fewer of them are missing: nobody has changed anything by hand."""
    both = Wanted(people=("ada", "linus"))
    linus = Unmatched(person="linus", why="unknown")
    known = attempt(None, Changed(before=(), after=("ada",)), linus, wish=both).state
    judged = attempt(known, Changed(before=("ada",), after=("ada", "linus")), wish=both, minutes=5)
    assert judged.state.verdict is Verdict.CHANGED
    assert judged.state.missed == ()


def test_nothing_to_do_is_no_line() -> None:
    """A log of nothing but "unchanged" tells nobody anything."""
    judged = attempt(applied(), Same(members=("ada",)), minutes=5)
    assert (judged.state.verdict, judged.entry, judged.news) == (Verdict.UNCHANGED, None, ())
    assert judged.state.next_at == NOW + timedelta(minutes=5) + REPAIR_EVERY


def test_nobody_to_put_there_is_said_once() -> None:
    """It stays as it is; the log says so when it begins, not every few minutes."""
    nobody = Wanted(people=(), reason="no_layer")
    first = attempt(applied(), Kept(members=("ada",), why="nobody is on call"), wish=nobody)
    assert first.entry is not None
    assert (first.entry.verdict, first.entry.text) == (Verdict.KEPT, "nobody is on call")
    assert first.state.applied == ("ada",)
    again = attempt(first.state, Kept(members=("ada",), why="nobody is on call"), wish=nobody, minutes=5)
    assert again.entry is None


def test_failures_wait_longer_each_time() -> None:
    """The wait doubles, up to the usual distance of looks."""
    known: State | None = None
    waits = []
    for _ in range(7):
        known = attempt(known, DOWN).state
        waits.append(known.next_at - NOW)
    assert waits[:4] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    assert set(waits[4:]) == {REPAIR_EVERY}


def test_the_other_side_is_left_alone_as_long_as_it_asks() -> None:
    """What it asks for goes before our own wait, up to an hour."""
    asked = Failed(why="busy", wait=timedelta(seconds=7), is_busy=True)
    assert attempt(None, asked).state.next_at == NOW + timedelta(seconds=7)
    assert attempt(None, replace(asked, wait=timedelta(days=1))).state.next_at == NOW + LONGEST_WAIT
    assert attempt(None, replace(asked, wait=None)).state.next_at == NOW + FIRST_WAIT
    assert attempt(None, Failed(why="x", wait=timedelta(minutes=9))).state.next_at == NOW + timedelta(minutes=9)


def test_three_failures_are_an_alarm_that_is_said_once() -> None:
    """Two may be a hiccup; the third is told, the fourth tells nothing new."""
    first = attempt(applied(), Failed(why="revoked", mend="install it again"))
    second = attempt(first.state, DOWN, minutes=1)
    assert (first.news, second.news) == ((), ())
    third = attempt(second.state, Failed(why="revoked", mend="install it again"), minutes=2)
    assert third.news == (Failing(since=NOW, why="revoked", mend="install it again"),)
    fourth = attempt(third.state, DOWN, minutes=4)
    assert fourth.news == ()
    assert (fourth.state.failing_since, fourth.state.failures) == (NOW, 4)


def test_a_failure_that_lasts_is_an_alarm() -> None:
    """A busy other side is not counted, yet after ten minutes somebody has to look."""
    busy = Failed(why="busy", is_busy=True)
    known = applied()
    for minute in range(9):
        judged = attempt(known, busy, minutes=minute)
        assert (judged.news, judged.state.failures) == ((), 0)
        known = judged.state
    assert attempt(known, busy, minutes=10).news == (Failing(since=NOW, why="busy", mend=""),)


def test_the_log_has_a_failure_once() -> None:
    """The same failure again is no news; another reason is."""
    first = attempt(applied(), DOWN)
    assert first.entry is not None
    assert attempt(first.state, DOWN, minutes=1).entry is None
    other = attempt(first.state, Failed(why="revoked", mend="install it again"), minutes=1).entry
    assert other is not None
    assert other.text == "revoked: install it again"


def test_a_failure_forgets_nothing() -> None:
    """Who was put there, who is missing and whom people were told of stays known."""
    linus = Unmatched(person="linus", why="unknown")
    known = attempt(None, Changed(before=(), after=("ada",)), linus, wish=Wanted(people=("ada", "linus"))).state
    failed = attempt(known, DOWN, wish=GRACE, minutes=1).state
    assert (failed.applied, failed.members, failed.missed) == (("ada", "linus"), ("ada",), known.missed)


def test_the_end_of_an_alarm_is_told() -> None:
    """Whoever heard of the failure hears that it is over, and the log has it."""
    known = applied()
    for minute in range(3):
        known = attempt(known, DOWN, minutes=minute).state
    judged = attempt(known, Same(members=("ada",)), minutes=5)
    assert judged.news == (Recovered(since=NOW),)
    assert judged.state.verdict is Verdict.RECOVERED
    assert judged.entry is not None
    assert (judged.state.failing_since, judged.state.failures, judged.state.alarmed) == (None, 0, False)


def test_the_end_of_a_hiccup_is_told_to_nobody() -> None:
    """What nobody heard of ends without a word."""
    known = attempt(applied(), DOWN).state
    assert attempt(known, Same(members=("ada",)), minutes=1).news == ()


def test_somebody_missing_is_told_once() -> None:
    """Each person who cannot be put there is news when it begins, and again when it begins anew."""
    both, linus = Wanted(people=("ada", "linus")), Unmatched(person="linus", why="unknown")
    first = attempt(None, Changed(before=(), after=("ada",)), linus, wish=both)
    assert first.news == (Missing(person="linus", why="unknown", since=NOW),)
    second = attempt(first.state, Same(members=("ada",)), linus, wish=both, minutes=5)
    assert (second.news, second.entry) == ((), None)
    assert second.state.missed[0].since == NOW
    gone = attempt(second.state, Changed(before=("ada",), after=("ada", "linus")), wish=both, minutes=10)
    back = attempt(gone.state, Changed(before=("ada", "linus"), after=("ada",)), linus, wish=both, minutes=15)
    assert [type(one) for one in back.news] == [Missing]


def test_another_setup_begins_anew() -> None:
    """What was put into one group says nothing of another; that it fails is still known."""
    failing = attempt(applied(), DOWN).state
    moved = replace(SYNC, target="other")
    state = judge(moved, failing, ADA, Followed(result=DOWN), NOW + timedelta(minutes=1)).state
    assert (state.applied, state.members, state.failures) == (None, (), 2)
    changed = judge(moved, applied(), ADA, Followed(result=Changed(before=("mei",), after=("ada",))), NOW).state
    assert changed.verdict is Verdict.CHANGED


def test_since_when_people_are_wanted_is_kept() -> None:
    """Looks and failures in between do not move it; other people do."""
    known = attempt(applied(), DOWN, minutes=3).state
    later = NOW + timedelta(minutes=9)
    assert wanted_since(SYNC, known, ADA, later) == NOW
    assert wanted_since(SYNC, known, GRACE, later) == later
    assert wanted_since(SYNC, None, ADA, later) == later


@pytest.mark.parametrize("fallback", [AsItIs(), InsteadTeam(), InsteadPerson(person="mei")])
def test_no_two_setups_look_alike(fallback: AsItIs | InsteadTeam | InsteadPerson) -> None:
    """Each part of a sync shows in its setup."""
    setups = {
        replace(SYNC, fallback=fallback, schedules=schedules, secret_variable=secret).setup
        for schedules in (("first",), ("first", "second"))
        for secret in (None, "A")
    }
    assert len(setups) == 4
    assert not setups & {replace(SYNC, fallback=InsteadPerson(person="ada")).setup}

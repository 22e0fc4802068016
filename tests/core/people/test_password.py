"""Which passwords are taken, and how long a guesser waits."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.people import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Person,
    Weakness,
    known_of,
    prepared,
    wait_after,
    weakness,
)
from tocsin.core.vocabulary import PersonName
from tocsin.engine.common_passwords import common_passwords

ADA = Person(
    name=PersonName("ada"),
    full_name="Ada Byron",
    email="ada.byron@example.org",
    time_zone=ZoneInfo("UTC"),
)
KNOWN = known_of(ADA, host="tocsin.example.org")
COMMON = common_passwords()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", Weakness.SHORT),
        ("elevenchars", Weakness.SHORT),
        ("x" * (LONGEST_PASSWORD + 1), Weakness.LONG),
        ("password2026!", Weakness.COMMON),
        ("P@ssw0rd!2026", Weakness.COMMON),
        ("sunshinedragon", Weakness.COMMON),
        ("monkey-dragon!", Weakness.COMMON),
        ("aaaaaaaaaaaa", Weakness.RUN),
        ("123456789012", Weakness.RUN),
        ("abcdefghijklmnop", Weakness.RUN),
        ("tocabtocabtocab", Weakness.RUN),
        ("qwertzuiopasdfgh", Weakness.RUN),
        ("AdaByron2026x", Weakness.KNOWN),
        ("example.org-ada", Weakness.KNOWN),
        ("tocsin-tocsin-x7", Weakness.KNOWN),
        ("correct horse battery staple", None),
        ("blaue Berge im März", None),
        ("kX9#vq2!Lm0p", None),
        ("三点钟的铃声叫醒了整个小镇", None),
    ],
)
def test_a_password_is_judged_by_a_named_reason(password: str, why: Weakness | None) -> None:
    """Short, common, known and run along are refused; a few strange words are taken."""
    assert weakness(prepared(password), known=KNOWN, common=COMMON) is why


@given(st.text(max_size=SHORTEST_PASSWORD - 1))
def test_nothing_short_is_taken(password: str) -> None:
    """However strange it is."""
    assert weakness(password, known=KNOWN, common=COMMON) is Weakness.SHORT


@given(st.sampled_from(sorted(COMMON)), st.integers(0, 99))
def test_a_common_one_with_a_number_is_not_taken(word: str, number: int) -> None:
    """What everybody tries first is tried with a number behind it next."""
    assert weakness(f"{word}{number}", known=(), common=COMMON) is not None


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_preparing_twice_is_preparing_once(text: str) -> None:
    """Whatever keyboard it comes from."""
    assert prepared(prepared(text)) == prepared(text)


def test_one_letter_typed_in_two_ways_is_one_password() -> None:
    """A letter with its accent, or a letter and an accent."""
    assert prepared("Mu\u0308nchen") == prepared("M\u00fcnchen")


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_waits_grow_and_end(wrong: int, free: int) -> None:
    """Nothing at first, never less after one more wrong try, and never more than the longest."""
    longest = timedelta(minutes=15)
    wait, after = (wait_after(count, free=free, longest=longest) for count in (wrong, wrong + 1))
    assert wait <= after <= longest
    assert (wait == timedelta(0)) == (wrong < free)

"""Lengths and widths in words and columns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.core.schedules.shown.words import columns, cut, length_text, padded, rough_length


@pytest.mark.parametrize(
    ("seconds", "exact", "rough"),
    [
        (0, "0s", "0 s"),
        (40, "40s", "40 s"),
        (20 * 60 + 5, "20m 5s", "20 min"),
        (5 * 3600 + 20 * 60, "5h 20m", "5 h 20 min"),
        (3600, "1h", "1 h"),
        (86400 + 59 * 60, "1d 59m", "1 d"),
        (3 * 86400 + 5 * 3600 + 60, "3d 5h 1m", "3 d 5 h"),
    ],
)
def test_lengths_are_said(seconds: int, exact: str, rough: str) -> None:
    """Exactly without what is zero, or roughly in the two greatest units."""
    length = timedelta(seconds=seconds)
    assert (length_text(length), rough_length(length)) == (exact, rough)


@pytest.mark.parametrize(
    ("text", "width", "kept"), [("艾达", 3, "艾"), ("艾达", 4, "艾达"), ("ada", 0, ""), ("e\u0301a", 1, "e\u0301")]
)
def test_text_is_cut_between_characters(text: str, width: int, kept: str) -> None:
    """Half a wide character is no character, and a mark stays on its letter."""
    assert cut(text, width) == kept
    assert columns(padded(kept, 5)) == 5

"""Each numbered sentence of `docs/schedules.md` has a test that carries its number."""

from __future__ import annotations

import re
from pathlib import Path

from core.schedules.rotas import minimal, rota, span
from tocsin.core.schedules import as_text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CONTRACT = ROOT / "docs" / "schedules.md"

#: Sentences about a record that another part keeps: where their tests are.
ELSEWHERE = {"7.2": ROOT / "tests" / "stories" / "test_the_past_stays.py"}


def sentences() -> list[str]:
    """The numbers of the contract's sentences, in order."""
    return re.findall(r"^(\d+\.\d+) ", CONTRACT.read_text(encoding="utf-8"), flags=re.MULTILINE)


def carried() -> set[str]:
    """The numbers that tests of the contract carry in their names."""
    texts = (path.read_text(encoding="utf-8") for path in HERE.glob("test_contract_*.py"))
    return {".".join(number) for text in texts for number in re.findall(r"^def test_(\d+)_(\d+)_", text, re.MULTILINE)}


def test_the_example_is_what_is_said() -> None:
    """The table in the introduction is what the contract's own schedule says over a clock change."""
    asked, window = minimal(), span("2026-03-27T08:00", "2026-03-30T22:00")
    table = as_text(asked.name, window, rota(asked).shifts(asked.name, window), zone=asked.time_zone)
    assert table in CONTRACT.read_text(encoding="utf-8")


def test_what_is_tested_elsewhere_is_there() -> None:
    """A sentence whose test is said to be elsewhere has it there, with its number."""
    for number, path in ELSEWHERE.items():
        assert number in path.read_text(encoding="utf-8")


def test_every_sentence_has_a_test() -> None:
    """A sentence without a test that carries its number fails here, and so does a number without its sentence."""
    numbers = sentences()
    assert len(numbers) == len(set(numbers))
    assert sorted(carried() | set(ELSEWHERE)) == sorted(numbers)


def test_sentences_are_numbered_in_order() -> None:
    """The sentences of each chapter are numbered 1, 2, 3, so that a number says where to look."""
    expected, chapter = [], 0
    for number in sentences():
        here = int(number.split(".")[0])
        last = int(expected[-1].split(".")[1]) if here == chapter else 0
        expected.append(f"{here}.{last + 1}")
        chapter = here
    assert sentences() == expected

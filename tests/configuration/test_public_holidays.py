"""Public holidays: which days they are, how a region is written, and what is not known."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from tocsin.configuration.public_holidays import public_holidays, region
from tocsin.core.errors import Refused
from tocsin.core.schedules import Region


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("DE", "DE"),
        ("DE-BY", "DE-BY"),
        ("DE-Bayern", "DE-BY"),
        ("DEU-BY", "DE-BY"),
        ("UK", "GB"),
        ("GB-SCT", "GB-SCT"),
        ("CN", "CN"),
    ],
)
def test_a_region_has_one_code(written: str, meant: str) -> None:
    """Countries and their parts are written by their ISO codes, and read by other names that are known for them."""
    assert region(written) == meant
    assert region(meant) == meant


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("de", "did you mean 'DE'?"),
        ("DE-BYE", "did you mean 'DE-BY'?"),
        ("GB-SCOT", "did you mean 'GB-SCT'?"),
        ("CN-31", "did you mean 'CN'?"),
        ("Atlantis", "a country, or a part of one: like DE, DE-BY, CN"),
        ("country_holidays", "a country, or a part of one: like DE, DE-BY, CN"),
        ("XNYS", "a country, or a part of one: like DE, DE-BY, CN"),
        ("", "a country, or a part of one: like DE, DE-BY, CN"),
    ],
)
def test_an_unknown_region_is_refused(written: str, hint: str) -> None:
    """The nearest known code is named; what else the library can do is no region."""
    with pytest.raises(Refused) as refused:
        region(written)
    assert refused.value.hint == hint


def test_the_holidays_of_a_part_are_its_own() -> None:
    """Epiphany is a holiday in Bavaria and none in Berlin; the Spring Festival is several days."""
    bavaria, berlin, china = (public_holidays(Region(code), 2026) for code in ("DE-BY", "DE-BE", "CN"))
    assert bavaria[date(2026, 1, 6)] == "Epiphany"
    assert date(2026, 1, 6) not in berlin
    assert {date(2026, 2, day) for day in (16, 17, 18, 19, 20, 23)} <= set(china)
    assert date(2026, 2, 24) not in china
    assert list(bavaria) == sorted(bavaria)


def test_only_public_holidays_count() -> None:
    """Days off for schools, churches or banks are no public holidays."""
    assert date(2026, 8, 15) not in public_holidays(Region("DE-BE"), 2026)
    assert set(public_holidays(Region("US"), 2026)) == {
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 7, 4),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    }


@pytest.mark.parametrize(("where", "year"), [("DE", 1900), ("DE", 2999), ("ZZ", 2026), ("DE-ZZ", 2026), ("", 2026)])
def test_what_nobody_knows_is_no_holiday(where: str, year: int) -> None:
    """Years without rules and regions without holidays have none; asking for them is no error."""
    assert public_holidays(Region(where), year) == {}


def test_a_day_in_lieu_stands_in_its_own_year() -> None:
    """New Year's Day 2022 was kept on the last day of 2021, so that is where it is found."""
    assert date(2021, 12, 31) in public_holidays(Region("US"), 2021)
    assert all(day.year == 2022 for day in public_holidays(Region("US"), 2022))


@pytest.mark.parametrize("language", ["de_DE.UTF-8", "zh_CN.UTF-8", "C"])
def test_names_do_not_depend_on_the_machine(language: str) -> None:
    """A holiday has the same name on every node, whatever language its machine speaks."""
    asked = "from tocsin.configuration.public_holidays import public_holidays as p; print(set(p('DE', 2026).values()))"
    environment = {"LANGUAGE": language, "LANG": language, "LC_ALL": language}
    told = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert "German Unity Day" in told.stdout
    assert "Tag der Deutschen Einheit" not in told.stdout

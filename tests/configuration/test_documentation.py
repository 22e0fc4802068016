"""What the documentation shows is accepted by the product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.app.configuring import read_files, read_offline

ROOT = Path(__file__).parents[2]


def blocks() -> Iterator[tuple[str, str]]:
    """Every YAML block of the documentation that is a configuration, with the file it stands in."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)):
            if text.startswith("tocsin: 1") and path.name != "rota.md":  # its files are tried in tests/app/test_rota.py
                yield f"{path.name}-{number}", text


def whole(text: str) -> str:
    """The block with the people whom it names and does not show."""
    others = "  - {name: grace, contacts: []}\n  - {name: linus, contacts: []}\n"
    return text.replace("\nteams:", f"\n{others}\nteams:", 1) if "grace" in text else text


@pytest.mark.parametrize(("name", "text"), list(blocks()), ids=[name for name, _ in blocks()])
def test_what_is_shown_can_be_applied(name: str, text: str) -> None:
    """A configuration that the documentation shows has no mistake."""
    environment = {"TOCSIN_KEY": "0123456789abcdef", "AIRFLOW_KEY": "11111111-2222-3333-4444-555555555555", "NAME": "x"}
    environment["ADA_CALENDAR"] = "https://calendar.example.org/ada.ics"
    assert read_files([(name, whole(text))], environment=environment).documents


@pytest.mark.parametrize(("name", "text"), list(blocks()), ids=[name for name, _ in blocks()])
def test_what_is_shown_can_be_read_offline(name: str, text: str, tmp_path: Path) -> None:
    """Where a rota is only rendered, keys and secret addresses need not be set."""
    path = tmp_path / f"{name}.yaml"
    path.write_text(whole(text), encoding="utf-8")
    assert read_offline(path).people

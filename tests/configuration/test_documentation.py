"""What the documentation shows is accepted by the product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.app.configuring import read_files

ROOT = Path(__file__).parents[2]


def blocks() -> Iterator[tuple[str, str]]:
    """Every YAML block of the documentation that is a configuration, with the file it stands in."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)):
            if text.startswith("tocsin: 1"):
                yield f"{path.name}-{number}", text


@pytest.mark.parametrize(("name", "text"), list(blocks()), ids=[name for name, _ in blocks()])
def test_what_is_shown_can_be_applied(name: str, text: str) -> None:
    """A configuration that the documentation shows has no mistake."""
    others = "  - {name: grace, contacts: []}\n  - {name: linus, contacts: []}\n"
    if "grace" in text:
        text = text.replace("\nteams:", f"\n{others}\nteams:", 1)
    environment = {"TOCSIN_KEY": "0123456789abcdef", "AIRFLOW_KEY": "11111111-2222-3333-4444-555555555555", "NAME": "x"}
    assert read_files([(name, text)], environment=environment).documents

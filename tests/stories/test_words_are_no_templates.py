"""What senders write is shown as they wrote it: no text from outside is ever a template, a format or a command."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tocsin
from playbook import Playbook

SOURCE = Path(tocsin.__file__).parent
TRICKS = [
    "{{7*7}} {% for x in range(9) %}", "{0.__class__.__mro__} {summary}", "%(summary)s %s %n %%", "${HOME} $(id) `id`",
    "=cmd|' /C calc'!A0", "\u202egnp.exe",
]  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
async def test_a_trick_is_told_as_it_is(trick: str) -> None:
    """In a page to a program and in the text of a mail: letter for letter, but for what misleads the eye."""
    book = Playbook()
    await book.event(trick)
    await book.let_pass(minutes=3)
    page, mail = book.providers.rang[:2]
    assert page.contact == "hook"
    assert mail.contact == "mail"
    assert page.text == trick
    assert trick.replace("\u202e", "") in mail.text
    assert "49" not in mail.text


def test_templates_come_out_of_the_package() -> None:
    """Everything that is made into a template is written in the program: a constant, or a file beside it."""
    made = [
        (path.relative_to(SOURCE).as_posix(), call)
        for path in SOURCE.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("from_string", "Template")
    ]
    assert sorted(place for place, _ in made) == ["channels/stationery.py", "web/api/reference.py"]
    for place, call in made:
        names = {node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)}
        assert all(name.isupper() or name == "blocks" for name in names), place  # constants; `blocks` is given one

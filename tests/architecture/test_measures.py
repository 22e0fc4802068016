"""The measures of the house. A red figure is a question: which noun is missing, which two things became one?"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from collections.abc import Iterable, Iterator

import pytest

from architecture.house import Function, Module, every_test_file, everything, functions, house, listed, snippet

MODULE_LINES_MOST = 450
MODULE_LINES_P90 = 300
FUNCTION_LINES_MOST = 70
FUNCTION_LINES_P90 = 30
DOCUMENTED_SHARE = 0.9

#: Names that say nothing: a homeless function has a missing noun.
VAGUE = re.compile(r"^_*(?:.*_)?(?:utils?|helpers?|commons?|managers?|miscs?|miscellaneous|stuff)$")

#: An order to a checker to look away, without saying from what.
BARE_ESCAPE = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*(?:ruff:\s*|flake8:\s*)?noqa(?!\s*:\s*[A-Z]+\d)", re.IGNORECASE)


def percentile(values: Iterable[int], share: float) -> int:
    """The smallest of the values that is not below `share` of them; 0 of none."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0


def lines_of(node: ast.AST) -> int:
    """How many lines a function takes, its decorators left out."""
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def public_things(module: Module) -> list[tuple[ast.AST, str, bool]]:
    """What a reader may use from a file: node, name, and whether it has a docstring. Nested functions are not."""
    return [
        (node, name, ast.get_docstring(node) is not None)
        for node, name in _public_below(module.tree.body, "")
        if not _is_overload(node)
    ]


def bare_escapes(module: Module) -> list[str]:
    """Comments that silence a checker wholesale."""
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    return [f"{module.place}:{c.start[0]}: {c.string}" for c in comments if BARE_ESCAPE.search(c.string)]


def vague_parts(place: str) -> list[str]:
    """Folders and files on a path whose names say nothing."""
    return [part for part in place.removesuffix(".py").split("/") if VAGUE.match(part)]


def untold_tests(module: Module) -> list[str]:
    """Test functions without the sentence that says which law they check."""
    return [
        module.at(function, f"{function.name} has no docstring")
        for function in functions(module.tree)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]


def test_modules_are_short() -> None:
    """A file is read at one sitting: nine of ten under 300 lines, none of 450."""
    lengths = {module.place: module.text.count("\n") for module in house()}
    long = [f"{place}: {length} lines" for place, length in lengths.items() if length >= MODULE_LINES_MOST]
    assert not long, listed(long)
    assert percentile(lengths.values(), 0.9) < MODULE_LINES_P90


def test_functions_are_short() -> None:
    """A function fits on a screen: nine of ten within 30 lines, none over 70."""
    lengths = [(lines_of(f), module.at(f, f.name)) for module in house() for f in functions(module.tree)]
    long = [f"{where} has {length} lines" for length, where in lengths if length > FUNCTION_LINES_MOST]
    assert not long, listed(long)
    assert percentile((length for length, _ in lengths), 0.9) <= FUNCTION_LINES_P90


def test_public_things_are_told() -> None:
    """More than nine of ten public classes and functions say what they are for."""
    things = [(module.at(node, name), told) for module in house() for node, name, told in public_things(module)]
    untold = [where for where, told in things if not told]
    assert len(untold) < (1 - DOCUMENTED_SHARE) * len(things), listed(untold)


def test_every_file_says_what_it_is_for() -> None:
    """A file opens with one sentence about itself."""
    silent = [module.place for module in everything() if module.text.strip() and not ast.get_docstring(module.tree)]
    assert not silent, listed(silent)


def test_every_test_has_a_sentence() -> None:
    """A failing test tells in words which law was broken."""
    untold = [finding for module in every_test_file() for finding in untold_tests(module)]
    assert not untold, listed(untold)


def test_no_bare_escape() -> None:
    """Whoever silences a checker names the rule that is silenced."""
    findings = [finding for module in everything() for finding in bare_escapes(module)]
    assert not findings, listed(findings)


def test_names_say_something() -> None:
    """No folder and no file is a drawer for odds and ends."""
    findings = [f"{module.place}: {part}" for module in everything() for part in vague_parts(module.place)]
    assert not findings, listed(findings)


def test_percentile_is_the_nearest_rank() -> None:
    """Nine of ten means that at most one of ten lies above."""
    assert percentile(range(1, 11), 0.9) == 9
    assert percentile([7], 0.9) == 7
    assert percentile([], 0.9) == 0


def test_lengths_are_counted() -> None:
    """A function's length is from its `def` to its last line, without decorators."""
    function = next(functions(snippet("@a\n@b\ndef f():\n    x = 1\n    return x").tree))
    assert lines_of(function) == 3


def test_untold_things_are_seen() -> None:
    """Methods count; private, nested and overloaded functions do not."""
    text = (
        'class A:\n    """Told."""\n    def untold(self): ...\n    def _own(self): ...\n    def __len__(self): ...\n'
        'def told():\n    """Told."""\n    def nested(): ...\n@overload\ndef variant(): ...\n'
        "if True:\n    async def late(): ...\nclass _Own:\n    def hidden(self): ..."
    )
    assert [(name, told) for _, name, told in public_things(snippet(text))] == [
        ("A", True),
        ("A.untold", False),
        ("told", True),
        ("late", False),
    ]


def test_an_untold_test_is_seen() -> None:
    """A test method counts as a test; what only prepares one does not."""
    text = "def test_a(): ...\nclass TestB:\n    async def test_b(self): ...\ndef made(): ...\n"
    text += 'def test_c():\n    """Told."""'
    assert len(untold_tests(snippet(text))) == 2


@pytest.mark.parametrize("comment", ["type: ignore", "noqa", "NOQA", "ruff: noqa", "noqa : because", "type:ignore # x"])
def test_a_bare_escape_is_seen(comment: str) -> None:
    """An escape without a rule is found, one with a rule or inside a string is not."""
    assert bare_escapes(snippet(f"x = 1  # {comment}\n"))
    assert not bare_escapes(snippet(f"x = '# {comment}'\ny = 2  # type: ignore[attr-defined]  # noqa: S101\n"))


@pytest.mark.parametrize("place", ["core/utils.py", "web/_helpers.py", "engine/task_manager.py", "common/a.py"])
def test_a_vague_name_is_seen(place: str) -> None:
    """A name that says nothing is found as a file, a folder and a last word."""
    assert vague_parts(place)
    assert not vague_parts("core/utility_bill/commonwealth.py")


def _public_below(body: Iterable[ast.stmt], owner: str) -> Iterator[tuple[Function | ast.ClassDef, str]]:
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from _public_below(node.body, owner)
        elif isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node, f"{owner}{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from _public_below(node.body, f"{owner}{node.name}.")


def _is_overload(node: Function | ast.ClassDef) -> bool:
    return any(ast.unparse(decorator).endswith(("overload", ".setter")) for decorator in node.decorator_list)

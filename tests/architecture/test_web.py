"""Pages and API never leave the event loop: a plain `def` costs a thread and twice the time."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

from architecture.house import Function, Module, functions, house, listed, snippet

#: Methods of a router or an application that take a handler as what they decorate.
DECORATORS = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "trace"}
    | {"websocket", "route", "api_route", "exception_handler", "middleware"}
)

#: Calls that take a handler or a dependency as an argument.
TAKERS = frozenset({"Depends", "Security", "add_api_route", "add_route", "add_exception_handler"})


def sync_handlers(modules: Iterable[Module]) -> list[str]:
    """Route handlers and dependencies that are not `async def`."""
    known = list(modules)
    plain = _only_plain(known)
    decorated = [
        module.at(function, f"handler {function.name} is not async")
        for module in known
        for function in functions(module.tree)
        if isinstance(function, ast.FunctionDef) and any(map(_is_route, function.decorator_list))
    ]
    handed = [
        module.at(node, f"{name} is handed to FastAPI and is not async")
        for module in known
        for node, name in _handed_on(module.tree)
        if name in plain
    ]
    return decorated + handed


def test_the_web_is_async() -> None:
    """Every handler and every dependency of the web is `async def`."""
    findings = sync_handlers(module for module in house() if module.room == "web")
    assert not findings, listed(findings)


@pytest.mark.parametrize(
    "text",
    [
        "@router.get('/x')\ndef page(): ...",
        "def make():\n    @app.post('/x', status_code=202)\n    def page(): ...",
        "def who(): ...\nasync def page(me=Depends(who)): ...",
        "class Who: ...\nMe = Annotated[str, fastapi.Depends(Who)]",
        "def page(): ...\nrouter.add_api_route('/x', page)",
        "Me = Depends(lambda: 1)",
    ],
)
def test_a_sync_handler_is_seen(text: str) -> None:
    """A plain function is found as a handler, a dependency, a class or a lambda."""
    assert sync_handlers([snippet(text, "web/server.py")])


def test_an_async_handler_is_free() -> None:
    """What is async, and what is no handler, is left alone, also across files."""
    page = snippet("@router.get('/x')\nasync def page(me=Depends(sessions.who)): return text(cache.get('x'))")
    sessions = snippet("async def who(): ...\n@functools.cache\ndef text(): ...")
    assert not sync_handlers([page, sessions])


def _is_route(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in DECORATORS


def _only_plain(modules: Iterable[Module]) -> set[str]:
    """Names that stand for classes and plain functions alone; the lambda has none and counts as plain."""
    kinds: defaultdict[str, set[bool]] = defaultdict(set)
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, Function | ast.ClassDef):
                kinds[node.name].add(isinstance(node, ast.AsyncFunctionDef))
    return {name for name, async_ones in kinds.items() if async_ones == {False}} | {"lambda"}


def _handed_on(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in TAKERS:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield argument, _last_name(argument)


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Lambda():
            return "lambda"
        case _:
            return ""

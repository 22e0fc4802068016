"""Requests that real senders have sent, and what somebody makes of them who means harm or knows no better."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from intake.wire import BY_NAME, FIXTURES, request_to
from tocsin.ports.doors import Door, Request

#: Values that are none, too much, of another kind, or that some layer below cannot keep.
HORRORS: list[Any] = [
    None, True, False, 0, -1, 2**53, 2**63, 2**64, -(2**63) - 1, 10**300, 1e308, -0.0, 5e-324, "", " ", "\0", "a\0b",
    "\ud800\udfff", "\ufeff", "\u202e", "\x1b[2J", "\r\n.\r\n", "x" * 600, "é" * 5_000, "\U0001f525" * 2_000,
    "NaN", "null", "{{7*7}}", "{0.__class__}", "${jndi:ldap://x}", "%s%n", "'; DROP TABLE alerts; --", "<script>x()",
    "javascript:alert(1)", "../../etc/passwd", "http://169.254.169.254/", "https://x\nheader: y", "P9Y",
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999999-23:59", "0001-01-01T00:00:00+23:59", "2026-02-30T00:00:00Z",
    [], {}, [[]], [{}], [None], {"": ""}, {"\0": "\0"}, {"a" * 2_000: "b"}, {"__proto__": {"x": 1}}, ["x"] * 500,
    {f"k{place}": "v" for place in range(300)}, [[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]],
]  # fmt: skip
#: Pieces that break JSON, or make it something else.
PIECES = [
    b"\0", b"\\u0000", b"\\ud800", b"\\", b'"', b"{", b"[" * 3_000, b'{"a":' * 3_000, b"]", b"}", b",", b":", b"-",
    b"NaN", b"Infinity", b"1e999", b"9" * 5_000, b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x28\x8c\x28", b"\xc0\x80", b"/*",
    b'"alerts":[],', b'"message":"x",', b'"routing_key":1,', b'"action":"resolve",', b"=", b"--x\r\n\r\n", b"\x1e",
    b"<!DOCTYPE x>",
]  # fmt: skip
ENCODINGS: list[Callable[[str], bytes]] = [
    lambda text: text.encode("utf-16"),
    lambda text: text.encode("utf-32-be"),
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.encode("latin-1", "replace"),
    lambda text: ("payload=" + text).encode(),
    lambda text: text.encode() * 2,
    lambda text: text.encode()[: len(text) // 2],
]


def recorded(door: Door) -> list[Request]:
    """Every request of a door's fixtures."""
    cases = [path for path in sorted((FIXTURES / door.name).glob("*.json")) if not path.name.endswith(".events.json")]
    found = []
    for path in cases:
        sent = dict(json.loads(path.read_text(encoding="utf-8"))["request"])
        found.append(request_to(BY_NAME[door.name], sent.pop("path"), sent.pop("body"), **sent))
    return found


def twisted(door: Door) -> st.SearchStrategy[Request]:
    """A recorded request with its values swapped, its bytes damaged, or written in another way."""
    return st.sampled_from(recorded(door)).flatmap(
        lambda request: st.one_of(_swapped(request), _damaged(request), _encoded(request), _addressed(request))
    )


def _swapped(request: Request) -> st.SearchStrategy[Request]:
    """One to three values, or names, replaced by others."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return _damaged(request)
    places = list(_places(body, ()))
    swaps = st.lists(st.tuples(st.sampled_from(places), st.sampled_from(HORRORS)), min_size=1, max_size=3)
    return swaps.map(lambda chosen: replace(request, body=_written(_with(body, chosen))))


def _damaged(request: Request) -> st.SearchStrategy[Request]:
    """A piece put in, taken out or written over."""
    at = st.integers(0, len(request.body))
    return st.builds(
        lambda start, gone, piece: replace(request, body=request.body[:start] + piece + request.body[start + gone :]),
        at,
        st.sampled_from([0, 0, 1, 2, 40]),
        st.sampled_from(PIECES) | st.binary(max_size=4),
    )


def _encoded(request: Request) -> st.SearchStrategy[Request]:
    """The same text in another encoding, twice, as a form, or half of it."""
    text = request.body.decode()
    return st.sampled_from(ENCODINGS).map(lambda encode: replace(request, body=encode(text)))


def _addressed(request: Request) -> st.SearchStrategy[Request]:
    """The same body by another method, at another address, with another key."""
    tails = [
        "",
        "/",
        "//",
        "/x/close",
        "/%00/close",
        "/%ff%fe/acknowledge",
        "/requests/%00",
        "/..%2f..",
        "/" + "a" * 3_000,
    ]
    keys = [None, "", "\0", "k" * 5_000, "\ufffd", "key"]
    headers = [{}, {"authorization": "Basic ///"}, {"authorization": "Basic Og=="}, {"authorization": "\x80 \xff"},
               {"authorization": "GenieKey " + "x" * 4_000}, {"content-type": "multipart/form-data"}]  # fmt: skip
    return st.builds(
        lambda method, tail, key, header, query: replace(
            request, method=method, path=f"/x{tail}", rest=tail, key=key, headers=header, query=query
        ),
        st.sampled_from(["POST", "PUT", "GET", "DELETE", "HEAD", "BREW"]),
        st.sampled_from(tails),
        st.sampled_from(keys),
        st.sampled_from(headers),
        st.dictionaries(st.sampled_from(["identifierType", "key", "apiKey", "x"]), st.text(max_size=9), max_size=3),
    )


def _places(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The path of every value inside a value, its own first."""
    found = [path]
    if isinstance(value, dict):
        for name, inner in value.items():
            found += _places(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found += _places(inner, (*path, place))
    return found


def _with(body: Any, swaps: list[tuple[tuple[Any, ...], Any]]) -> Any:
    """The body with other values at these places, as far as they are still there."""
    body = deepcopy(body)
    for path, drawn in swaps:
        horror = deepcopy(drawn)
        if not path:
            return horror
        holder = body
        try:
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = horror
        except (KeyError, IndexError, TypeError):
            continue
    return body


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()

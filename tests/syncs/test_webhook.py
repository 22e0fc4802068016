"""The same as a signed webhook: a receiver written from the documentation alone can check and understand it."""

from __future__ import annotations

import hmac
from datetime import timedelta

import pytest

from syncs.scene import HANDOVER, START, Scene, configured, once
from tocsin.core.syncs import SyncName, Verdict
from tocsin.syncs.webhook import shown

NAME = SyncName("tools")


def accepts(call: tuple[dict[str, str], bytes], secret: str) -> bool:
    """How a receiver checks the signature, written from the contract's sentence."""
    headers, body = call
    parts = dict(part.split("=", 1) for part in headers["Tocsin-Signature"].split(","))
    signed = parts["t"].encode() + b"." + body
    return hmac.compare_digest(hmac.digest(secret.encode(), signed, "sha256").hex(), parts["v1"])


@pytest.fixture
def tools(here: Scene) -> Scene:
    """A program that follows the schedule."""
    here.current = configured(f"syncs: [{{name: tools, schedule: data-primary, webhook: '{here.receiver.url}'}}]")
    return here


async def test_a_program_is_told_who_is_on_call(tools: Scene) -> None:
    """Everything that a program needs to follow the schedule, in its documented form."""
    await once(tools.node())
    assert tools.receiver.bodies == [
        {
            "sync": "tools",
            "schedule": "data-primary",
            "schedules": ["data-primary"],
            "at": "2026-11-22T03:11:00Z",
            "people": [{"name": "ada", "full_name": "Ada Byron", "email": "Ada@example.org"}],
            "until": "2026-11-23T09:00:00Z",
            "reason": None,
        }
    ]


async def test_the_signature_can_be_checked(tools: Scene) -> None:
    """Who has the secret accepts the call; with another secret, or one byte changed, it does not."""
    await once(tools.node())
    [(headers, body)] = tools.receiver.calls
    assert accepts((headers, body), "derived")
    assert not accepts((headers, body), "another")
    assert not accepts((headers, body + b" "), "derived")
    assert headers["Tocsin-Signature"].startswith(f"t={int(START.timestamp())},")
    assert headers["Content-Type"] == "application/json"


async def test_the_same_is_said_again_with_the_same_key(tools: Scene) -> None:
    """Every few minutes, byte by byte; the signature is of its own time, so that old calls can be refused."""
    node = tools.node()
    await once(node)
    await tools.let_pass(node, minutes=5)
    (first, said), (second, again) = tools.receiver.calls
    assert (said, first["Idempotency-Key"]) == (again, second["Idempotency-Key"])
    assert first["Tocsin-Signature"] != second["Tocsin-Signature"]
    assert accepts(tools.receiver.calls[1], "derived")
    assert [line.verdict for line in await tools.log(NAME)] == [Verdict.CHANGED]


async def test_the_next_shift_is_said_at_once_and_anew(tools: Scene) -> None:
    """At the change of shift the program hears of the next one, under another key."""
    node = tools.node()
    await once(node)
    tools.clock.move_to(HANDOVER)
    await once(node)
    (first, _), (second, _) = tools.receiver.calls
    assert first["Idempotency-Key"] != second["Idempotency-Key"]
    assert [body["people"][0]["name"] for body in tools.receiver.bodies] == ["ada", "grace"]
    assert tools.receiver.bodies[1]["at"] == "2026-11-23T09:00:00Z"


async def test_nobody_on_call_is_an_answer(here: Scene) -> None:
    """A program can be told that nobody is, and why; who stands in comes with the reason, too."""
    here.current = configured(
        "syncs:\n"
        f"  - {{name: tools, schedule: empty, webhook: '{here.receiver.url}'}}\n"
        f"  - {{name: with-fallback, schedule: empty, webhook: '{here.receiver.url}?2', fallback: grace}}\n"
    )
    await once(here.node())
    said = {body["sync"]: ([one["name"] for one in body["people"]], body["reason"]) for body in here.receiver.bodies}
    assert said == {"tools": ([], "no_layer"), "with-fallback": (["grace"], "no_layer")}


async def test_a_secret_of_its_own_is_read_where_it_signs(here: Scene) -> None:
    """The configuration holds the name of a variable; its value signs, and stands nowhere else."""
    syncs = (
        f"syncs: [{{name: tools, schedule: data-primary, webhook: '{here.receiver.url}', secret: '${{SYNC_SECRET}}'}}]"
    )
    here.current = configured(syncs)
    here.environment["SYNC_SECRET"] = "open sesame"
    await once(here.node())
    assert accepts(here.receiver.calls[0], "open sesame")
    assert "open sesame" not in repr((here.current, await here.store.sync_states(), await here.log(NAME)))


async def test_a_secret_that_is_not_there_is_told(here: Scene) -> None:
    """Nothing leaves unsigned, or signed by another secret; which variable is missing is said."""
    here.current = configured(
        f"syncs: [{{name: tools, schedule: data-primary, webhook: '{here.receiver.url}', secret: 'env:NOT_HERE'}}]"
    )
    await once(here.node())
    assert here.receiver.calls == []
    assert (await here.state(NAME)).text == (
        "the environment variable NOT_HERE is not set here: set NOT_HERE on every node, and start Tocsin again"
    )


async def test_a_program_that_refuses_is_told_of(tools: Scene) -> None:
    """What it answered is in the state; the words of both sides are in the log once."""
    tools.receiver.status = 401
    node = tools.node()
    await once(node)
    await tools.let_pass(node, seconds=30)
    assert (await tools.state(NAME)).text == "the program answered 401: ok: let both sides have the same secret"
    assert len(await tools.log(NAME)) == 1


async def test_a_program_can_ask_for_time(tools: Scene) -> None:
    """`Retry-After` is heeded."""
    tools.receiver.status, tools.receiver.headers = 429, {"Retry-After": "90"}
    node = tools.node()
    await once(node)
    assert (await tools.state(NAME)).next_at == START + timedelta(seconds=90)


async def test_a_failed_first_call_keeps_its_instant(tools: Scene) -> None:
    """What is said at last is the same as what was to be said first: since when it is so."""
    tools.receiver.status = 500
    node = tools.node()
    await once(node)
    tools.receiver.status = 200
    await tools.let_pass(node, seconds=30)
    (first, said), (second, again) = tools.receiver.calls
    assert (said, first["Idempotency-Key"]) == (again, second["Idempotency-Key"])


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("https://tools.example.org/hook/s3cret?key=1", "https://tools.example.org/…"),
        ("https://user:s3cret@tools.example.org:8443/", "https://tools.example.org:8443"),
        ("http://tools.example.org?key=s3cret", "http://tools.example.org/…"),
    ],
)
def test_only_the_place_of_an_address_is_shown(target: str, seen: str) -> None:
    """The path, the query and who signs in may be secrets."""
    assert shown(target) == seen

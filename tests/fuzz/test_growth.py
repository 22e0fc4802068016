"""Strangers leave nothing behind: no row, no series, no memory, and each is told what is wrong."""

from __future__ import annotations

import json

from fuzz.town import Town
from served import KEY

#: More memory than this for what was refused is a leak.
ALLOWED_BYTES = 40_000_000


def event(number: int) -> bytes:
    """One that is new."""
    return json.dumps({"action": "trigger", "summary": f"grows {number}", "severity": "info"}).encode()


def test_refused_requests_leave_nothing_behind(town: Town) -> None:
    """Wrong keys, unknown paths and broken bodies, each another one: the metrics have no series more for them."""
    alerts = len(town.alerts())
    town.send("POST", "/api/v1/events", {"Authorization": f"Bearer {KEY}"}, b"{")
    for number in range(300):
        town.send("POST", f"/in/wrong-{number}", {}, event(number))
    series, memory = town.series(), town.memory()
    statuses = set()
    for number in range(300, 900):
        key = {"Authorization": f"Bearer wrong-{number}", "X-Request-Id": f"{number}"}
        for method, target in (
            ("POST", f"/in/wrong-{number}"),
            ("GET", f"/nowhere/{number}"),
            ("GET", f"/api/v1/alerts/{number}?q={number}"),
            ("PATCH", f"/alerts/{number}"),
        ):
            statuses.add(town.send(method, target, key, event(number) if method == "POST" else b"").status)
        statuses.add(
            town.send("POST", "/api/v1/events", {"Authorization": f"Bearer {KEY}"}, b'{"a":%d}' % number).status
        )
    assert statuses <= {401, 404, 405, 422, 429}
    assert {name.partition("{")[0] for name in town.series()} == {name.partition("{")[0] for name in series}
    assert len(town.series()) <= len(series) + 6  # a door and a status that had not come together before
    assert len(town.alerts()) == alerts
    assert town.memory() - memory < ALLOWED_BYTES


def test_a_sender_beyond_its_pace_is_told_when_to_come_again(town: Town) -> None:
    """429 with Retry-After; to an Alertmanager 503, for what it is answered 4xx it never sends again."""
    headers = {"Authorization": "Bearer slow-key-00000000"}
    answers = [town.send("POST", "/api/v1/events", headers, event(number)) for number in range(140)]
    assert answers[0].status == 202
    assert answers[-1].status == 429
    assert answers[-1].headers["retry-after"] == "1"
    assert json.loads(answers[-1].body)["title"] == "Too many events"
    alert = json.dumps([{"labels": {"alertname": str(number)}} for number in range(130)]).encode()
    headers = {"Authorization": "Bearer slow-webhook-key-0"}
    answers = [town.send("POST", "/alertmanager/api/v2/alerts", headers, alert) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 503]
    assert int(answers[1].headers["retry-after"]) > 0
    assert town.send("POST", "/api/v1/events", {"Authorization": f"Bearer {KEY}"}, event(0)).status == 202

"""Every public address under strange methods, paths, queries, headers and bodies: an answer, and never a fault."""

from __future__ import annotations

import json
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.mutations import HORRORS, twisted
from fuzz.town import KEYS, Town
from served import ADMIN, KEY
from tocsin.intake import DOORS

_PATIENT = settings(max_examples=2 * settings().max_examples)

ADDRESSES = [
    "/", "/alerts", "/alerts/{}", "/alerts/{}/{}", "/schedules", "/schedules/{}", "/schedules/{}/overrides", "/me",
    "/schedules/{}/notes", "/schedules/{}/calendar", "/overrides/{}/end", "/notes/{}/open", "/me/offer", "/me/cover",
    "/me/absences", "/me/calendar", "/absences/{}/end", "/swaps/{}", "/swaps/{}/{}", "/a/{}", "/sign-in", "/sign-out",
    "/sign-in/{}", "/calendars/{}.ics", "/static/{}/{}", "/in/{}", "/in/{}/{}", "/api/v1/{}", "/api/v1/{}/{}", "/{}",
    "/api/v1/alerts", "/api/v1/alerts/{}", "/api/v1/alerts/{}/timeline", "/api/v1/alerts/{}/{}", "/api/v1/oncall",
    "/api/v1/schedules/{}/shifts", "/api/v1/deliveries", "/api/v1/silences/{}", "/api/v1/people/{}/calendar",
    "/api/v1/swaps/{}/{}", "/api/openapi.json", "/api/docs", "/healthz", "/readyz", "/metrics", "/v2/enqueue",
    "/v2/alerts/requests/{}", "/v2/alerts/{}/close", "/opsgenie/v2/alerts/requests/{}", "/pagerduty/v2/enqueue",
    "/alertmanager/api/v2/alerts",
]  # fmt: skip
PARTS = [
    "x", "primary", "ada", "acknowledge", "close", "..", ".", "%2e%2e", "%2f", "%00", "%ff", "%c0%ae", "%ED%A0%80",
    "%0d%0aX:y", "{{7*7}}", "%7B0%7D", "-1", "0", "9" * 40, "null", "00000000-0000-7000-8000-000000000000", "\xc3\xa9",
    "WyJhIl0.aaaa.bbbb", ";", "a;b=c", "a,b", "%25", "%", "%zz", "con", "+", "*", "\\", "'", "%22", "%3Cscript%3E",
    "a" * 2_000,
]  # fmt: skip
NAMES = [
    "status", "service", "team", "limit", "cursor", "at", "schedule", "from", "to", "alert", "weeks", "next", "person",
    "key", "day", "zone", "language", "lang", "days", "by", "apiKey", "identifierType", "x",
]  # fmt: skip
METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
HEADERS = {
    "Accept": ["text/html", "*/*", "text/event-stream", ";;;", "x" * 500],
    "Accept-Language": ["zh", "de;q=0", "xx-" + "y" * 200, ";q=", "\xff"],
    "Content-Type": [
        "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png",
        "multipart/form-data; boundary=", "text/plain; charset=utf-99", "application/json; charset=utf-16", "\x80",
    ],
    "Authorization": ["Bearer x", "Bearer ", "Basic x", "Basic Og==", "Bearer \xff", f"Bearer {ADMIN}", f"Basic {KEY}"],
    "Cookie": ["tocsin_session=x", "tocsin_session=a.b.c", "=", ";;", "tocsin_next=//evil", "tocsin_session=\xff"],
    "Host": ["evil.example", "", "a:b", "[::1", "127.0.0.1:99999", "\xff"],
    "Origin": ["null", "http://[", "https://evil.example", ""],
    "Sec-Fetch-Site": ["cross-site", "same-origin"],
    "If-None-Match": ["*", 'W/"x"', "x" * 999],
    "X-Forwarded-Host": ["evil.example"],
    "Last-Event-ID": ["-1", "x"],
    "Range": ["bytes=0-0,1-1,2-2", "bytes=-1"],
    "Idempotency-Key": ["", "x" * 999, "\xff"],
}  # fmt: skip


@st.composite
def targets(draw: st.DrawFn, ids: list[str]) -> str:
    """An address with strange parts and a strange query, as it stands in the request line."""
    known = st.sampled_from(ids) if ids else st.nothing()
    some = st.sampled_from(PARTS) | known | st.text(max_size=6).map(lambda text: quote(text, safe=""))
    address = draw(st.sampled_from(ADDRESSES))
    path = address.format(*(draw(some) for _ in range(address.count("{}"))))
    values = (
        st.text(max_size=8).map(quote) | st.sampled_from(PARTS) | st.sampled_from(["2026-01-01T00:00:00Z", "1"]) | known
    )
    query = draw(st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=4))
    return path + ("?" + "&".join(f"{name}={value}" for name, value in query) if query else "")


def bodies() -> st.SearchStrategy[bytes]:
    """JSON, forms and noise."""
    fields = st.sampled_from(
        [*NAMES, "minutes", "note", "text", "match", "until", "person", "proof", "starts", "ends", "back"]
    )
    objects = st.dictionaries(fields, st.sampled_from(HORRORS), max_size=5)
    return st.one_of(
        objects.map(lambda value: json.dumps(value).encode()),
        objects.map(
            lambda value: "&".join(
                f"{name}={quote(str(one)[:50], errors='replace')}" for name, one in value.items()
            ).encode()
        ),
        st.binary(max_size=50),
        st.sampled_from(
            [b'--x\r\nContent-Disposition: form-data; name="a"; filename="\0"\r\n\r\nb\r\n--x--', b"[" * 9_000]
        ),
    )


HEADER = st.sampled_from([(name, value) for name, values in HEADERS.items() for value in values])


@_PATIENT
@given(data=st.data())
def test_no_address_fails(town: Town, data: st.DataObject) -> None:
    """Whoever asks, wherever, however and for whatever: the answer is below 500, and says nothing of the inside."""
    headers = dict(data.draw(st.lists(HEADER, max_size=4)))
    if data.draw(st.booleans()):
        headers.setdefault("Cookie", town.cookie())
        headers.setdefault("Sec-Fetch-Site", "same-origin")
    elif data.draw(st.booleans()):
        headers.setdefault("Authorization", f"Bearer {ADMIN}")
    target = data.draw(targets(town.ids).filter(lambda text: not text.startswith("/live")))
    method = data.draw(st.sampled_from(METHODS))
    said = town.send(method, target.replace(" ", "%20"), headers, data.draw(bodies()) if method != "GET" else b"")
    assert said.status < 500, (method, target, headers, said.body[:500])
    assert b"Traceback" not in said.body
    if said.headers.get("content-type", "").startswith("text/html"):
        assert (
            "script-src" in said.headers["content-security-policy"]
            or "default-src" in said.headers["content-security-policy"]
        )
        assert said.headers["x-content-type-options"] == "nosniff"


@_PATIENT
@given(data=st.data())
def test_no_event_fails(town: Town, data: st.DataObject) -> None:
    """What senders never meant to send is stored or refused, with every key and at every door; nothing is ours."""
    door = data.draw(st.sampled_from(DOORS))
    request = data.draw(twisted(door))
    headers = {
        name: value for name, value in request.headers.items() if name not in ("content-length", "authorization")
    }
    said = town.send("POST", f"/in/{KEYS[door.name]}{quote(request.rest, safe='/%')}", headers, request.body)
    assert said.status < 500, (door.name, said, request.body[:300])

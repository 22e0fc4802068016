"""A person with a browser before a real Tocsin: on a desk with keys, and in bed with one thumb."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from browsing import DESK, PHONE, Witness, chromium, sign_in_link, sticks_out
from served import ADMIN, KEY, Served, Sink

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CONFIGURATION = """
tocsin: 1
users:
  - {{name: ada, full_name: Ada Byron, email: ada@example.org, time_zone: Europe/Berlin, role: admin,
     contacts: [{{name: phone, channel: browser, address: ada}},
                {{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}],
     rules: {{high: [{{contact: phone}}, {{contact: hook}}], low: [{{contact: phone}}]}}}}
  - {{name: grace, full_name: Grace Hopper, email: grace@example.org, time_zone: Europe/Berlin, role: responder,
     contacts: [{{name: phone, channel: browser, address: grace}}]}}
teams: [{{name: data, members: [ada, grace]}}]
schedules:
  - name: primary
    team: data
    time_zone: Europe/Berlin
    layers:
      - name: weekly
        rotation: {{every: 1 week, from: "2026-01-05T09:00", people: [ada, grace]}}
        only: [{{days: [mon, tue, wed, thu, fri], between: ["09:00", "18:00"]}}]
policies: [{{name: climb, steps: [{{page: [{{user: ada}}]}}, {{after: 10m, page: [{{user: grace}}]}}]}}]
services: [{{name: pipelines, team: data, policy: climb}}]
integrations: [{{name: native, protocol: tocsin, service: pipelines, key: native-key-0000000000000000}}]
settings: {{calm: {{at_once: 100}}}}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium; each test has a profile of its own in it."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """Takes what goes to webhooks."""
    provider = Sink()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def tocsin(browser: Browser, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running Tocsin."""
    folder: Path = tmp_path_factory.mktemp("tocsin")
    server = Served(folder, sink=sink.port)
    (folder / "tocsin.yaml").write_text(CONFIGURATION.format(sink=sink.port), encoding="utf-8")
    try:
        server.start()
        yield server
    finally:
        server.kill(15)


@pytest.fixture(scope="module")
def signed_in(tocsin: Served, browser: Browser) -> Any:
    """What a browser keeps after the link that `serve` prints was opened in it."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(sign_in_link(tocsin.log()))
    assert urlsplit(page.url).path == "/"
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def desk(tocsin: Served, browser: Browser, signed_in: Any) -> Iterator[tuple[Page, Witness]]:
    """A wide window in which somebody is signed in, and a witness who must be content in the end."""
    context = browser.new_context(viewport=DESK, storage_state=signed_in, locale="en-GB", timezone_id="Europe/Berlin")
    context.set_default_timeout(10_000)
    witness = Witness(context, host=urlsplit(tocsin.url).netloc)
    yield context.new_page(), witness
    context.close()


def _break(tocsin: Served, summary: str) -> str:
    """Something fails; the alert's id."""
    event = {"action": "trigger", "summary": summary, "dedup_key": summary, "severity": "critical"}
    status, answer = tocsin.call("POST", "/api/v1/events", event, bearer=KEY)
    assert status == 202, answer
    return str(answer["alert_id"])


def _status(tocsin: Served, alert_id: str) -> str:
    status, answer = tocsin.call("GET", f"/api/v1/alerts/{alert_id}", bearer=ADMIN)
    assert status == 200, answer
    return str(answer["status"])


def _await(holds: Callable[[], bool], *, seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)


def test_now_rings_by_itself_and_one_press_answers(tocsin: Served, desk: tuple[Page, Witness]) -> None:
    """Now shows what rings without being loaded again; on the alert one press answers, and the ladder says who did."""
    page, witness = desk
    page.goto(tocsin.url)
    expect(page.locator("h1")).to_contain_text("Nothing rings")
    page.evaluate("window.sameDocument = true")
    alert_id = _break(tocsin, "orders pipeline is late")
    row = page.locator(f"#now-{alert_id}")
    expect(row).to_contain_text("orders pipeline is late")
    expect(row).to_contain_text("Ada Byron is being rung")
    expect(page.locator("#ringing")).to_contain_text("1")
    assert page.evaluate("window.sameDocument"), "the page was loaded again"
    row.locator("a.cell-main").click()
    expect(page.locator(".state").first).to_have_class("state triggered")
    expect(page.locator(".ladder li.present")).to_contain_text("Ada Byron")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".state").first).to_have_class("state acknowledged")
    expect(page.locator(".ladder li.answered")).to_contain_text("acknowledged it")
    assert _status(tocsin, alert_id) == "acknowledged"
    witness.is_content()


def test_an_open_alert_follows_what_happens_elsewhere(tocsin: Served, desk: tuple[Page, Witness]) -> None:
    """Who looks at an alert sees it resolved from its source, while what they are typing stays."""
    page, witness = desk
    alert_id = _break(tocsin, "disk is full")
    page.goto(f"{tocsin.url}/alerts/{alert_id}")
    expect(page.locator(".ladder .try.sent").first).to_be_visible()
    page.get_by_label("Note").fill("I look at db-2")
    event = {"action": "resolve", "dedup_key": "disk is full"}
    assert tocsin.call("POST", "/api/v1/events", event, bearer=KEY)[0] == 202
    expect(page.locator(".state").first).to_have_class("state resolved")
    expect(page.get_by_label("Note")).to_have_value("I look at db-2")
    expect(page.locator("#bar button")).to_have_count(0)
    witness.is_content()


def test_the_list_is_walked_by_keys(tocsin: Served, desk: tuple[Page, Witness]) -> None:
    """J chooses, A acknowledges the chosen one in its place; Enter opens, and A acknowledges there too."""
    page, witness = desk
    older, newer = _break(tocsin, "walked: the older"), _break(tocsin, "walked: the newer")
    page.goto(f"{tocsin.url}/alerts?status=open&text=walked")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator("[data-chosen]")).to_have_id(f"alert-{newer}")
    page.keyboard.press("a")
    expect(page.locator(f"#alert-{newer} .state")).to_have_class("state acknowledged")
    page.keyboard.press("j")
    expect(page.locator("[data-chosen]")).to_have_id(f"alert-{older}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{tocsin.url}/alerts/{older}")
    expect(page.locator(".state").first).to_have_class("state triggered")
    page.keyboard.press("a")
    expect(page.locator(".state").first).to_have_class("state acknowledged")
    assert [_status(tocsin, one) for one in (older, newer)] == ["acknowledged", "acknowledged"]
    witness.is_content()


def test_one_thumb_in_bed(tocsin: Served, browser: Browser, sink: Sink) -> None:
    """The link in a message opens one big button, without signing in and without script; opening changes nothing."""
    alert_id = _break(tocsin, "payments are refused")
    _await(lambda: any(call["alert_id"] == alert_id for call in sink.calls()))
    link = next(call["acknowledge_url"] for call in sink.calls() if call["alert_id"] == alert_id)
    context = browser.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=False, color_scheme="dark", locale="en-GB"
    )
    witness = Witness(context, host=urlsplit(tocsin.url).netloc)
    page = context.new_page()
    page.goto(link)
    page.reload()
    assert _status(tocsin, alert_id) == "triggered"
    expect(page.locator("h1")).to_have_text("payments are refused")
    button = page.get_by_role("button")
    expect(button).to_have_count(1)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 100
    assert box["width"] >= 300
    assert box["y"] + box["height"] <= PHONE["height"], "the thumb need not scroll"
    button.tap()
    expect(page.get_by_role("button")).to_have_count(0)
    assert _status(tocsin, alert_id) == "acknowledged"
    witness.is_content()
    context.close()


@pytest.mark.parametrize(("width", "locale"), [(360, "zh-CN"), (360, "en-GB"), (1280, "en-GB")])
def test_no_page_sticks_out(tocsin: Served, browser: Browser, signed_in: Any, width: int, locale: str) -> None:
    """On a small phone and on a desk nothing lies beyond the right edge, in English and in Chinese."""
    alert_id = _break(tocsin, "a-name-without-any-blank-as-machines-like-to-give-them.eu-central-1.compute.internal")
    context = browser.new_context(
        viewport={"width": width, "height": 844}, is_mobile=width < 500, storage_state=signed_in, locale=locale
    )
    page = context.new_page()
    for path in ("/", "/alerts?status=all", f"/alerts/{alert_id}", "/schedules?weeks=2", "/alerts/none"):
        page.goto(tocsin.url + path)
        assert not sticks_out(page), (path, sticks_out(page))
    context.close()


def test_a_lost_line_is_said_and_mended(tocsin: Served, desk: tuple[Page, Witness]) -> None:
    """While the server is away the page says since when it is old; once it is back it catches up by itself."""
    page, _ = desk
    page.goto(f"{tocsin.url}/alerts?text=after")
    expect(page.locator("#stale")).to_be_hidden()
    tocsin.kill()
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#stale")).to_contain_text(":")
    tocsin.start()
    alert_id = _break(tocsin, "after the night")
    expect(page.locator(f"#alert-{alert_id}")).to_be_visible()
    expect(page.locator("#stale")).to_be_hidden()

"""A person on a phone, scripts off: invited, a password, signed in, out, and in again."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from browsing import PHONE, Witness, chromium, sticks_out
from served import ADMIN, Served, Sink

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "a lake of molten tin"


@pytest.fixture
def tocsin(tmp_path: Path) -> Iterator[Served]:
    """A running Tocsin."""
    sink = Sink()
    server = Served(tmp_path, sink=sink.port)
    try:
        server.start()
        yield server
    finally:
        server.kill(15)
        sink.close()


def invitation(tocsin: Served) -> str:
    """The link that the command line prints for Ada."""
    program = [sys.executable, "-c", tocsin.program, "invite", "ada", "--data", str(tocsin.folder / "data")]
    environment = {"TOCSIN_SECRET_KEY": "k" * 43, "TOCSIN_PUBLIC_URL": tocsin.url}
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, env=environment, check=True)
    return done.stdout.splitlines()[0]


def test_from_an_invitation_to_signing_in_again(tocsin: Served) -> None:
    """The link asks for a password and signs in; signed out, the same password signs in to where one wanted to go."""
    link = invitation(tocsin)
    with chromium() as browser:
        context = browser.new_context(
            viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=False, locale="en-GB"
        )
        context.set_default_timeout(10_000)
        witness = Witness(context, host=urlsplit(tocsin.url).netloc)
        page = context.new_page()
        page.goto(link)
        expect(page.locator("h1")).to_have_text("Welcome, Ada")
        assert not sticks_out(page)
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_role("button", name="Set the password").tap()
        expect(page).to_have_url(f"{tocsin.url}/")
        page.goto(f"{tocsin.url}/me/sign-in")
        expect(page.get_by_text("This browser")).to_be_visible()
        assert not sticks_out(page)
        page.goto(f"{tocsin.url}/me")
        page.get_by_role("button", name="Sign out").last.tap()
        expect(page).to_have_url(re.compile(r"/sign-in(\?|$)"))
        page.goto(f"{tocsin.url}/alerts?status=all")
        expect(page).to_have_url(re.compile(r"/sign-in(\?|$)"))
        assert not sticks_out(page)
        page.get_by_label("Name or mail address").fill("ada@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        button = page.get_by_role("button", name="Sign in")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= PHONE["height"], "the thumb need not scroll"
        button.tap()
        expect(page).to_have_url(f"{tocsin.url}/alerts?status=all")
        witness.is_content()
        assert 'tocsin_sign_ins_total{ended="right"} 1.0' in tocsin.call("GET", "/metrics", bearer=ADMIN)[1]
        context.close()

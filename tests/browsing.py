"""Debian's Chromium before a real Tocsin: a profile of its own, and a witness of every request and every complaint."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: Quiet: nothing but the page itself asks the network for anything.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser; skips, or fails where it is demanded, when Debian's Chromium is not installed."""
    if CHROMIUM is None:
        if os.environ.get("TOCSIN_REQUIRE_BROWSER"):
            pytest.fail("chromium is not installed, and it is demanded here")
        pytest.skip("NOT TRIED: chromium is not installed (Debian's package of this name)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def sign_in_link(log: str) -> str:
    """The newest link that `serve` has printed."""
    found: list[str] = re.findall(r"http://\S+/sign-in/\S+", log)
    assert found, f"no link to sign in with: {log[-2000:]}"
    return found[-1]


class Witness:
    """Notes what a browser's pages ask for, and what they complain of."""

    def __init__(self, context: BrowserContext, *, host: str) -> None:
        self._host = host
        self.requests: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    @property
    def strangers(self) -> list[str]:
        """Requests to anybody but our own server."""
        return [url for url in self.requests if not url.startswith("data:") and urlsplit(url).netloc != self._host]

    def is_content(self) -> None:
        """Nobody else was asked, and nothing was complained of."""
        assert self.requests, "the witness has seen nothing"
        assert not self.strangers, self.strangers
        assert not self.complaints, self.complaints

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")


def sticks_out(page: Page) -> list[str]:
    """What a reader would have to scroll sideways for: the page itself, and buttons beyond its edge."""
    found: list[str] = page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth
          const out = [...document.querySelectorAll('button, .button, h1, .item')]
            .filter(one => one.checkVisibility() && !one.closest('.unseen, .tabs, .scroll, .skip'))
            .filter(one => one.getBoundingClientRect().right > wide + 0.5)
            .map(one => one.textContent.trim())
          return document.documentElement.scrollWidth > wide ? ['the page', ...out] : out
        }"""
    )
    return found

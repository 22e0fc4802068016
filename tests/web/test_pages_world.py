"""What the tests of pages share: an installation in memory with a server before it, a browser, and a reader of HTML.

The browser keeps cookies, follows nothing by itself and runs no script.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from argon2 import PasswordHasher

from playbook import Playbook
from tocsin.app.audit import StoredAudit
from tocsin.app.catalogs import load_catalogs
from tocsin.app.exchange import StoredExchange
from tocsin.core.vocabulary import utc
from tocsin.engine.calendars import Calendars
from tocsin.engine.handovers import Handovers
from tocsin.engine.hashing import Hashing
from tocsin.engine.links import Session
from tocsin.engine.live import Live
from tocsin.engine.passwords import PasswordDesk
from tocsin.engine.sessions import SessionBook
from tocsin.ports.state import AlertQuery
from tocsin.web.context import Context, Readiness
from tocsin.web.pages import routers
from tocsin.web.pages.rendering import error_page
from tocsin.web.server import create_app
from web.api_world import Answer, called

TEAM = """
tocsin: 1
users:
  - {name: ada, full_name: Ada Byron, email: ada@example.org, time_zone: Europe/Berlin, role: admin,
     contacts: [{name: hook, channel: webhook, address: "http://ada.example/"},
                {name: mail, channel: email, address: ada@example.org}],
     rules: {high: [{contact: hook}, {after: 2m, contact: mail}], low: [{contact: mail}]}}
  - {name: grace, full_name: Grace Hopper, email: grace@example.org, time_zone: Europe/Berlin, role: responder,
     contacts: [{name: hook, channel: webhook, address: "http://grace.example/"}]}
  - {name: mei, full_name: 陈梅, email: mei@example.org, time_zone: Asia/Shanghai, role: manager, language: zh,
     contacts: [{name: mail, channel: email, address: mei@example.org}]}
  - {name: stan, full_name: Stan, email: stan@example.org, time_zone: Europe/Berlin, role: stakeholder,
     contacts: [{name: mail, channel: email, address: stan@example.org}]}
teams: [{name: data, members: [ada, grace, mei], lead: mei}]
schedules:
  - name: primary
    team: data
    time_zone: Europe/Berlin
    layers: [{name: weekly, rotation: {every: 1 week, from: "2026-01-05T09:00", people: [ada, grace]}}]
    overrides: [{person: mei, from: "2026-11-24T18:00", to: "2026-11-25T09:00"}]
  - name: office
    team: data
    time_zone: Asia/Shanghai
    layers:
      - name: days
        rotation: {every: 1 day, from: "2026-01-05T09:00", people: [mei]}
        only: [{days: [mon, tue, wed, thu, fri], between: ["09:00", "18:00"]}]
policies:
  - {name: climb, steps: [{page: [{schedule: primary}]}, {after: 5m, page: [{schedule: office}]},
     {after: 5m, page: [{user: mei}]}], repeat: 1, last_resort: [{team: data}]}
services: [{name: pipelines, team: data, policy: climb, tier: 1}]
integrations: [{name: native, protocol: tocsin, service: pipelines, key: native-key-000000}]
"""
NOBODY_YET = """
tocsin: 1
users:
  - {name: ada, full_name: Ada Byron, email: ada@example.org, time_zone: Europe/Berlin, role: admin,
     contacts: [{name: mail, channel: email, address: ada@example.org}]}
"""
#: Costs next to nothing; what a hash costs is no business of these tests.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
#: Every page that somebody who is signed in may open without naming an alert.
PAGES = (
    "/me/sign-in",
    "/forgotten",
    "/",
    "/alerts",
    "/alerts?status=all",
    "/schedules",
    "/schedules?weeks=4",
    "/me",
    "/tokens",
    "/sign-in",
)


@dataclass
class House:
    """One installation and its pages."""

    configuration: str = TEAM
    phones: bool = False
    #: True: a mail server is set.
    mails: bool = True
    #: How often the demo was asked to break again.
    broken_again: int = 0

    def __post_init__(self) -> None:
        self.book = Playbook(self.configuration, start=utc(2026, 11, 22, 2, 11))
        self.context = Context(
            counter=self.book.counter,
            links=self.book.links,
            live=Live(),
            catalogs=load_catalogs(),
            upkeep=self.book.store,
            tokens=self.book.store,
            sessions=SessionBook(self.book.store),
            passwords=PasswordDesk(
                self.book.store, self.book.directory, self.book.links, hashing=Hashing(QUICK), mails=self.mails
            ),
            audit=StoredAudit(store=self.book.store),
            handovers=Handovers(self.book.store, self.book.directory),
            exchange=StoredExchange(self.book.store, self.book.directories),
            doors=(),
            readiness=self._readiness,
            metrics=lambda: b"",
            version="1",
            calendars=Calendars(self.book.store, self.book.directory, self.book.links),
            pace=30.0 if self.phones else 1.0,
            phones=self.phones,
        )
        pages = routers(self.context, self._again if self.phones else None)
        self.app = create_app(self.context, page_routers=pages, error_page=error_page)

    async def open(self) -> House:
        """Apply the configuration."""
        await self.book.configure()
        return self

    async def alert(self, summary: str = "orders late", **more: Any) -> str:
        """The id of an alert that has just come in."""
        await self.book.event(summary, **more)
        return (await self.book.store.alerts(AlertQuery())).items[0].alert.id

    def browser(self, name: str | None = None, *, language: str = "en") -> Browser:
        """A browser in which somebody is signed in."""
        browser = Browser(self, language)
        if name is not None:
            person = self.book.directory().people.get(name)
            role = person.role.value if person is not None else "admin"
            browser.cookies["tocsin_session"] = self.book.links.session_text(Session(subject=name, role=role))
        return browser

    async def _again(self) -> None:
        self.broken_again += 1

    async def _readiness(self) -> Readiness:
        return Readiness(ready=True)


@dataclass
class Browser:
    """Keeps cookies, and sends forms as they stand in the page."""

    house: House
    language: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return await self._call("GET", path, b"", headers)

    async def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """Send a form."""
        sent = {"content_type": "application/x-www-form-urlencoded", "origin": "http://tocsin.example", **headers}
        return await self._call("POST", path, urlencode(form or {}).encode(), sent)

    async def press(self, page: str, action: str, **fields: str) -> Answer:
        """Open a page and press the button of a form on it, its hidden fields sent along."""
        read = Page.of(await self.get(page))
        assert action in read.forms, f"{page} has no form for {action}: {sorted(read.forms)}"
        return await self.post(action, {**read.forms[action], **fields})

    async def _call(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        sent = {"host": "tocsin.example", "accept": "text/html", "accept-language": self.language}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await called(self.house.app, method, path, body, {**sent, "content-length": str(len(body))})
        for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        return answer


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        #: Hidden fields by the address that their form is sent to.
        self.forms: dict[str, dict[str, str]] = {}
        #: What stands beside each field that is wrong, by the id of the text; and what stands in each field.
        self.wrong: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        self._beside: str | None = None
        self._action: str | None = None

    @classmethod
    def of(cls, answer: Answer) -> Page:
        """Read one."""
        page = cls()
        page.feed(answer.body.decode())
        page.text = " ".join(page.text.split())
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and the fields of forms."""
        values = dict(attrs)
        self.tags.append((tag, values))
        if tag == "p":
            self._beside = values.get("id") if "wrong" in (values.get("class") or "").split() else None
        if tag in ("input", "select", "textarea") and values.get("type") not in ("hidden", "radio"):
            self.fields[values.get("name") or ""] = values.get("value") or ""
        if tag == "form":
            self._action = values.get("action") or ""
            self.forms.setdefault(self._action, {})
        if tag == "input" and self._action is not None and values.get("type") == "hidden":
            self.forms[self._action][values["name"] or ""] = values["value"] or ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a form."""
        if tag == "form":
            self._action = None
        if tag == "p":
            self._beside = None

    def handle_data(self, data: str) -> None:
        """Gather what is read."""
        said = " ".join(data.split())
        self.text += said + " "
        if self._beside is not None:
            self.wrong[self._beside] = f"{self.wrong.get(self._beside, '')} {said}".strip()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of this name."""
        return [values for name, values in self.tags if name == tag]


def flaws(page: Page) -> list[str]:
    """What no page may have: script or style within it, files from elsewhere, no language, not exactly one `h1`."""
    found = [f"a script in the page: {values}" for values in page.all("script") if "src" not in values]
    found += ["a style in the page" for _ in page.all("style")]
    found += [
        f"<{tag} {name}>"
        for tag, values in page.tags
        for name in values
        if name == "style" or name.startswith(("on", "hx-on"))
    ]
    addresses = [str(v.get("src") or v.get("href")) for tag, v in page.tags if tag in ("script", "link", "img")]
    found += [
        f"from elsewhere: {address}"
        for address in addresses
        if address != "None" and not address.startswith("/static/")
    ]
    if not (page.all("html") and page.all("html")[0].get("lang")):
        found.append("no language")
    if len(page.all("h1")) != 1:
        found.append(f"{len(page.all('h1'))} headings of the first rank")
    ids = [values["id"] for _, values in page.tags if values.get("id")]
    return found + [f"the id {one} twice" for one in set(ids) if ids.count(one) > 1]


def test_a_flaw_is_seen() -> None:
    """Each thing that no page may have is found in a page that has it."""
    page = Page()
    page.feed('<html><style></style><script>1</script><p style="" onclick="" id="a"><b id="a"><img src="//x">')
    assert len(flaws(page)) == 8
    sound = Page()
    sound.feed('<html lang="en"><h1>x</h1><script src="/static/x/y.js"></script>')
    assert not flaws(sound)

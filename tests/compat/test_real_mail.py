"""A page by mail, through a real mail server: from the event to the letter, from its link to the answer."""

from __future__ import annotations

import email
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from engine.test_transport import server_side
from served import ADMIN, KEY, Served, Sink, free_port

pytestmark = pytest.mark.xdist_group("mail")

CONFIGURATION = """
tocsin: 1
users:
  - {{name: ada, full_name: Ada Byron, email: ada@example.org, time_zone: Europe/Berlin, role: admin,
     contacts: [{{name: mail, channel: email, address: ada@example.org}},
                {{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}],
     rules: {{high: [{{contact: mail}}, {{after: 10m, contact: hook}}], low: [{{contact: mail}}]}}}}
  - {{name: mei, full_name: 陈梅, email: mei@example.org, time_zone: Asia/Shanghai, role: responder, language: zh,
     contacts: [{{name: mail, channel: email, address: mei@example.org}}]}}
  - {{name: grace, full_name: Grace Hopper, email: grace@example.org, time_zone: Europe/Berlin, role: responder,
     contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/grace"}}]}}
teams: [{{name: data, members: [ada, mei, grace]}}]
policies:
  - {{name: ada-first, steps: [{{page: [{{user: ada}}]}}, {{after: 10m, page: [{{user: grace}}]}}]}}
  - {{name: mei-first, steps: [{{page: [{{user: mei}}]}}, {{after: 10m, page: [{{user: grace}}]}}]}}
services: [{{name: pipelines, team: data, policy: ada-first}}, {{name: reports, team: data, policy: mei-first}}]
integrations: [{{name: native, protocol: tocsin, service: pipelines, key: native-key-0000000000000000}}]
settings: {{calm: {{at_once: 100}}}}
"""
USER, PASSWORD = "pager", "a password with blanks"


class Post:
    """A mail server's mind: who may send, what it refuses, what it has taken."""

    def __init__(self) -> None:
        self._letters: list[EmailMessage] = []
        self._lock = Lock()
        #: What it says to the next mails instead of taking them.
        self.refusals: list[str] = []
        #: How many mails it has refused.
        self.refused = 0

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: object) -> AuthResult:
        """Let in the one that it knows."""
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail, or refuse it for now."""
        with self._lock:
            if self.refusals:
                self.refused += 1
                return self.refusals.pop(0)
            letter = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(letter, EmailMessage)
            self._letters.append(letter)
        return "250 2.0.0 Ok: queued as 4XyZ"

    def find(self, words: str) -> list[EmailMessage]:
        """The mails whose subject has these words."""
        with self._lock:
            return [letter for letter in self._letters if words in str(letter["Subject"])]


@pytest.fixture(scope="module")
def post() -> Post:
    """The mind of the mail server."""
    return Post()


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """Takes what goes to webhooks."""
    provider = Sink()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def mail_server(post: Post, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A mail server that wants STARTTLS and a password, and the folder with its certificate in its `folder`."""
    folder: Path = tmp_path_factory.mktemp("certificate")
    server = Controller(
        post,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=server_side(folder),
        require_starttls=True,
        auth_required=True,
        authenticator=post.authenticate,
    )
    server.folder = folder
    server.start()
    yield server
    if server.server is not None:
        server.stop()


@pytest.fixture(scope="module")
def tocsin(mail_server: Controller, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running Tocsin that trusts the mail server's certificate and knows its password."""
    folder: Path = tmp_path_factory.mktemp("tocsin")
    server = Served(folder, sink=sink.port)
    (folder / "tocsin.yaml").write_text(CONFIGURATION.format(sink=sink.port), encoding="utf-8")
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(mail_server.port),
        "USER": USER,
        "PASSWORD": PASSWORD,
        "TLS": "starttls",
        "FROM": "Tocsin <pager@tocsin.example>",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(mail_server.folder / "cert.pem"))
        for name, value in settings.items():
            patch.setenv(f"TOCSIN_CHANNEL_EMAIL_{name}", value)
        try:
            server.start()
            yield server
        finally:
            server.kill(15)


def _break(tocsin: Served, summary: str, service: str = "pipelines") -> str:
    event = {"action": "trigger", "summary": summary, "dedup_key": summary, "severity": "critical", "service": service}
    status, answer = tocsin.call("POST", "/api/v1/events", event, bearer=KEY)
    assert status == 202, answer
    return str(answer["alert_id"])


def _status(tocsin: Served, alert_id: str) -> str:
    return str(tocsin.call("GET", f"/api/v1/alerts/{alert_id}", bearer=ADMIN)[1]["status"])


def _deliveries(tocsin: Served, alert_id: str) -> list[dict[str, Any]]:
    status, answer = tocsin.call("GET", f"/api/v1/deliveries?alert={alert_id}", bearer=ADMIN)
    assert status == 200, answer
    return sorted(answer["items"], key=lambda one: str(one["claimed_at"] or one["due_at"]))


def _await(holds: Callable[[], Any], *, seconds: float = 10) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come true in time")


def _open(url: str, *, press: bool = False) -> tuple[int, str]:
    """What somebody sees who opens a link in a mail, or presses the button on its page."""
    request = urllib.request.Request(url, method="POST" if press else "GET", data=b"" if press else None)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read().decode()


def _part(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body(preferencelist=(kind,))
    assert isinstance(part, EmailMessage), f"the mail has no part in {kind}"
    return str(part.get_content())


def test_a_letter_and_its_answer(tocsin: Served, post: Post) -> None:
    """A failure becomes a mail in text and HTML; opening its link changes nothing, its button acknowledges."""
    alert_id = _break(tocsin, "orders pipeline is late")
    letter: EmailMessage = _await(lambda: post.find("orders pipeline is late"))[0]
    delivery = _await(lambda: [one for one in _deliveries(tocsin, alert_id) if one["status"] == "sent"])[0]
    assert letter["To"] == "ada@example.org"
    assert letter["From"] == "Tocsin <pager@tocsin.example>"
    assert letter["Message-ID"] == f"<{delivery['id']}@tocsin.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime.tzinfo is not None
    assert delivery["answer"] == {"status": 250, "text": "2.0.0 Ok: queued as 4XyZ", "reference": "4XyZ"}
    text, html = _part(letter, "plain"), _part(letter, "html")
    links = re.findall(rf"{tocsin.url}/a/[\w.~-]+", text)
    assert links
    assert links[0] in html
    for _ in range(2):
        assert _open(links[0])[0] == 200
    assert _status(tocsin, alert_id) == "triggered"
    status, page = _open(links[0], press=True)
    assert status == 200
    assert "orders pipeline is late" in page
    assert _status(tocsin, alert_id) == "acknowledged"
    assert len(post.find("orders pipeline is late")) == 1


def test_a_letter_in_the_language_of_its_reader(tocsin: Served, post: Post) -> None:
    """Names, signs and words arrive as they were written, in the subject too."""
    _break(tocsin, "仓库写入延迟 · 30 分钟", service="reports")
    letter: EmailMessage = _await(lambda: post.find("仓库写入延迟 · 30 分钟"))[0]
    assert letter["To"] == "mei@example.org"
    assert "认领" in _part(letter, "plain")
    assert "认领" in _part(letter, "html")


def test_a_mail_server_that_has_no_time(tocsin: Served, post: Post, sink: Sink) -> None:
    """Refused for now: the next contact is tried at once, and the mail again after the channel's wait."""
    post.refusals.append("451 4.7.1 greylisted, come again")
    alert_id = _break(tocsin, "disk is full")
    _await(lambda: [call for call in sink.calls() if call["alert_id"] == alert_id], seconds=5)
    letters = _await(lambda: post.find("disk is full"), seconds=30)
    assert len(letters) == 1
    _await(lambda: [one["status"] for one in _deliveries(tocsin, alert_id)].count("sent") == 2)
    mails = [one for one in _deliveries(tocsin, alert_id) if one["channel"] == "email"]
    assert [one["status"] for one in mails] == ["failed", "sent"]
    assert mails[0]["answer"]["status"] == 451
    assert not mails[1]["repeat"], "what was refused has not arrived: this is no repeat"


def test_a_mail_server_that_refuses_for_good(tocsin: Served, post: Post, sink: Sink) -> None:
    """What will never be taken is not tried again; the next contact is."""
    post.refusals.append("550 5.1.1 nobody of this name")
    alert_id = _break(tocsin, "queue is stuck")
    _await(lambda: [call for call in sink.calls() if call["alert_id"] == alert_id], seconds=5)
    mails = [one for one in _deliveries(tocsin, alert_id) if one["channel"] == "email"]
    assert [(one["status"], one["answer"]["status"]) for one in mails] == [("failed", 550)]


def test_a_mail_server_that_is_gone(tocsin: Served, mail_server: Controller, sink: Sink) -> None:
    """Whoever has another contact is reached there at once; whoever has none is left at once for the next step."""
    mail_server.stop()
    with_another = _break(tocsin, "payments are refused")
    with_none = _break(tocsin, "report is empty", service="reports")
    _await(lambda: {call["alert_id"] for call in sink.calls()} >= {with_another, with_none}, seconds=5)
    calls = {call["alert_id"]: call["person"] for call in sink.calls()}
    assert calls[with_another] == "ada"
    assert calls[with_none] == "grace"
    failed = next(one for one in _deliveries(tocsin, with_none) if one["channel"] == "email")
    assert failed["status"] == "failed"
    assert str(mail_server.port) in failed["answer"]["why"]

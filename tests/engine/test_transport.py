"""The way out against real sockets: what is an answer, what is none, and whether the call may have arrived."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from served import free_port
from tocsin.engine import transport
from tocsin.engine.transport import KEPT, Transport
from tocsin.ports.channels import Answer, HttpCall, Mail, NoAnswer, Settings, Show

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

MAIL = Mail(to="ada@example.org", subject="Late", text="late", html="<p>late</p>", message_id="<1@example.org>")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody has vouched for, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NOT TRIED: openssl is not installed")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def server_side(folder: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with such a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder))
    return context


@asynccontextmanager
async def provider(conversation: Conversation, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Somebody who listens; the port."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await conversation(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def says(text: str, *, then: float = 0) -> Conversation:
    """Reads a request, says this, and hangs up after so many seconds."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text.encode())
        await writer.drain()
        await asyncio.sleep(then)

    return conversation


async def posted(port: int, *, scheme: str = "http") -> Answer | NoAnswer:
    """What comes of a call."""
    call = HttpCall(method="POST", url=f"{scheme}://127.0.0.1:{port}/hook", headers=(), body=b"{}")
    async with Transport({}) as out:
        return await out.call("webhook", call)


async def mailed(**settings: str | int) -> Answer | NoAnswer:
    """What comes of a mail."""
    values = {"host": "127.0.0.1", "tls": "none", "from": "Tocsin <pager@example.org>", "timeout_seconds": 20}
    async with Transport({"email": Settings(values={**values, **settings})}) as out:
        return await out.call("email", MAIL)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Providers are waited for half a second."""
    monkeypatch.setattr(transport, "PATIENCE_SECONDS", 0.5)


async def test_an_answer_is_brought_back_whole() -> None:
    """Status, text and headers come back, the names of headers in small letters."""
    async with provider(says("HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nlate")) as port:
        answer = await posted(port)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.text, answer.headers["retry-after"]) == (429, "late", "7")


async def test_nobody_listens() -> None:
    """A refused connection cannot have brought anything, and is told in words."""
    port = free_port()
    assert await posted(port) == NoAnswer(
        why=f"cannot connect to 127.0.0.1, port {port}: Connection refused", may_have_arrived=False
    )


@pytest.mark.parametrize("url", ["http://nobody.invalid/", "http://[x/", "nowhere", "ftp://127.0.0.1/"])
async def test_an_address_that_leads_nowhere(url: str) -> None:
    """What has no address to go to has not arrived."""
    async with Transport({}) as out:
        answer = await out.call("webhook", HttpCall(method="POST", url=url, headers=(), body=b""))
    assert isinstance(answer, NoAnswer)
    assert not answer.may_have_arrived


async def test_hung_up_after_the_request() -> None:
    """A provider that has read the request and hangs up may have taken it."""
    async with provider(says("")) as port:
        answer = await posted(port)
    assert answer == NoAnswer(why="the provider hung up without an answer", may_have_arrived=True)


@pytest.mark.usefixtures("impatient")
async def test_a_provider_that_never_answers() -> None:
    """Patience ends; what was sent may have arrived."""
    async with provider(says("", then=5)) as port, asyncio.timeout(3):
        answer = await posted(port)
    assert answer == NoAnswer(why="no answer within 0.5 seconds", may_have_arrived=True)


async def whole(port: int, most: int) -> Answer | NoAnswer:
    """What comes of a call whose answer is wanted whole."""
    call = HttpCall(method="GET", url=f"http://127.0.0.1:{port}/list", headers=(), body=b"")
    async with Transport({}) as out:
        return await out.call("webhook", call, most=most)


async def test_an_answer_that_is_wanted_whole_is_whole() -> None:
    """However long it is and in however many pieces it comes, up to what it may be; of others the beginning is kept."""
    text = "0123456789" * KEPT
    long = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}"
    async with provider(says(long)) as port:
        assert await whole(port, len(text)) == Answer(status=200, text=text, headers={"content-length": str(len(text))})
        assert await whole(port, len(text) - 1) == NoAnswer(
            why=f"the answer is longer than {len(text) - 1:,} bytes", may_have_arrived=True
        )
        beginning = await posted(port)
    assert isinstance(beginning, Answer)
    assert len(beginning.text) <= KEPT


async def test_half_of_an_answer_that_is_wanted_whole_is_none() -> None:
    """A provider that hangs up in the middle has not said what is to be read."""
    async with provider(says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")) as port:
        answer = await whole(port, 1_000)
    assert isinstance(answer, NoAnswer)
    assert answer.may_have_arrived


@pytest.mark.usefixtures("impatient")
async def test_a_text_that_never_comes() -> None:
    """A provider that has said its status has answered: without the rest nobody is rung twice."""
    async with provider(says("HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n", then=5)) as port:
        answer = await posted(port)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.text) == (202, "")


async def test_redirects_are_not_followed() -> None:
    """A page goes where it was sent and nowhere else, and it is not repeated somewhere else."""
    heard: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))

    async with provider(elsewhere) as other:
        redirect = f"HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n"
        async with provider(says(redirect)) as port:
            answer = await posted(port)
    assert isinstance(answer, Answer)
    assert answer.status == 307
    assert not heard


async def test_a_big_answer_is_cut() -> None:
    """Of an endless answer as much is read as is kept, and it is not waited for."""
    size = 50_000_000
    async with provider(says(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n" + "x" * 100_000, then=5)) as port:
        async with asyncio.timeout(3):
            answer = await posted(port)
    assert isinstance(answer, Answer)
    assert answer.status == 200
    assert 0 < len(answer.text) <= KEPT


async def test_nonsense_is_no_answer() -> None:
    """Somebody who does not speak HTTP may have read the request all the same."""
    async with provider(says("220 mail.example.org ESMTP\r\n")) as port:
        answer = await posted(port)
    assert isinstance(answer, NoAnswer)
    assert answer.may_have_arrived


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    """A provider that cannot be known is told nothing."""
    heard: list[bytes] = []

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))

    async with provider(listens, server_side(tmp_path)) as port:
        answer = await posted(port, scheme="https")
    assert isinstance(answer, NoAnswer)
    assert not answer.may_have_arrived
    assert "certificate of 127.0.0.1 cannot be trusted" in answer.why
    assert not any(heard)


async def test_a_phone_in_tocsin_is_always_reached() -> None:
    """What is shown in our own pages needs no provider."""
    async with Transport({}) as out:
        assert await out.call("browser", Show(to="ada", title="Late", text="late")) == Answer(status=200, text="shown")


async def test_mail_without_a_server_is_no_mail() -> None:
    """Where no mail server is set, the answer says which setting is missing."""
    answer = await mailed(host="")
    assert isinstance(answer, NoAnswer)
    assert "channels.email.host" in answer.why
    assert not answer.may_have_arrived


async def test_a_word_for_encryption_that_is_none() -> None:
    """A slip in the setting does not send mail and password in the clear."""
    answer = await mailed(tls="startls", port=free_port())
    assert isinstance(answer, NoAnswer)
    assert "channels.email.tls" in answer.why


async def test_no_mail_server_listens() -> None:
    """A mail server that is gone has taken nothing."""
    answer = await mailed(port=free_port())
    assert isinstance(answer, NoAnswer)
    assert not answer.may_have_arrived


@pytest.mark.usefixtures("impatient")
async def test_a_mail_server_that_says_nothing() -> None:
    """Before its greeting nothing was handed over, and patience ends."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with provider(silent) as port, asyncio.timeout(3):
        answer = await mailed(port=port)
    assert isinstance(answer, NoAnswer)
    assert not answer.may_have_arrived


@pytest.mark.usefixtures("impatient")
async def test_a_mail_server_that_drips() -> None:
    """Patience is for the whole greeting, not for each word of it: a lease must not end before the call does."""

    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(20):
            writer.write(b"220-wait\r\n")
            await writer.drain()
            await asyncio.sleep(0.3)

    async with provider(drips) as port, asyncio.timeout(3):
        answer = await mailed(port=port)
    assert isinstance(answer, NoAnswer)
    assert not answer.may_have_arrived


@pytest.mark.usefixtures("impatient")
async def test_a_mail_server_that_takes_the_mail_and_says_nothing() -> None:
    """After the last dot the mail may be on its way: what follows is a repeat."""

    async def takes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        for reply in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
            await reader.readline()
            writer.write(reply)
        await reader.readuntil(b"\r\n.\r\n")
        await asyncio.sleep(5)

    async with provider(takes) as port, asyncio.timeout(4):
        answer = await mailed(port=port)
    assert isinstance(answer, NoAnswer)
    assert answer.may_have_arrived


async def test_a_greeting_that_refuses() -> None:
    """A server that is too busy to talk says so with a status of its own."""

    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 too many connections\r\n")
        await writer.drain()

    async with provider(busy) as port:
        answer = await mailed(port=port)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.text) == (421, "too many connections")


class Letterbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take one."""
        self.letters.append(envelope.content)
        return "250 2.0.0 Ok: queued as 4XyZ"


@pytest.mark.parametrize("trusted", [False, True])
async def test_starttls_only_with_whom_we_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    """A mail server whose certificate cannot be checked gets no mail; one that the machine trusts does."""
    box = Letterbox()
    tls = server_side(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    server = Controller(box, hostname="127.0.0.1", port=free_port(), tls_context=tls, require_starttls=True)
    server.start()
    try:
        answer = await mailed(port=server.port, tls="starttls")
    finally:
        server.stop()
    assert bool(box.letters) is trusted
    if trusted:
        assert answer == Answer(status=250, text="2.0.0 Ok: queued as 4XyZ")
    else:
        assert isinstance(answer, NoAnswer)
        assert not answer.may_have_arrived


async def test_starttls_is_not_done_without() -> None:
    """A server that offers no encryption gets no mail from somebody who asks for it."""
    box = Letterbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        answer = await mailed(port=server.port, tls="starttls")
    finally:
        server.stop()
    assert isinstance(answer, NoAnswer)
    assert not answer.may_have_arrived
    assert not box.letters

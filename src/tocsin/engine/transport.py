"""Opens sockets: makes the calls that channels compose, and brings back what the provider answered.

Whether an address may be called is asked when a socket is about to be opened to it, after every name has been looked
up: whatever a name meant a moment before, what is judged is where the connection goes.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import aiohttp
import aiosmtplib
import structlog

from tocsin.engine import clock
from tocsin.ports.channels import Answer, Call, HttpCall, Mail, NoAnswer, Settings, Show
from tocsin.ports.outgoing import Nearest, Outgoing, hosts_alone

log = structlog.get_logger()

#: A provider that has not answered by then is left for the next contact; shorter than a delivery's lease.
PATIENCE_SECONDS = 10.0
#: Of an answer, as much is kept as evidence.
KEPT = 2_000
#: Trouble before a request has left.
_NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)
_ENCRYPTION = ("starttls", "implicit", "none")


class OutOfReach(OSError):
    """Nothing is called at this address; its text is the same for all, so that several of one name are told as one."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EACCES, "the address may not be called from here")
        self.why = why


class Transport:
    """One node's way out. Use as an asynchronous context manager."""

    def __init__(
        self,
        settings: Mapping[str, Settings],
        *,
        show: Callable[[Show], None] | None = None,
        outgoing: Outgoing | None = None,
    ) -> None:
        """`show` is told of each message for a phone in Tocsin's own pages; None: it is logged."""
        self._settings = settings
        self._show = show or _log_ring
        self._outgoing = outgoing or Outgoing()
        #: Connections are kept for the next call: those that may lead less near must not find them.
        self._sessions: dict[Nearest, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Transport:
        self._sessions = {nearest: _session(self._outgoing, nearest) for nearest in Nearest}
        return self

    async def __aexit__(self, *_: object) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def call(
        self, channel: str, call: Call, *, most: int | None = None, nearest: Nearest = Nearest.THIS_MACHINE
    ) -> Answer | NoAnswer:
        """Make one call; trouble on the way is a value, never an exception.

        `most`: an answer by HTTP is wanted whole, and one of more bytes is none; None: its beginning is enough.
        `nearest`: how near the machine may be that an HTTP call goes to.
        """
        match call:
            case HttpCall():
                return await self._http(call, most, nearest)
            case Mail():
                return await self._mail(call, self._settings.get(channel, Settings()))
            case Show():
                self._show(call)
                return Answer(status=200, text="shown")

    async def _http(self, call: HttpCall, most: int | None, nearest: Nearest) -> Answer | NoAnswer:
        session = self._sessions.get(nearest)
        if session is None:
            return NoAnswer(why="this node is not running", may_have_arrived=False)
        try:
            async with session.request(
                call.method, call.url, headers=list(call.headers), data=call.body, allow_redirects=False
            ) as response:
                text = await (_text(response) if most is None else _whole(response, most))
                if text is None:
                    return NoAnswer(why=f"the answer is longer than {most:,} bytes", may_have_arrived=True)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status, text=text, headers=headers)
        except _NEVER_LEFT as trouble:
            return NoAnswer(why=_told(trouble), may_have_arrived=False)
        except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
            return NoAnswer(why=_told(trouble), may_have_arrived=True)

    async def _mail(self, mail: Mail, settings: Settings) -> Answer | NoAnswer:
        """Two parts, each with its own patience: until the server takes mail from us, and the mail itself."""
        if not settings.text("host"):
            return NoAnswer(why="no mail server is set (channels.email.host)", may_have_arrived=False)
        if settings.text("tls") not in _ENCRYPTION:
            return NoAnswer(why="channels.email.tls must be starttls, implicit or none", may_have_arrived=False)
        patience = min(float(settings.text("timeout_seconds") or PATIENCE_SECONDS), PATIENCE_SECONDS)
        client = _mail_client(settings, patience)
        handing_over = False
        try:
            async with asyncio.timeout(patience):
                await client.connect()
                if settings.text("user"):
                    await client.login(settings.text("user"), settings.text("password"))
            handing_over = True
            async with asyncio.timeout(patience):
                _, answer = await client.send_message(_message(mail, settings.text("from")))
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            first = refusal.recipients[0]
            return Answer(status=first.code, text=first.message[:KEPT])
        except aiosmtplib.SMTPResponseException as refusal:
            return Answer(status=refusal.code, text=refusal.message[:KEPT])
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as trouble:
            return NoAnswer(why=_told(trouble), may_have_arrived=handing_over)
        finally:
            await _goodbye(client)
        return Answer(status=250, text=answer[:KEPT])


def _session(outgoing: Outgoing, nearest: Nearest) -> aiohttp.ClientSession:
    """Connections that lead no nearer than this."""

    def opened(address: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, place = address
        why = outgoing.refusal(str(place[0]), nearest=nearest)
        if why is not None:
            raise OutOfReach(why)
        return socket.socket(family, kind, protocol)

    timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS, connect=PATIENCE_SECONDS / 2)
    connector = aiohttp.TCPConnector(limit=512, limit_per_host=128, socket_factory=opened)
    return aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def _text(response: aiohttp.ClientResponse) -> str:
    """The beginning of an answer; a provider that has said its status has answered, whatever becomes of the rest."""
    try:
        return (await response.content.read(KEPT)).decode(errors="replace")
    except (aiohttp.ClientError, TimeoutError, OSError):
        return ""


async def _whole(response: aiohttp.ClientResponse, most: int) -> str | None:
    """All of an answer; None when it is longer than it may be."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            return None
    return body.decode(errors="replace")


def _mail_client(settings: Settings, patience: float) -> aiosmtplib.SMTP:
    tls = settings.text("tls")
    return aiosmtplib.SMTP(
        hostname=settings.text("host"),
        port=int(settings.text("port") or 25),
        use_tls=tls == "implicit",
        start_tls=tls == "starttls",
        timeout=patience,
        tls_context=ssl.create_default_context() if tls != "none" else None,
    )


async def _goodbye(client: aiosmtplib.SMTP) -> None:
    if not client.is_connected:
        return
    try:
        async with asyncio.timeout(2):
            await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        client.close()


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = mail.message_id
    for name, value in mail.headers:
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _told(trouble: BaseException) -> str:
    """In words for the person who reads the ladder."""
    match trouble:
        case aiohttp.ClientConnectorCertificateError():
            text = f"the certificate of {trouble.host} cannot be trusted: {trouble.certificate_error}"
        case aiohttp.ClientConnectorError(os_error=OutOfReach() as refusal):
            text = refusal.why
        case aiohttp.ClientConnectorDNSError():
            text = f"there is no address for {trouble.host}"
        case aiohttp.ClientConnectorError():
            why = os.strerror(trouble.errno) if trouble.errno else trouble.os_error
            text = f"cannot connect to {trouble.host}, port {trouble.port}: {why}"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            text = "the address cannot be called: it should look like https://example.org/path"
        case aiohttp.ServerDisconnectedError():
            text = "the provider hung up without an answer"
        case TimeoutError():
            text = f"no answer within {PATIENCE_SECONDS:g} seconds"
        case _:
            text = str(trouble) or type(trouble).__name__
    return hosts_alone(text)[:300]


def _log_ring(call: Show) -> None:
    log.info("rings" if call.rings else "shows", to=call.to, title=call.title)

"""Opens sockets: makes the calls that channels compose, and brings back what the provider answered."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime

import aiohttp
import aiosmtplib
import structlog

from tocsin.engine import clock
from tocsin.ports.channels import Answer, Call, HttpCall, Mail, NoAnswer, Settings, Show

log = structlog.get_logger()

#: A provider that has not answered by then is left for the next contact; shorter than a delivery's lease.
PATIENCE_SECONDS = 10.0
#: Of an answer, as much is kept as evidence.
KEPT = 2_000


class Transport:
    """One node's way out. Use as an asynchronous context manager."""

    def __init__(self, settings: Mapping[str, Settings]) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Transport:
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS, connect=PATIENCE_SECONDS / 2)
        connector = aiohttp.TCPConnector(limit=256, limit_per_host=128)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(self, channel: str, call: Call) -> Answer | NoAnswer:
        """Make one call; trouble on the way is a value, never an exception."""
        match call:
            case HttpCall():
                return await self._http(call)
            case Mail():
                return await self._mail(call, self._settings.get(channel, Settings()))
            case Show():
                log.info("rings", to=call.to, title=call.title)
                return Answer(status=200, text="shown")

    async def _http(self, call: HttpCall) -> Answer | NoAnswer:
        if self._session is None:
            return NoAnswer(why="this node is not running", may_have_arrived=False)
        try:
            async with self._session.request(
                call.method, call.url, headers=list(call.headers), data=call.body, allow_redirects=False
            ) as response:
                text = (await response.content.read(KEPT)).decode(errors="replace")
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status, text=text, headers=headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as trouble:
            return NoAnswer(why=_told(trouble), may_have_arrived=False)
        except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
            return NoAnswer(why=_told(trouble), may_have_arrived=True)

    async def _mail(self, mail: Mail, settings: Settings) -> Answer | NoAnswer:
        if not settings.text("host"):
            return NoAnswer(why="no mail server is set (channels.email.host)", may_have_arrived=False)
        message = _message(mail, settings.text("from"))
        tls = settings.text("tls")
        client = aiosmtplib.SMTP(
            hostname=settings.text("host"),
            port=int(settings.text("port") or 25),
            use_tls=tls == "implicit",
            start_tls=tls == "starttls",
            timeout=min(float(settings.text("timeout_seconds") or PATIENCE_SECONDS), PATIENCE_SECONDS),
            tls_context=ssl.create_default_context() if tls in ("implicit", "starttls") else None,
        )
        try:
            await client.connect()
        except aiosmtplib.SMTPResponseException as refusal:
            return Answer(status=refusal.code, text=refusal.message[:KEPT])
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as trouble:
            return NoAnswer(why=_told(trouble), may_have_arrived=False)
        return await _hand_over(client, message, settings)


async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage, settings: Settings) -> Answer | NoAnswer:
    try:
        if settings.text("user"):
            await client.login(settings.text("user"), settings.text("password"))
        _, answer = await client.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused as refusal:
        first = refusal.recipients[0]
        return Answer(status=first.code, text=first.message[:KEPT])
    except aiosmtplib.SMTPResponseException as refusal:
        return Answer(status=refusal.code, text=refusal.message[:KEPT])
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as trouble:
        return NoAnswer(why=_told(trouble), may_have_arrived=True)
    finally:
        await _goodbye(client)
    return Answer(status=250, text=answer[:KEPT])


async def _goodbye(client: aiosmtplib.SMTP) -> None:
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
        case aiohttp.ClientConnectorDNSError():
            text = f"there is no address for {trouble.host}"
        case aiohttp.ClientConnectorError():
            why = trouble.os_error.strerror or trouble.os_error
            text = f"cannot connect to {trouble.host}, port {trouble.port}: {why}"
        case aiohttp.ServerDisconnectedError():
            text = "the provider hung up without an answer"
        case TimeoutError():
            text = f"no answer within {PATIENCE_SECONDS:g} seconds"
        case _:
            text = str(trouble) or type(trouble).__name__
    return text[:300]

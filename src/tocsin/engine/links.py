"""Signed addresses: what they allow, for whom, until when. Without the key nobody makes or changes one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from tocsin.core.errors import Forbidden
from tocsin.core.vocabulary import DeliveryId, Instant, PersonName
from tocsin.engine import clock
from tocsin.ports.calendars import Publication, PublicationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLink:
    """Allows one recipient to answer what one delivery told."""

    delivery_id: DeliveryId
    #: The person's name, or the program's address.
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is signed in."""

    #: A person's name, or "setup" for whoever came by the link that the server prints.
    subject: str
    role: str
    #: Under which it can be ended. None: it was begun by a version that kept none, or is yet to begin.
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInLink:
    """Allows one sign-in."""

    session: Session
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLink:
    """Allows one person to set their password once."""

    #: "invitation" or "recovery".
    kind: str
    person: PersonName
    nonce: str


class Links:
    """Makes and reads signed texts, each kind under a salt of its own."""

    def __init__(
        self, secret_key: str, *, public_url: str, answers_last: timedelta, now: Callable[[], Instant] = clock.now
    ) -> None:
        signer = _signer(now)
        self._now = now
        self._answers = URLSafeTimedSerializer(secret_key, salt="tocsin.answer", signer=signer)
        self._sessions = URLSafeTimedSerializer(secret_key, salt="tocsin.session", signer=signer)
        self._kept_sessions = URLSafeTimedSerializer(secret_key, salt="tocsin.session.kept", signer=signer)
        self._passwords = URLSafeTimedSerializer(secret_key, salt="tocsin.password", signer=signer)
        self._sign_ins = URLSafeTimedSerializer(secret_key, salt="tocsin.sign-in", signer=signer)
        self._calendars = URLSafeSerializer(secret_key, salt="tocsin.calendar")
        self._public_url = public_url.rstrip("/")
        self._answers_last = answers_last

    @property
    def public_url(self) -> str:
        """The address under which people reach this installation, without a slash at its end."""
        return self._public_url

    def answer_url(self, link: AnswerLink) -> str:
        """The address of the page whose button acknowledges."""
        return f"{self._public_url}/a/{self._answers.dumps([link.delivery_id, link.recipient])}"

    def read_answer(self, token: str) -> AnswerLink:
        """What an answer link allows.

        Raises:
            Forbidden: it is forged, or too old.
        """
        delivery_id, recipient = self._read(self._answers, token, self._answers_last)
        return AnswerLink(delivery_id=DeliveryId(delivery_id), recipient=recipient)

    def session_text(self, session: Session) -> str:
        """The value of the session cookie."""
        if session.id is None:
            return self._sessions.dumps([session.subject, session.role])
        return self._kept_sessions.dumps([session.subject, session.role, session.id])

    def read_session(self, text: str, *, lasts: timedelta) -> Session:
        """Who a session cookie stands for.

        Raises:
            Forbidden: it is forged, or too old.
        """
        try:
            subject, role, name = self._read(self._kept_sessions, text, lasts)
        except Forbidden:
            subject, role = self._read(self._sessions, text, lasts)
            return Session(subject=subject, role=role)
        return Session(subject=subject, role=role, id=name)

    def sign_in_url(self, session: Session) -> str:
        """A one-time address that signs in."""
        token = self._sign_ins.dumps([session.subject, session.role, secrets.token_urlsafe(9)])
        return f"{self._public_url}/sign-in/{token}"

    def read_sign_in(self, token: str, *, lasts: timedelta) -> SignInLink:
        """Whom a sign-in link signs in; that it is used once only is the caller's business.

        Raises:
            Forbidden: it is forged, or too old.
        """
        subject, role, nonce = self._read(self._sign_ins, token, lasts)
        return SignInLink(session=Session(subject=subject, role=role), nonce=nonce)

    def password_url(self, link: PasswordLink) -> str:
        """The address at which somebody sets their password, once."""
        return f"{self._public_url}/password/{self._passwords.dumps([link.kind, link.person, link.nonce])}"

    def read_password(self, token: str, *, lasts: Mapping[str, timedelta]) -> PasswordLink:
        """Whom a link lets set their password; `lasts` by its kind. That it is used once only is the caller's business.

        Raises:
            Forbidden: it is forged, or too old.
        """
        kind, person, nonce = self._read(self._passwords, token, max(lasts.values()))
        self._read(self._passwords, token, lasts.get(kind, timedelta(0)))
        return PasswordLink(kind=kind, person=PersonName(person), nonce=nonce)

    def calendar_url(self, publication: Publication, nonce: str) -> str:
        """The address of a calendar to subscribe to: good until its nonce is replaced."""
        token = self._calendars.dumps([publication.kind.value, publication.name, nonce])
        return f"{self._public_url}/calendars/{token}.ics"

    def read_calendar(self, token: str) -> tuple[Publication, str]:
        """Which calendar an address is of, and the nonce that it was made with.

        Raises:
            Forbidden: it is forged.
        """
        try:
            kind, name, nonce = self._calendars.loads(token)
        except BadSignature:
            raise Forbidden("this address is not valid", known=False) from None
        return Publication(kind=PublicationKind(kind), name=name), nonce

    def _read(self, serializer: URLSafeTimedSerializer, text: str, lasts: timedelta) -> list[str]:
        """The values of a signed text that is not too old.

        One that seems to come from the future is good: the node that made it has another clock than this one.
        """
        try:
            values, made_at = serializer.loads(text, return_timestamp=True)
            _refuse_old(made_at, self._now() - lasts)
        except SignatureExpired:
            raise Forbidden("this link has expired", known=False, hint="open the alert in Tocsin instead") from None
        except BadSignature:
            raise Forbidden("this link is not valid", known=False, hint="copy it whole, or open Tocsin") from None
        return [str(value) for value in values]


def token_hash(token: str) -> str:
    """Under which name a secret is kept: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def _refuse_old(made_at: Instant, oldest: Instant) -> None:
    if made_at < oldest:
        raise SignatureExpired("too old", date_signed=made_at)


def _signer(now: Callable[[], Instant]) -> type[TimestampSigner]:
    """A signer that writes down when it signed by this clock."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(now().timestamp())

    return Signer

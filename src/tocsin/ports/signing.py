"""How Tocsin signs what it sends to programs: `Tocsin-Signature`, part of the stable contract."""

from __future__ import annotations

import hashlib
import hmac

from tocsin.core.vocabulary import Instant

#: The header that carries the signature.
SIGNATURE = "Tocsin-Signature"


def signature(body: bytes, secret: str, *, at: Instant) -> str:
    """`t=<unix>,v1=<hex>`: the HMAC-SHA256 of time, dot and body, so that neither can be exchanged alone."""
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), b"%d.%b" % (seconds, body), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"

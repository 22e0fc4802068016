"""What a provider's answer over HTTP says beyond its status: how long to wait, and in which words it refused."""

from __future__ import annotations

import re
from datetime import timedelta

from tocsin.core.words import one_line
from tocsin.ports.channels import Answer, NotNow

#: Statuses that say "come again": a timeout, too early, too many.
PASSING = frozenset({408, 425, 429})

#: A provider that asks for more is answered by the person's next contact; trying it again stays worthwhile.
LONGEST_WAIT = timedelta(hours=1)

_SECONDS = re.compile(r"[0-9]{1,9}")
_QUOTED_LENGTH = 200


def is_success(answer: Answer) -> bool:
    """True for any 2xx."""
    return 200 <= answer.status < 300


def is_passing(answer: Answer) -> bool:
    """True when the same call may be taken a little later."""
    return answer.status in PASSING or answer.status >= 500


def not_now(answer: Answer) -> NotNow:
    """Another try may work, when the provider wishes it."""
    return NotNow(why=told(answer), wait=wait_of(answer))


def told(answer: Answer) -> str:
    """Status and text of an answer as one line of evidence."""
    return f"answered {answer.status}: {one_line(answer.text, _QUOTED_LENGTH)}".removesuffix(": ")


def wait_of(answer: Answer) -> timedelta | None:
    """How long the provider asks to wait, by `Retry-After` in seconds; a date there is ignored, no clock is read."""
    wish = next((value for name, value in answer.headers.items() if name.lower() == "retry-after"), "").strip()
    return min(timedelta(seconds=int(wish)), LONGEST_WAIT) if _SECONDS.fullmatch(wish) else None

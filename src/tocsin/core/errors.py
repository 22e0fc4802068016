"""One tree of typed refusals.

TocsinError
|- Refused       the asker can mend it: carries field and hint            -> HTTP 4xx, exit 2
|  |- Outdated   what it was made on has changed meanwhile               -> HTTP 422
|  |- NotFound   what was named does not exist                            -> HTTP 404
|  |- Forbidden  who asks may not do this                                 -> HTTP 401 or 403
|- Unavailable   ours or the world's, passing: try later (when)           -> HTTP 503, exit 3
|  |- TooMany    the asker's, passing: slower                             -> HTTP 429
|- Broken        ours, and not passing: a bug or damaged data             -> HTTP 500, exit 3
"""

from __future__ import annotations


class TocsinError(Exception):
    """Anything that Tocsin says no with."""


class Refused(TocsinError):
    """The request is wrong and the asker can mend it; nothing was stored."""

    def __init__(self, detail: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        #: The field that is wrong, as a path (`steps[1].after`), or None when it is the whole.
        self.field = field
        #: What to write instead, or None when the detail says it all.
        self.hint = hint


class Outdated(Refused):
    """What the request was made on has changed meanwhile; made again on what is there now, it may be right."""


class NotFound(Refused):
    """What was named does not exist."""


class Forbidden(Refused):
    """Who asks is not known, or may not do this."""

    def __init__(self, detail: str, *, known: bool, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(detail, field=field, hint=hint)
        #: True when the asker is known but lacks the right (403), False when nobody is signed in (401).
        self.known = known


class Unavailable(TocsinError):
    """Cannot be done right now; asking again later may work."""

    def __init__(self, detail: str, *, retry_seconds: float = 1.0) -> None:
        super().__init__(detail)
        self.detail = detail
        #: When to ask again, in seconds from now.
        self.retry_seconds = retry_seconds


class TooMany(Unavailable):
    """The asker asks too much at a time; nothing was stored, and it may be sent again later."""


class Broken(TocsinError):
    """A fault of ours that waiting does not mend."""

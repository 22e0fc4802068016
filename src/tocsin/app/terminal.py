"""What the command line says: answers on the standard output, everything else on the standard error."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from tocsin.app.logs import without_known
from tocsin.core.errors import Refused, Unavailable


def answer(text: str) -> None:
    """Say it on the standard output.

    Raises:
        Unavailable: it cannot be written, as on a full disk. A reader who has gone (`| head`) is no trouble.
    """
    trouble = _write(text, sys.stdout)
    if trouble is not None and not isinstance(trouble, BrokenPipeError):
        raise Unavailable(f"The output cannot be written: {trouble.strerror}.")


def tell(text: str) -> None:
    """Say it on the standard error, if anybody reads that. What the settings keep secret is not said."""
    _write(without_known(text), sys.stderr)


def tell_why(refusal: Refused) -> None:
    """What is wrong, and what to write instead unless that is already said."""
    tell(refusal.detail)
    if refusal.hint and refusal.hint not in refusal.detail:
        tell(refusal.hint)


def _write(text: str, stream: TextIO | None) -> OSError | None:
    # A stream that was closed before the start is None.
    if stream is None:
        return None
    try:
        print(text, file=stream, flush=True)
    except OSError as trouble:
        _listen_no_more(stream)
        return trouble
    return None


def _listen_no_more(stream: TextIO) -> None:
    """Let the work go on and its exit code stay true, with nobody listening."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)

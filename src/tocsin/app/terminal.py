"""What the command line says: answers on the standard output, everything else on the standard error."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from tocsin.core.errors import Refused


def answer(text: str) -> None:
    """Say it on the standard output."""
    _write(text, sys.stdout)


def tell(text: str) -> None:
    """Say it on the standard error."""
    _write(text, sys.stderr)


def tell_why(refusal: Refused) -> None:
    """What is wrong, and what to write instead unless that is already said."""
    tell(refusal.detail)
    if refusal.hint and refusal.hint not in refusal.detail:
        tell(refusal.hint)


def _write(text: str, stream: TextIO | None) -> None:
    # A stream that was closed before the start is None.
    if stream is None:
        return
    try:
        print(text, file=stream, flush=True)  # noqa: T201
    except OSError as trouble:
        _listen_no_more(stream)
        if not isinstance(trouble, BrokenPipeError):
            tell(f"The output cannot be written: {trouble.strerror}.")


def _listen_no_more(stream: TextIO) -> None:
    """The reader has gone (`| head`): the work goes on and its exit code stays true, with nobody listening."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)

"""Ids are made here, at the edge: version 7, so that the newest are the greatest and lie together on disk."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """A fresh id, greater than those before it."""
    return str(uuid_utils.uuid7())

"""One installation with a twin of Slack, for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from syncs.scene import Scene, scene


@pytest.fixture
async def here() -> AsyncIterator[Scene]:
    """The scene on the store in memory."""
    async with scene() as made:
        yield made

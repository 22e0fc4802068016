"""What attackers share: a real server on a real database, and a way to send it whatever bytes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fuzz.town import Town
from served import Sink


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server with people, schedules, alerts in every state, and keys that work."""
    sink = Sink()
    town = Town(tmp_path_factory.mktemp("town"), sink=sink.port)
    try:
        town.start()
        town.settle()
        yield town
    finally:
        town.kill(15)
        sink.close()

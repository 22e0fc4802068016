"""Can what pages go through be reached from here? One look at each channel that somebody's contacts use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tocsin.core.directory import Directory
from tocsin.ports.channels import Channel, Settings

_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What was found about one channel."""

    channel: str
    well: bool
    text: str


async def look(
    channels: tuple[Channel, ...], settings: Mapping[str, Settings], known: Directory
) -> AsyncIterator[Reach]:
    """A finding for each channel in use. Channels whose every address is a place of its own are only counted."""
    for channel in channels:
        contacts = [one for person in known.people.values() for one in person.contacts if one.channel == channel.name]
        if not contacts:
            continue
        used = f"{len(contacts)} contact{'' if len(contacts) == 1 else 's'}"
        yield await _look_at(channel, settings[channel.name], used)


async def _look_at(channel: Channel, settings: Settings, used: str) -> Reach:
    names = {setting.name for setting in channel.settings}
    if not names & {"host", "server"}:
        return Reach(channel=channel.name, well=True, text=used)
    place = _place(settings)
    if place is None:
        text = f"{used}, and no server is set (channels.{channel.name}.host): nothing can leave"
        return Reach(channel=channel.name, well=False, text=text)
    trouble = await _knock(*place)
    shown = f"{place[0]}:{place[1]}"
    text = f"{used}; {shown} answers" if trouble is None else f"{used}, and {shown} cannot be reached: {trouble}"
    return Reach(channel=channel.name, well=trouble is None, text=text)


def _place(settings: Settings) -> tuple[str, int] | None:
    """The host and port of a channel that has one server for all."""
    if host := settings.text("host"):
        return host, int(settings.text("port") or 0)
    server = urlsplit(settings.text("server") or "")
    if server.hostname is None:
        return None
    return server.hostname, server.port or (80 if server.scheme == "http" else 443)


async def _knock(host: str, port: int) -> str | None:
    """None when a connection opens; else what is in the way."""
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"no answer within {_SECONDS:.0f} s"
    except OSError as trouble:
        return trouble.strerror or str(trouble)
    writer.close()
    return None

"""Which addresses may be called from here. It is the address that is judged: names can be made to lead anywhere.

- What the installation allows is reached, what it denies is not, and then these rules hold.
- Closed: link-local and what clouds answer their machines at, where keys are handed out; what is no single machine.
- This machine and its own networks are open to addresses that stand in the configuration: there a self-hosted team has
  its chat. They are closed to what others name: a calendar that leads on, a name that turns out to mean this machine.
- An address within an address (IPv4 mapped into IPv6, NAT64, 6to4, Teredo) is judged by both.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from tocsin.core.errors import Refused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Nearest(IntEnum):
    """How near the machine that is called may be."""

    THIS_MACHINE = 0
    OWN_NETWORK = 1
    WORLD = 2


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


_THIS_MACHINE = _networks("127.0.0.0/8", "::1/128")
_OWN_NETWORK = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10")
_LINK_LOCAL = _networks("169.254.0.0/16", "fe80::/10")
#: Where clouds tell their machines who they are and what keys they have, besides the link-local addresses: Alibaba,
#: Oracle, Azure; AWS and Google over IPv6.
_METADATA = _networks("100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32", "fd00:ec2::/32", "fd20:ce::254/128")
#: No single machine: "this network", which on many systems is this machine; groups; all; what is reserved.
_NOBODY = _networks("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8")
_CLOSED = (
    (_LINK_LOCAL, "it is link-local, where clouds hand out keys"),
    (_METADATA, "there a cloud hands out keys"),
    (_NOBODY, "it is not the address of one machine"),
)
#: Words for networks, where a setting lists them.
WORDS = {"loopback": _THIS_MACHINE, "private": _OWN_NETWORK, "link-local": _LINK_LOCAL}

#: IPv6 networks whose addresses end with one of IPv4: NAT64 by its two prefixes, and the old "compatible" form.
_ENDING_WITH_IPV4 = _networks("64:ff9b::/96", "64:ff9b:1::/48", "::/96")
_WEB_ADDRESS = re.compile(
    r"""\b([a-z][a-z0-9+.-]{1,20}://)(?:[^/\s@"'\\\x1b]*@)?([^/\s?#"'\\\x1b]*)([^\s"'\\<>\x1b]*)""", re.IGNORECASE
)
_SETTING = "outgoing.allow (TOCSIN_OUTGOING_ALLOW)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What an installation allows and denies besides the rules."""

    allow: tuple[Network, ...] = ()
    deny: tuple[Network, ...] = ()

    def refusal(self, address: str, *, nearest: Nearest = Nearest.THIS_MACHINE) -> str | None:
        """Why an address is not called, in words; None: it may be. What is no address is not called.

        `nearest`: how near it may lie, where nothing is said of it.
        """
        try:
            meant = ip_address(address.partition("%")[0])
        except ValueError:
            return f"{address} is no address that can be called"
        both = tuple(_meanings(meant))
        if any(_is_in(one, self.allow) for one in both):
            return None
        why = next(filter(None, (self._closed(one, nearest) for one in both)), None)
        return None if why is None else f"{meant} may not be called from here: {why}; {_SETTING} opens it"

    def _closed(self, address: Address, nearest: Nearest) -> str | None:
        if _is_in(address, self.deny):
            return "outgoing.deny closes it"
        for networks, why in _CLOSED:
            if _is_in(address, networks):
                return why
        if nearest > Nearest.THIS_MACHINE and _is_in(address, _THIS_MACHINE):
            return "it is this machine, and the configuration does not name it"
        if nearest > Nearest.OWN_NETWORK and _is_in(address, _OWN_NETWORK):
            return "it lies in a private network, and the configuration does not name it"
        return None


def networks(text: str, *, setting: str) -> tuple[Network, ...]:
    """The networks that a setting lists: addresses, networks like 10.1.0.0/16, or words, with commas between.

    Raises:
        Refused: one of them is none of these.
    """
    found: list[Network] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found += WORDS.get(part.lower()) or (ip_network(part, strict=False),)
        except ValueError:
            hint = f"addresses, networks like 10.1.0.0/16, or {', '.join(WORDS)}, with commas between"
            raise Refused(f"{setting}: {part!r} is no network", field=setting, hint=hint) from None
    return tuple(found)


def literal_of(url: str) -> str | None:
    """The address that a web address names by its figures, in whatever writing; None: it names a host."""
    try:
        host = urlsplit(url).hostname or ""
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))  # 2852039166, 0xa9fea9fe, 0251.0376.169.254, 127.1
    except (OSError, UnboundLocalError, UnicodeError, ValueError):
        return None


def hosts_alone(text: str) -> str:
    """A text with the addresses in it cut to their hosts: what follows may be a secret, and what stands before, too."""
    return _WEB_ADDRESS.sub(lambda found: f"{found[1]}{found[2]}{'/…' if found[3] not in ('', '/') else ''}", text)


def names_this_machine(url: str) -> bool:
    """True when a web address says by itself that it is of this machine."""
    literal = literal_of(url)
    if literal is not None:
        return _is_in(ip_address(literal), _THIS_MACHINE)
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    return host == "localhost" or host.endswith(".localhost")


def _is_in(address: Address, within: Iterable[Network]) -> bool:
    return any(address in network for network in within if network.version == address.version)


def _meanings(address: Address) -> Iterator[Address]:
    """The address, and those that it carries inside."""
    yield address
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if _is_in(address, _ENDING_WITH_IPV4) and int(address) > 1:
        yield IPv4Address(int(address) & 0xFFFFFFFF)

"""Addresses that may not be called: judged by where the connection goes, in whatever writing and by whatever name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from tocsin.configuration.mistakes import BadConfiguration
from tocsin.configuration.reading import read
from tocsin.core.errors import Refused
from tocsin.engine.transport import Transport
from tocsin.ports.channels import Answer, HttpCall, NoAnswer
from tocsin.ports.outgoing import Nearest, Outgoing, literal_of, names_this_machine, networks

USUAL = Outgoing()
CLOSED = [
    "169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200",
    "192.0.0.192", "168.63.129.16", "0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1", "::ffff:0.0.0.0",
    "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1",
    "2001:0:a9fe:a9fe::1", "no address", "",
]  # fmt: skip
MACHINE = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
NETWORK = ["10.1.2.3", "192.168.1.1", "172.31.0.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1", "2002:0a00:0001::1"]
WORLD = ["93.184.215.14", "172.32.0.1", "2606:4700::1111", "100.128.0.1"]


@pytest.mark.parametrize("address", CLOSED)
def test_closed_addresses_are_closed_to_everybody(address: str) -> None:
    """What hands out keys, and what is no single machine, is called by nobody, also inside an address of IPv6."""
    assert USUAL.refusal(address) is not None


@pytest.mark.parametrize("address", MACHINE + NETWORK + WORLD)
def test_where_teams_have_their_chat_is_open(address: str) -> None:
    """This machine, its networks and the world are reached by an address of the configuration."""
    assert USUAL.refusal(address) is None


@pytest.mark.parametrize("address", MACHINE + NETWORK)
def test_what_others_name_leads_out_only(address: str) -> None:
    """This machine and its networks are closed to addresses that the configuration does not name."""
    assert USUAL.refusal(address, nearest=Nearest.WORLD) is not None
    closer = USUAL.refusal(address, nearest=Nearest.OWN_NETWORK)
    assert (closer is None) is (address in NETWORK)


def test_settings_open_and_close() -> None:
    """What is allowed goes before what is denied, and both before the rules."""
    outgoing = Outgoing(
        allow=networks("169.254.169.254, 10.1.0.0/16", setting="outgoing.allow"),
        deny=networks("loopback,private , 93.184.215.14", setting="outgoing.deny"),
    )
    for address in ("169.254.169.254", "::ffff:169.254.169.254", "10.1.2.3"):
        assert outgoing.refusal(address, nearest=Nearest.WORLD) is None
    for address in ("169.254.169.253", "127.0.0.1", "::1", "10.2.0.1", "93.184.215.14"):
        assert outgoing.refusal(address) is not None
    with pytest.raises(Refused, match=r"outgoing.deny: '10.1.2' is no network"):
        networks("10.1.2", setting="outgoing.deny")


@given(st.ip_addresses(), st.sampled_from(Nearest))
def test_every_address_has_an_answer(address: IPv4Address | IPv6Address, nearest: Nearest) -> None:
    """Each is open or refused in a sentence that names it, and what is refused near is refused to those farther off."""
    told = USUAL.refusal(str(address), nearest=nearest)
    assert told is None or str(address) in told
    if told is not None:
        assert all(USUAL.refusal(str(address), nearest=other) for other in Nearest if other >= nearest)


@given(st.ip_addresses(v=4), st.sampled_from(Nearest))
def test_an_address_in_other_clothes_is_the_same(address: IPv4Address, nearest: Nearest) -> None:
    """Mapped into IPv6 or translated by NAT64, an address is open to those to whom it is open by itself."""
    plain = USUAL.refusal(str(address), nearest=nearest) is None
    for prefix in ("::ffff:", "64:ff9b::"):
        assert (USUAL.refusal(f"{prefix}{address}", nearest=nearest) is None) is plain


@pytest.mark.parametrize(
    ("url", "literal"),
    [
        ("http://169.254.169.254/latest", "169.254.169.254"),
        ("http://2852039166/", "169.254.169.254"),
        ("http://0xa9fea9fe/", "169.254.169.254"),
        ("http://0251.0376.0251.0376/", "169.254.169.254"),
        ("http://169.16689662/", "169.254.169.254"),
        ("http://user:secret@127.1:80/x", "127.0.0.1"),
        ("https://[::ffff:a9fe:a9fe]/", "::ffff:a9fe:a9fe"),
        ("http://[fe80::1%25eth0]/", "fe80::1"),
        ("http://0/", "0.0.0.0"),
        ("http://example.org/", None),
        ("http://[x/", None),
        ("http:///", None),
    ],
)
def test_figures_are_read_in_every_writing(url: str, literal: str | None) -> None:
    """Decimal, octal, hexadecimal and shortened addresses are read as systems read them."""
    assert literal_of(url) == literal


def test_this_machine_by_its_own_names() -> None:
    """Only an address that says so by itself means this machine."""
    own = ["http://localhost/", "http://LOCALHOST:8080", "http://a.localhost./", "http://127.1/", "http://[::1]:1/"]
    assert all(map(names_this_machine, own))
    assert not any(map(names_this_machine, ["http://localhost.example/", "http://10.0.0.1/", "http://[x", "nowhere"]))


# With real sockets.


@pytest.fixture
async def server() -> AsyncIterator[int]:
    """Somebody on this machine who answers everything; the port."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="secret of this machine")

    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def called(out: Transport, url: str, nearest: Nearest = Nearest.THIS_MACHINE) -> Answer | NoAnswer:
    """What comes of a call."""
    return await out.call("webhook", HttpCall(method="GET", url=url, headers=(), body=b""), nearest=nearest)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_where_a_connection_goes_is_what_counts(server: int, host: str) -> None:
    """Whatever the address looks like and a name turns out to mean, a machine out of reach is not connected to."""
    async with Transport({}) as out:
        url = f"http://{host}:{server}/"
        assert isinstance(await called(out, url), Answer)
        for nearest in (Nearest.OWN_NETWORK, Nearest.WORLD):  # also while a connection to it is open
            refused = await called(out, url, nearest)
            assert isinstance(refused, NoAnswer)
            assert "it is this machine" in refused.why
            assert not refused.may_have_arrived


async def test_a_closed_address_is_told_in_words() -> None:
    """The evidence says which address, why, and which setting opens it; the figures may be disguised."""
    async with Transport({}) as out:
        for url in (
            "http://169.254.169.254/latest/meta-data",
            "http://0xa9fea9fe/",
            "http://[::ffff:169.254.169.254]/",
        ):
            refused = await called(out, url)
            assert isinstance(refused, NoAnswer)
            assert not refused.may_have_arrived
            assert "may not be called from here: it is link-local" in refused.why
            assert "outgoing.allow" in refused.why


async def test_what_is_denied_is_not_called(server: int) -> None:
    """An installation may close this machine to its own configuration, too."""
    async with Transport({}, outgoing=Outgoing(deny=networks("loopback", setting="outgoing.deny"))) as out:
        refused = await called(out, f"http://localhost:{server}/")
    assert isinstance(refused, NoAnswer)
    assert "outgoing.deny closes it" in refused.why


# In configuration files.

FILE = """\
tocsin: 1
users:
  - {name: ada, contacts: [{name: hook, channel: webhook, address: "http://169.254.169.254/x"}]}
policies: [{name: climb, steps: [{page: [{webhook: "http://2852039166/"}]}]}]
calendars: [{name: away, url: "webcal://[fe80::1]/a.ics"}]
schedules: [{name: rota, time_zone: UTC}]
syncs: [{name: told, schedule: rota, webhook: "http://0.0.0.0:9009/"}]
settings: {dead_man_url: "http://[fd00:ec2::254]/"}
"""


def mistakes(outgoing: Outgoing | None) -> list[str]:
    """The fields that are refused."""
    names = {"channels": frozenset({"webhook"}), "protocols": frozenset[str]()}
    try:
        read([("a.yaml", FILE)], environment={}, outgoing=outgoing, **names)
    except BadConfiguration as refused:
        return [mistake.field for mistake in refused.mistakes]
    return []


def test_closed_addresses_are_refused_when_they_are_applied() -> None:
    """Every address that Tocsin calls is refused at its place where its figures say that it never would be called."""
    assert mistakes(None) == [
        "users[0].contacts[0].address",
        "policies[0].steps[0].page[0].webhook",
        "calendars[0].url",
        "syncs[0].webhook",
        "settings.dead_man_url",
    ]
    assert mistakes(Outgoing(allow=networks("0.0.0.0/0, ::/0", setting="outgoing.allow"))) == []

"""Settings: what goes before what, where each value is said to come from, and what is refused."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tocsin.app.settings import Settings, load
from tocsin.channels import CHANNELS
from tocsin.core.errors import Refused, Unavailable

KEY = {"TOCSIN_SECRET_KEY": "k" * 32}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test stands in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def origin(settings: Settings, name: str) -> str:
    return next(value.origin for value in settings.values if value.name == name)


def test_command_line_goes_before_environment_file_and_default(folder: Path) -> None:
    """Each place gives way to the one before it, and each value says where it comes from."""
    (folder / "tocsin.toml").write_text('host = "10.0.0.1"\nport = 1\npublic_url = "https://a.example/"\ndata = "f"\n')
    settings = load(CHANNELS, environment={"TOCSIN_PORT": "2", "TOCSIN_DATA": "e", **KEY}, data="c")
    assert (str(settings.data), settings.port, settings.host) == ("c", 2, "10.0.0.1")
    assert settings.public_url == "https://a.example"
    assert [origin(settings, name) for name in ("data", "port", "host", "admin_token")] == [
        "command line",
        "environment TOCSIN_PORT",
        "tocsin.toml",
        "default",
    ]


def test_channel_settings_come_from_their_table_or_their_variable(folder: Path) -> None:
    """A channel is set up in tocsin.toml, and the environment overrules it."""
    (folder / "tocsin.toml").write_text('[channels.email]\nhost = "mail"\nport = 25\n')
    settings = load(CHANNELS, environment={"TOCSIN_CHANNEL_EMAIL_PORT": "2525", **KEY})
    assert settings.channels["email"].text("host") == "mail"
    assert settings.channels["email"].text("port") == "2525"


def test_secrets_are_never_shown() -> None:
    """What doctor prints of a secret is that it is set."""
    environment = {"TOCSIN_ADMIN_TOKEN": "SECRET-token", "TOCSIN_DATABASE_URL": "postgresql://u:SECRET@h/d"}
    environment |= {"TOCSIN_SECRET_KEY": "SECRET" * 4, "TOCSIN_CHANNEL_EMAIL_PASSWORD": "SECRET"}
    environment |= {"TOCSIN_SYNC_SLACK_TOKEN": "xoxb-SECRET"}
    shown = [value.shown for value in load(CHANNELS, environment=environment).values]
    assert not any("SECRET" in text for text in shown)
    assert shown.count("(set)") == 7


def test_sync_settings_come_from_their_table_or_their_variable(folder: Path) -> None:
    """What follows the rota is set up as channels are; a webhook always signs."""
    (folder / "tocsin.toml").write_text('[syncs.slack]\ntoken = "xoxb-1"\nteam = "T1"\n')
    settings = load(CHANNELS, environment={"TOCSIN_SYNC_SLACK_TEAM": "T2", **KEY})
    assert (settings.syncs["slack"].text("token"), settings.syncs["slack"].text("team")) == ("xoxb-1", "T2")
    assert settings.syncs["slack"].text("url") == "https://slack.com/api/"
    assert origin(settings, "syncs.webhook.secret") == "derived from secret_key"
    assert settings.syncs["webhook"].text("secret") != settings.channels["webhook"].text("secret")


def test_generated_key_is_kept_for_its_owner_alone(folder: Path) -> None:
    """Without a key one is made, once, in a file that nobody else may read."""
    first, second = load(CHANNELS, environment={}, keeps_key=True), load(CHANNELS, environment={})
    path = folder / "tocsin-data" / "secret-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.secret_key == second.secret_key == path.read_text().strip()
    assert origin(first, "secret_key") == "tocsin-data/secret-key"


def test_who_only_looks_makes_no_key(folder: Path) -> None:
    """Without being asked to keep one, a key is good for this process alone, and no folder appears."""
    settings = load(CHANNELS, environment={})
    assert len(settings.secret_key) >= 32
    assert origin(settings, "secret_key") == "to be made in tocsin-data/secret-key by `tocsin serve`"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("prot = 3", "prot"),
        ("channels = 3", "channels"),
        ('[syncs.slack]\ntokn = "x"', "syncs.slack.tokn"),
        ('[channels.emial]\nhost = "x"', "channels.emial"),
        ('[channels.email]\nhots = "x"', "channels.email.hots"),
        ('[channels.email]\nport = "x"', "channels.email.port"),
        ("port = 70000", "port"),
        ('public_url = "example.org"', "public_url"),
        ('secret_key = "short"', "secret_key"),
        ("port = [", None),
        ('data = "\udcff"', None),
    ],
)
def test_what_cannot_be_meant_is_refused(folder: Path, text: str, field: str | None) -> None:
    """A name that nobody asks for, a value of the wrong kind or a broken file is refused, by its name."""
    (folder / "tocsin.toml").write_bytes(text.encode(errors="surrogateescape"))
    environment = {} if "secret" in text else KEY
    with pytest.raises(Refused) as refusal:
        load(CHANNELS, environment=environment)
    assert refusal.value.field == field


def test_nearest_name_is_told(folder: Path) -> None:
    """A slip of the pen in tocsin.toml is answered with what was meant."""
    (folder / "tocsin.toml").write_text("prot = 3")
    with pytest.raises(Refused) as refusal:
        load(CHANNELS, environment=KEY)
    assert refusal.value.hint == "did you mean 'port'?"


def test_file_in_place_of_the_data_folder_is_told(folder: Path) -> None:
    """A data folder below a file cannot be: this is said in one sentence."""
    (folder / "file").touch()
    with pytest.raises(Unavailable, match="a file is in its place"):
        load(CHANNELS, environment={}, data="file/below")


def test_outgoing_addresses_are_set_in_their_table_or_their_variable(folder: Path) -> None:
    """Networks and words, as a list or with commas; what is none is refused, and doctor shows what is in force."""
    (folder / "tocsin.toml").write_text('[outgoing]\nallow = ["169.254.10.0/24", "10.0.0.5"]\n')
    settings = load(CHANNELS, environment={"TOCSIN_OUTGOING_DENY": "loopback", **KEY})
    assert settings.outgoing.refusal("169.254.10.1") is None
    assert settings.outgoing.refusal("169.254.11.1") is not None
    assert settings.outgoing.refusal("127.0.0.1") is not None
    shown = {value.name: (value.shown, value.origin) for value in settings.values}
    assert shown["outgoing.allow"] == ("169.254.10.0/24, 10.0.0.5", "tocsin.toml")
    assert shown["outgoing.deny"] == ("loopback", "environment TOCSIN_OUTGOING_DENY")
    with pytest.raises(Refused, match=r"outgoing.deny: 'localnet' is no network"):
        load(CHANNELS, environment={"TOCSIN_OUTGOING_DENY": "10.0.0.0/8, localnet", **KEY})

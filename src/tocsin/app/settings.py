"""Settings: what holds on this node, and where each value comes from. Environment, then tocsin.toml, then default."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.app.logs import hide
from tocsin.app.roles import NodeRole, read_role
from tocsin.configuration.mistakes import meant
from tocsin.core.errors import Refused, Unavailable
from tocsin.ports.channels import Channel, Setting
from tocsin.ports.channels import Settings as ChannelSettings
from tocsin.ports.outgoing import Network, Outgoing, networks
from tocsin.ports.syncs import SyncKind
from tocsin.syncs import SYNCS

FILE = "tocsin.toml"
#: In the data folder: the secret key that Tocsin has made for itself.
KEY_FILE = "secret-key"
_SHORTEST_SECRET = 16
#: Plug-ins that always sign, and from what the secret is made when none is set.
_SIGNING = {"channels.webhook": b"tocsin.channel.webhook", "syncs.webhook": b"tocsin.sync.webhook"}
_NAMES = ("data", "host", "port", "role", "public_url", "database_url", "secret_key", "admin_token")
_OUTGOING = ("allow", "deny")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One setting in force."""

    name: str
    value: str
    #: "environment", "tocsin.toml", "default", "command line", or a file.
    origin: str
    secret: bool = False

    @property
    def shown(self) -> str:
        """The value as it may be printed."""
        return "(set)" if self.secret and self.value else self.value or "(not set)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds on this node."""

    data: Path
    host: str
    port: int
    public_url: str
    #: None: the embedded database.
    database_url: str | None
    secret_key: str
    admin_token: str | None
    channels: Mapping[str, ChannelSettings]
    #: By the name of the kind.
    syncs: Mapping[str, ChannelSettings] = field(default_factory=dict)
    #: What this node does.
    role: NodeRole = NodeRole.ALL
    #: Which addresses may be called besides the rules.
    outgoing: Outgoing = field(default_factory=Outgoing)
    #: Where Tocsin keeps the secret key that it makes for itself; None: the key is set.
    key_file: Path | None = None
    #: Every value with its origin, for `tocsin doctor`.
    values: tuple[Value, ...] = field(default=())

    @property
    def secure(self) -> bool:
        """True when people reach this installation over TLS."""
        return self.public_url.startswith("https://")


class _Source:
    """Finds each setting where it is said, and remembers where that was."""

    def __init__(
        self, environment: Mapping[str, str], file: Mapping[str, Any], given: Mapping[str, str | None]
    ) -> None:
        self._environment = environment
        self._file = file
        self._given = given
        self.values: list[Value] = []

    def find(self, name: str, default: str = "", *, secret: bool = False) -> str:
        """One top-level setting: `public_url` is TOCSIN_PUBLIC_URL in the environment."""
        return self._keep(name, f"TOCSIN_{name.upper()}", self._file.get(name), default, secret=secret)

    def find_of(self, path: str, setting: Setting) -> str:
        """One setting of a plug-in: `[channels.email] host`, or TOCSIN_CHANNEL_EMAIL_HOST."""
        group, _, plugin = path.partition(".")
        table = self._file.get(group, {}).get(plugin, {})
        variable = f"TOCSIN_{group.removesuffix('s').upper()}_{plugin.upper()}_{setting.name.upper()}"
        default = "" if setting.default is None else str(setting.default)
        name = f"{path}.{setting.name}"
        return self._keep(name, variable, table.get(setting.name), default, secret=setting.secret)

    def find_in(self, table: str, name: str) -> str:
        """One setting of a table: `[outgoing] allow`, or TOCSIN_OUTGOING_ALLOW. A list is as good as commas."""
        found = self._file.get(table, {}).get(name)
        written = ", ".join(map(str, found)) if isinstance(found, list) else found
        return self._keep(f"{table}.{name}", f"TOCSIN_{table.upper()}_{name.upper()}", written, "", secret=False)

    def add(self, value: Value) -> None:
        """Replace what was found under this name."""
        if value.secret:
            hide((value.value,))
        self.values = [other for other in self.values if other.name != value.name] + [value]

    def _keep(self, name: str, variable: str, in_file: object, default: str, *, secret: bool) -> str:
        given = self._given.get(name)
        if given is not None:
            found, origin = given, "command line"
        elif self._environment.get(variable):
            found, origin = self._environment[variable], f"environment {variable}"
        elif in_file is not None:
            found, origin = str(in_file), FILE
        else:
            found, origin = default, "default"
        if secret:
            hide((found,))
        self.values.append(Value(name=name, value=found, origin=origin, secret=secret))
        return found


def load(
    channels: tuple[Channel, ...],
    *,
    syncs: tuple[SyncKind, ...] = SYNCS,
    environment: Mapping[str, str] | None = None,
    data: str | None = None,
    host: str | None = None,
    port: int | None = None,
    role: str | None = None,
    keeps_key: bool = False,
) -> Settings:
    """The settings in force. What the command line gives goes before everything else.

    `keeps_key`: where no secret key is set, one is made and kept in the data folder. Without it, as for who only looks,
    nothing is written: the key is good for this process alone.

    Raises:
        Refused: a value cannot be used; says which and where it stands.
        Unavailable: the data folder cannot be written.
    """
    environment = os.environ if environment is None else environment
    given = {"data": data, "host": host, "port": None if port is None else str(port), "role": role}
    file = _read_file(Path(FILE))
    _check_names(file, channels=channels, syncs=syncs)
    source = _Source(environment, file, given)
    folder = Path(source.find("data", "tocsin-data"))
    address = source.find("host", "127.0.0.1")
    number = _port(source.find("port", "8080"))
    default_url = f"http://{address if address not in ('0.0.0.0', '::') else 'localhost'}:{number}"  # noqa: S104
    does = read_role(source.find("role", NodeRole.ALL.value))
    database_url = source.find("database_url", secret=True) or None
    secret_key, key_file = _secret_key(source, folder / KEY_FILE, keeps=keeps_key)
    return Settings(
        data=folder,
        host=address,
        port=number,
        public_url=_url(source.find("public_url", default_url)),
        database_url=database_url,
        secret_key=secret_key,
        admin_token=source.find("admin_token", secret=True) or None,
        channels={each.name: _plugin(source, f"channels.{each.name}", each.settings, secret_key) for each in channels},
        syncs={each.name: _plugin(source, f"syncs.{each.name}", each.settings, secret_key) for each in syncs},
        role=does,
        outgoing=Outgoing(**{name: _networks(source, name) for name in _OUTGOING}),
        key_file=key_file,
        values=tuple(source.values),
    )


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise Refused(f"{path} cannot be read: {_reason(trouble)}") from None


def _check_names(file: Mapping[str, Any], **plugins: tuple[Channel, ...] | tuple[SyncKind, ...]) -> None:
    """A name that nobody asks for would be a setting without effect, and a surprise at night."""
    _check_table(file, {*_NAMES, "outgoing", *plugins}, "")
    _check_table(_table(file, "outgoing", "outgoing"), set(_OUTGOING), "outgoing.")
    for group, known in plugins.items():
        tables = _table(file, group, group)
        _check_table(tables, {each.name for each in known}, f"{group}.")
        for each in known:
            path = f"{group}.{each.name}"
            names = {setting.name for setting in each.settings}
            _check_table(_table(tables, each.name, path), names, f"{path}.")


def _table(within: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    found = within.get(name, {})
    if not isinstance(found, Mapping):
        raise Refused(f"{FILE}: {path} is no table", field=path, hint=f"begin it with [{path}]")
    return found


def _check_table(table: Mapping[str, Any], known: set[str], path: str) -> None:
    for name in table:
        if name not in known:
            hint = meant(name, known, plural="settings")
            raise Refused(f"{FILE}: there is no setting {path}{name}", field=f"{path}{name}", hint=hint)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise Refused(f"the port {text!r} is not a number between 1 and 65535", field="port")
    return int(text)


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise Refused(f"the public address {text!r} does not begin with http:// or https://", field="public_url")
    return text.rstrip("/")


def _networks(source: _Source, name: str) -> tuple[Network, ...]:
    return networks(source.find_in("outgoing", name), setting=f"outgoing.{name}")


def _secret_key(source: _Source, path: Path, *, keeps: bool) -> tuple[str, Path | None]:
    found = source.find("secret_key", secret=True)
    if found:
        if len(found) < _SHORTEST_SECRET:
            raise Refused(f"TOCSIN_SECRET_KEY is shorter than {_SHORTEST_SECRET} characters", field="secret_key")
        return found, None
    kept = _kept_key(path)
    key = kept or secrets.token_urlsafe(32)
    if kept is None and keeps:
        key = _keep_key(path, key)
    origin = str(path) if kept or keeps else f"to be made in {path} by `tocsin serve`"
    source.add(Value(name="secret_key", value=key, origin=origin, secret=True))
    return key, path


def _kept_key(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise Unavailable(f"The data folder {path.parent} cannot be made: a file is in its place.") from None
    except (OSError, UnicodeDecodeError) as trouble:
        raise Unavailable(f"The secret key in {path} cannot be read: {_reason(trouble)}.") from None


def _keep_key(path: Path, key: str) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
    except FileExistsError:
        return _kept_key(path) or key
    except OSError as trouble:
        raise Unavailable(f"The data folder {path.parent} cannot be written: {trouble.strerror}.") from None
    return key


def _reason(trouble: Exception) -> str:
    return (trouble.strerror if isinstance(trouble, OSError) else None) or str(trouble)


def _plugin(source: _Source, path: str, settings: tuple[Setting, ...], secret_key: str) -> ChannelSettings:
    values: dict[str, str | int | bool | None] = {}
    for setting in settings:
        found = source.find_of(path, setting)
        if isinstance(setting.default, int) and not isinstance(setting.default, bool) and not found.isdecimal():
            name = f"{path}.{setting.name}"
            raise Refused(f"the setting {name} is {found!r} and no whole number", field=name)
        values[setting.name] = found
    if path in _SIGNING and not values.get("secret"):
        derived = hmac.new(secret_key.encode(), _SIGNING[path], hashlib.sha256).hexdigest()
        values["secret"] = derived
        source.add(Value(name=f"{path}.secret", value=derived, origin="derived from secret_key", secret=True))
    return ChannelSettings(values=values)

"""A strict twin of Slack's Web API over real HTTP, as far as user groups go: for tests of whatever calls Slack.

async with SlackTwin() as slack:
    ada = slack.workspace.add_user("ada@example.org")
    slack.workspace.add_group("data-oncall", [ada])
    client = AsyncWebClient(token=slack.token, base_url=slack.url)

It refuses what Slack refuses, in Slack's shape: tokens, scopes, content types, missing arguments, too many calls. It is
stricter than Slack with arguments that no method knows, which Slack passes over. The methods that it has give their
lists whole, as Slack's do: none of them takes a cursor. It shares no code with what it tests.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl

from aiohttp import web

from tocsin.testing.slack_workspace import Json, Refusal, Workspace

READ, WRITE, EMAIL = "usergroups:read", "usergroups:write", "users:read.email"
SCOPES = frozenset({READ, WRITE, "users:read", EMAIL})

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_OTHER_TYPES = frozenset({"multipart/form-data", "text/plain"})
_CHARSETS = frozenset({"utf-8", "iso-8859-1"})
_TRUTH = frozenset({"true", "false", "1", "0"})

Does: TypeAlias = Callable[[Workspace, Mapping[str, str], str], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method: what it needs, what it takes, what it does."""

    #: None: any token.
    scope: str | None
    does: Does
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    #: Slack's word when the required argument is missing.
    missing: str = "missing_argument"


@dataclass(slots=True, kw_only=True)
class Token:
    """A token: whose it is, what it may do, and what Slack says of it once it is good no more."""

    user: str
    scopes: frozenset[str] = SCOPES
    refusal: str | None = None


def _auth_test(_workspace: Workspace, _arguments: Mapping[str, str], by: str) -> Json:
    url = "https://twin.slack.com/"
    return {"url": url, "team": "Twin", "user": "tocsin", "team_id": "T060RNRCH", "user_id": by, "bot_id": "B060RNRCH"}


METHODS: Mapping[str, Method] = {
    "auth.test": Method(scope=None, does=_auth_test),
    "users.lookupByEmail": Method(
        scope=EMAIL, does=lambda to, given, by: to.look_up(given), required=("email",), missing="invalid_arguments"
    ),
    "usergroups.list": Method(
        scope=READ,
        does=lambda to, given, by: to.list_groups(given),
        optional=("include_count", "include_disabled", "include_users", "team_id"),
    ),
    "usergroups.users.list": Method(
        scope=READ,
        does=lambda to, given, by: to.list_members(given),
        required=("usergroup",),
        optional=("include_disabled", "team_id"),
        missing="no_such_subteam",
    ),
    "usergroups.users.update": Method(
        scope=WRITE,
        does=lambda to, given, by: to.replace_members(given, by),
        required=("usergroup",),
        optional=("users", "include_count", "team_id", "additional_channels", "is_shared"),
    ),
    "usergroups.enable": Method(
        scope=WRITE,
        does=lambda to, given, by: to.enable(given, by),
        required=("usergroup",),
        optional=("include_count", "team_id"),
    ),
    "usergroups.disable": Method(
        scope=WRITE,
        does=lambda to, given, by: to.disable(given, by),
        required=("usergroup",),
        optional=("include_count", "team_id"),
    ),
}


class SlackTwin:
    """The twin; within its context it listens on a port of the loopback interface."""

    def __init__(self) -> None:
        self.workspace = Workspace()
        #: A token that may do everything, of an app's bot.
        self.token = "xoxb-twin-1"  # noqa: S105
        self.tokens = {self.token: Token(user="U0TOCSINBOT")}
        #: Every call that came, by its method, with its arguments; refused ones too.
        self.calls: list[tuple[str, Mapping[str, str]]] = []
        #: How many more calls of a method are answered; a method that is not here is never refused for that.
        self.allowed: Counter[str] = Counter()
        self.limited: set[str] = set()
        self.retry_after = 30
        #: Answered to everything instead of an answer: Slack itself is in trouble.
        self.outage: int | None = None
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> SlackTwin:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        [address] = self._runner.addresses
        self.url = f"http://127.0.0.1:{address[1]}/api/"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def limit(self, method: str, *, after: int = 0) -> None:
        """From now on a method is answered so many more times, then 429 with `Retry-After`, until `relax`."""
        self.limited.add(method)
        self.allowed[method] = after

    def relax(self) -> None:
        """Nothing is limited any more."""
        self.limited.clear()

    def called(self, method: str) -> int:
        """How often a method was called."""
        return sum(one == method for one, _ in self.calls)

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if self.outage is not None:
            return web.Response(status=self.outage, text="<html>Slack is having trouble</html>")
        try:
            arguments = await _arguments(request)
            self.calls.append((name, {key: value for key, value in arguments.items() if key != "token"}))
            return self._said(name, {"ok": True, **self._done(name, arguments, request)})
        except Refusal as refusal:
            said = {"ok": False, "error": refusal.error, **refusal.more}
            return self._said(name, said, limited=refusal.error == "ratelimited")

    def _done(self, name: str, arguments: dict[str, str], request: web.Request) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise Refusal("unknown_method", req_method=name)
        token = self._token(arguments.pop("token", None), request)
        if name in self.limited:
            if not self.allowed[name]:
                raise Refusal("ratelimited")
            self.allowed[name] -= 1
        if method.scope is not None and method.scope not in token.scopes:
            raise Refusal("missing_scope", needed=method.scope, provided=",".join(sorted(token.scopes)))
        _check(method, arguments)
        return method.does(self.workspace, arguments, token.user)

    def _token(self, given: str | None, request: web.Request) -> Token:
        """The token of the header, or of a form; one in the query is not looked at."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        value = value.strip() if scheme == "Bearer" else given or ""
        if not value:
            raise Refusal("not_authed")
        token = self.tokens.get(value)
        if token is None:
            raise Refusal("invalid_auth")
        if token.refusal is not None:
            raise Refusal(token.refusal)
        return token

    def _said(self, name: str, said: Json, *, limited: bool = False) -> web.Response:
        method = METHODS.get(name)
        headers = {"X-Accepted-OAuth-Scopes": method.scope or ""} if method is not None else {}
        headers |= {"Retry-After": str(self.retry_after)} if limited else {}
        return web.json_response(said, status=429 if limited else 200, headers=headers)


async def _arguments(request: web.Request) -> dict[str, str]:
    """What was given, by query and body alike, as text."""
    if request.method not in ("GET", "POST"):
        raise Refusal("invalid_http_method")
    arguments = dict(request.query)
    arguments.pop("token", None)
    body = await request.read()
    if request.method == "POST" and body:
        arguments |= _body(request, body)
    return arguments


def _body(request: web.Request, body: bytes) -> dict[str, str]:
    if "Content-Type" not in request.headers:
        raise Refusal("missing_post_type")
    if (request.charset or "utf-8").lower() not in _CHARSETS:
        raise Refusal("invalid_charset")
    if request.content_type == _JSON:
        return _json_body(body)
    if request.content_type in _OTHER_TYPES:
        raise Refusal("invalid_form_data", warning="the twin reads forms and JSON alone")
    if request.content_type != _FORM:
        raise Refusal("invalid_post_type")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    except ValueError:
        raise Refusal("invalid_form_data") from None


def _json_body(body: bytes) -> dict[str, str]:
    """Lists are what a form writes with commas; a token in JSON is not looked at."""
    try:
        values = json.loads(body)
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(values, dict):
        raise Refusal("json_not_object")
    values.pop("token", None)
    return {name: _as_text(value) for name, value in values.items() if value is not None}


def _as_text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ",".join(map(str, value))
        case _:
            return str(value)


def _check(method: Method, arguments: Mapping[str, str]) -> None:
    for name in arguments:
        if name.endswith("]"):
            raise Refusal("invalid_array_arg")
        if name == "cursor":
            raise Refusal("invalid_cursor")
        if name not in (*method.required, *method.optional):
            raise Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] unknown argument: {name}"]})
    if any(not arguments.get(name) for name in method.required):
        raise Refusal(method.missing)
    for name, value in arguments.items():
        if name.startswith(("include_", "is_")) and value not in _TRUTH:
            raise Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] no boolean: {name}"]})

"""A Slack user group follows the rota: https://docs.slack.dev/reference/methods/usergroups.users.update

- The members are replaced as a whole, and only when they differ; Slack keeps no group without members.
- People are matched by their address (`users.lookupByEmail`), which must be confirmed where Slack says whether it is.
  Guests, bots and people who have left cannot be members. What Slack calls somebody is remembered for a day.
- A group that was switched off is switched on again.
- Slack answers 200 to a refusal too: `ok` decides. 429 comes with `Retry-After`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

import msgspec

from tocsin.core.syncs import Changed, Failed, Followed, Kept, Result, Same, Unmatched
from tocsin.core.vocabulary import PersonName
from tocsin.ports.answers import is_success, told, wait_of
from tocsin.ports.channels import Answer, HttpCall, NoAnswer, Setting, Settings
from tocsin.ports.syncs import Member, Steps, SyncKind, Wish
from tocsin.syncs.slack_refusals import ABOUT_MEMBERS, MEND_ACCESS, NOBODY, refused

_API = "https://slack.com/api/"
_GROUP_ID = re.compile(r"S[A-Z0-9]{6,20}")
_TOO_MANY = 429


class _User(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a user as decides whether they can be a member."""

    id: str
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    #: None: Slack does not say.
    is_email_confirmed: bool | None = None


class _Group(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a user group as is needed to follow with it."""

    id: str
    handle: str = ""
    #: In Unix seconds; 0: it is switched on.
    date_delete: int = 0
    updated_by: str | None = None


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of Slack, whatever was asked."""

    ok: bool
    error: str = ""
    #: The scope that is missing.
    needed: str = ""
    user: _User | None = None
    usergroups: tuple[_Group, ...] = ()
    users: tuple[str, ...] = ()


class _Trouble(Exception):
    """The attempt ends here."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.why)
        self.failed = failed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Api:
    """Slack's methods, called one after the other."""

    url: str
    token: str
    #: The workspace, for a token of a whole organisation; empty for all others.
    team: str

    def read(self, method: str, **arguments: str) -> Generator[HttpCall, Answer | NoAnswer, _Said]:
        """Ask; a refusal is returned."""
        query = urlencode(self._with_team(method, arguments))
        url = f"{urljoin(self.url, method)}?{query}"
        answer = yield HttpCall(method="GET", url=url, headers=self._headers(), body=b"")
        return self._said(answer)

    def write(self, method: str, **arguments: str) -> Generator[HttpCall, Answer | NoAnswer, _Said]:
        """Have something done; a refusal is returned."""
        headers = (*self._headers(), ("Content-Type", "application/x-www-form-urlencoded"))
        body = urlencode(self._with_team(method, arguments)).encode()
        answer = yield HttpCall(method="POST", url=urljoin(self.url, method), headers=headers, body=body)
        return self._said(answer)

    def _with_team(self, method: str, arguments: dict[str, str]) -> dict[str, str]:
        return {**arguments, "team_id": self.team} if self.team and method.startswith("usergroups.") else arguments

    def _headers(self) -> tuple[tuple[str, str], ...]:
        return (("Authorization", f"Bearer {self.token}"),)

    def _said(self, answer: Answer | NoAnswer) -> _Said:
        if isinstance(answer, NoAnswer):
            raise _Trouble(Failed(why=f"Slack cannot be asked: {answer.why}"))
        if answer.status == _TOO_MANY:
            raise _Trouble(Failed(why="Slack asks to be left alone for a while", wait=wait_of(answer), is_busy=True))
        if not is_success(answer):
            raise _Trouble(Failed(why=f"Slack {told(answer)}"))
        try:
            said = msgspec.json.decode(answer.text, type=_Said)
        except msgspec.DecodeError:
            mend = "look at the address in syncs.slack.url, and at what stands between"
            raise _Trouble(Failed(why="what answers is not Slack", mend=mend)) from None
        if said.error == "ratelimited":
            raise _Trouble(Failed(why="Slack asks to be left alone for a while", wait=wait_of(answer), is_busy=True))
        return said


def follow(wish: Wish, settings: Settings) -> Steps:
    """Look at the group, match the people, and replace the members if they are others."""
    token = settings.text("token").strip()  # out of a file it often has a line break
    if not token:
        return Followed(result=Failed(why="there is no token for Slack", mend=MEND_ACCESS))
    url = settings.text("url") or _API
    attempt = _Attempt(_Api(url=f"{url.rstrip('/')}/", token=token, team=settings.text("team")), wish)
    try:
        result = yield from attempt.run()
    except _Trouble as trouble:
        result = trouble.failed
    return Followed(result=result, unmatched=tuple(attempt.unmatched), learned=tuple(attempt.learned.items()))


def shown(target: str) -> str:
    """A handle with its @; an id as it is."""
    return target if _GROUP_ID.fullmatch(target) else f"@{target.removeprefix('@')}"


class _Attempt:
    """One attempt, with what it has learned so far."""

    def __init__(self, api: _Api, wish: Wish) -> None:
        self._api = api
        self._wish = wish
        self._names: dict[str, PersonName] = dict(wish.names)
        #: True when ids were used that were learned by an earlier attempt.
        self._trusted = False
        self.unmatched: list[Unmatched] = []
        self.learned: dict[str, str | None] = {}

    def run(self) -> Generator[HttpCall, Answer | NoAnswer, Result]:
        """Everything; once more with fresh ids when Slack does not take those that were remembered.

        A dry run cannot find that out, and asks for fresh ones from the start.
        """
        group = yield from self._group()
        listed = yield from self._asked("usergroups.users.list", usergroup=group.id, include_disabled="true")
        done = yield from self._replaced(group, listed.users, anew=self._wish.dry)
        if isinstance(done, _Said) and self._trusted and done.error in ABOUT_MEMBERS:
            done = yield from self._replaced(group, listed.users, anew=True)
        if isinstance(done, _Said):
            raise _Trouble(refused("usergroups.users.update", done.error, needed=done.needed))
        return done

    def _group(self) -> Generator[HttpCall, Answer | NoAnswer, _Group]:
        """The group of this id or handle, one that is switched on before others."""
        said = yield from self._asked("usergroups.list", include_disabled="true")
        target = self._wish.target.removeprefix("@")
        for group in sorted(said.usergroups, key=lambda one: one.date_delete):
            if target == group.id or target.casefold() == group.handle.casefold():
                return group
        near = difflib.get_close_matches(target.casefold(), [one.handle for one in said.usergroups if one.handle], n=1)
        mend = f"did you mean @{near[0]}?" if near else "make it there, or correct slack_group"
        raise _Trouble(Failed(why=f"there is no user group {shown(self._wish.target)} in Slack", mend=mend))

    def _asked(self, method: str, **arguments: str) -> Generator[HttpCall, Answer | NoAnswer, _Said]:
        """What Slack says, if it does not refuse."""
        said = yield from self._api.read(method, **arguments)
        if not said.ok:
            raise _Trouble(refused(method, said.error, needed=said.needed))
        return said

    def _fitting(self, *, anew: bool) -> Generator[HttpCall, Answer | NoAnswer, list[str]]:
        """What Slack calls those on call; when it can have none of them, those who stand in."""
        self.unmatched, self._trusted = [], False
        ids = yield from self._matched(self._wish.people, anew=anew)
        if not ids:
            ids = yield from self._matched(self._wish.instead, anew=anew)
        return list(dict.fromkeys(ids))

    def _matched(self, members: Iterable[Member], *, anew: bool) -> Generator[HttpCall, Answer | NoAnswer, list[str]]:
        ids: list[str] = []
        for member in members:
            if member.known is not None and not anew:
                found, self._trusted = member.known, True
            else:
                found = yield from self._looked_up(member)
            if found:
                self._names[found] = member.person
                ids.append(found)
        return ids

    def _looked_up(self, member: Member) -> Generator[HttpCall, Answer | NoAnswer, str]:
        """What Slack calls somebody; empty when they cannot be a member, which is noted."""
        if member.email is None:
            self._miss(member, "no email address is written down for them")
            return ""
        said = yield from self._api.read("users.lookupByEmail", email=member.email)
        if not said.ok and said.error not in NOBODY:
            raise _Trouble(refused("users.lookupByEmail", said.error, needed=said.needed))
        why = _unfit(said.user)
        self.learned[member.email] = None if why or said.user is None else said.user.id
        if why:
            self._miss(member, why)
        return self.learned[member.email] or ""

    def _miss(self, member: Member, why: str) -> None:
        self.unmatched.append(Unmatched(person=member.person, why=why))

    def _replaced(
        self, group: _Group, before: tuple[str, ...], *, anew: bool
    ) -> Generator[HttpCall, Answer | NoAnswer, Result | _Said]:
        """Have those in it who are wanted, if they are not; what Slack says when it refuses the members."""
        ids = yield from self._fitting(anew=anew)
        if not ids:
            return Kept(members=self._shown(before), why=self._why_kept())
        is_same = set(ids) == set(before)
        if is_same and not group.date_delete:
            return Same(members=self._shown(ids))
        if not self._wish.dry:
            refusal = yield from self._put(group, ids, is_same=is_same)
            if refusal is not None:
                return refusal
        return self._changed(group, before, ids)

    def _put(
        self, group: _Group, ids: list[str], *, is_same: bool
    ) -> Generator[HttpCall, Answer | NoAnswer, _Said | None]:
        """Switch the group on and replace its members, as far as needed; None: done, else the refusal.

        It is switched on first: what Slack does with the members of a group that is off is written nowhere.
        """
        if group.date_delete:
            said = yield from self._api.write("usergroups.enable", usergroup=group.id)
            if not said.ok:
                raise _Trouble(refused("usergroups.enable", said.error, needed=said.needed))
        if is_same:
            return None
        said = yield from self._api.write("usergroups.users.update", usergroup=group.id, users=",".join(ids))
        return None if said.ok else said

    def _changed(self, group: _Group, before: Iterable[str], after: Iterable[str]) -> Changed:
        by = self._names.get(group.updated_by, group.updated_by) if group.updated_by is not None else None
        note = "the group was switched off" if group.date_delete else ""
        return Changed(before=self._shown(before), after=self._shown(after), by=by, note=note)

    def _shown(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(self._names.get(one, one) for one in ids))

    def _why_kept(self) -> str:
        if self._wish.people:
            return "nobody who is on call can be put there"
        reason = (self._wish.reason or "").replace("_", " ")
        return f"nobody is on call ({reason})" if reason else "nobody is on call"


def _unfit(user: _User | None) -> str:
    """Why somebody cannot be a member; empty when they can."""
    if user is None:
        return "nobody in Slack has their address, or they have left"
    if user.deleted:
        return "they are deactivated in Slack"
    if user.is_bot:
        return "in Slack their address is a bot's"
    if user.is_restricted or user.is_ultra_restricted:
        return "they are a guest in Slack, and guests cannot be in a user group"
    if user.is_email_confirmed is False:
        return "Slack has not confirmed their address yet"
    return ""


SYNC = SyncKind(
    name="slack",
    follow=follow,
    shown=shown,
    settings=(
        Setting(
            name="token",
            label="Token",
            hint="Of an app with usergroups:read, usergroups:write, users:read and users:read.email.",
            secret=True,
        ),
        Setting(name="url", label="Address of the Web API", default=_API),
        Setting(name="team", label="Workspace id", hint="Only for a token of a whole organisation: T0123456."),
    ),
)

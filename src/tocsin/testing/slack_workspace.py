"""A workspace of Slack's, as far as user groups go: people, groups, and what Slack's methods do with them.

Written from https://docs.slack.dev/reference/methods. Where the documentation is silent the twin is the stricter one:
members of a group that is switched off cannot be replaced, and a deactivated person leaves every group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Slack counts from the Unix epoch; the twin has no clock, and each change is a second later.
_BEGINNING = 1_774_000_000

Json = dict[str, Any]


class Refusal(Exception):
    """Slack says no: `ok` is false, and this is its `error`."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass(slots=True, kw_only=True)
class SlackUser:
    """Somebody in the workspace."""

    id: str
    email: str
    name: str
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_email_confirmed: bool = True

    def as_json(self) -> Json:
        """The user object."""
        return {
            "id": self.id,
            "team_id": "T060RNRCH",
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.name.title(),
            "tz": "Europe/Berlin",
            "profile": {"real_name": self.name.title(), "display_name": self.name, "email": self.email},
            "is_admin": False,
            "is_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_email_confirmed": self.is_email_confirmed,
            "updated": _BEGINNING,
        }


@dataclass(slots=True, kw_only=True)
class SlackGroup:
    """A user group."""

    id: str
    handle: str
    users: list[str]
    date_update: int
    updated_by: str
    date_delete: int = 0

    def as_json(self, *, with_users: bool, with_count: bool) -> Json:
        """The user group object."""
        made: Json = {
            "id": self.id,
            "team_id": "T060RNRCH",
            "is_usergroup": True,
            "name": self.handle.replace("-", " ").title(),
            "description": "",
            "handle": self.handle,
            "is_external": False,
            "date_create": _BEGINNING,
            "date_update": self.date_update,
            "date_delete": self.date_delete,
            "auto_type": None,
            "created_by": "USLACKBOT",
            "updated_by": self.updated_by,
            "deleted_by": self.updated_by if self.date_delete else None,
            "prefs": {"channels": [], "groups": []},
        }
        made |= {"users": list(self.users)} if with_users else {}
        return made | ({"user_count": str(len(self.users))} if with_count else {})


@dataclass(slots=True, kw_only=True)
class Workspace:
    """People and groups; each method takes its arguments as text and gives what stands beside `ok`."""

    users: dict[str, SlackUser] = field(default_factory=dict)
    groups: dict[str, SlackGroup] = field(default_factory=dict)
    #: False: the plan has no user groups.
    is_paid: bool = True
    #: True: only who is named here may change user groups.
    managers: set[str] | None = None
    largest_group: int = 3_000
    _changes: int = 0

    def add_user(self, email: str, **more: bool) -> str:
        """Somebody joins; their id. `more`: what is not as usual with them, by the names of Slack's user object."""
        made = SlackUser(id=f"U{len(self.users) + 1:08d}", email=email, name=email.partition("@")[0], **more)
        self.users[made.id] = made
        return made.id

    def deactivate(self, user: str) -> None:
        """Somebody leaves."""
        self.users[user].deleted = True
        for group in self.groups.values():
            group.users = [one for one in group.users if one != user]

    def add_group(self, handle: str, users: Iterable[str] = ()) -> str:
        """A group is made; its id."""
        group_id = f"S{len(self.groups) + 1:08d}"
        self.groups[group_id] = SlackGroup(
            id=group_id, handle=handle, users=list(users), date_update=_BEGINNING, updated_by="USLACKBOT"
        )
        return group_id

    def group(self, handle: str) -> SlackGroup:
        """The group of this handle."""
        return next(group for group in self.groups.values() if group.handle == handle)

    # Slack's methods.

    def look_up(self, arguments: Mapping[str, str]) -> Json:
        """users.lookupByEmail: who has left is nobody."""
        email = arguments["email"].casefold()
        for user in self.users.values():
            if user.email.casefold() == email and not user.deleted:
                return {"user": user.as_json()}
        raise Refusal("users_not_found")

    def list_groups(self, arguments: Mapping[str, str]) -> Json:
        """usergroups.list."""
        self._wants_plan()
        with_users, with_count = _is_true(arguments, "include_users"), _is_true(arguments, "include_count")
        groups = [one for one in self.groups.values() if not one.date_delete or _is_true(arguments, "include_disabled")]
        return {"usergroups": [one.as_json(with_users=with_users, with_count=with_count) for one in groups]}

    def list_members(self, arguments: Mapping[str, str]) -> Json:
        """usergroups.users.list."""
        return {"users": list(self._found(arguments, with_disabled=_is_true(arguments, "include_disabled")).users)}

    def replace_members(self, arguments: Mapping[str, str], by: str) -> Json:
        """usergroups.users.update: the given are all the members from now on."""
        users = [one.strip() for one in arguments.get("users", "").split(",") if one.strip()]
        if not users:
            raise Refusal("no_users_provided")
        if len(users) > self.largest_group:
            raise Refusal("subteam_max_users_exceeded")
        group = self._mine(arguments, by, with_disabled=False)
        for one in users:
            self._wants_member(one)
        group.users = list(dict.fromkeys(users))
        return self._changed(group, arguments, by)

    def enable(self, arguments: Mapping[str, str], by: str) -> Json:
        """usergroups.enable."""
        group = self._mine(arguments, by, with_disabled=True)
        if not group.date_delete:
            raise Refusal("already_enabled")
        group.date_delete = 0
        return self._changed(group, arguments, by)

    def disable(self, arguments: Mapping[str, str], by: str) -> Json:
        """usergroups.disable."""
        group = self._mine(arguments, by, with_disabled=True)
        if group.date_delete:
            raise Refusal("already_disabled")
        group.date_delete = _BEGINNING + self._changes
        return self._changed(group, arguments, by)

    def _mine(self, arguments: Mapping[str, str], by: str, *, with_disabled: bool) -> SlackGroup:
        """The group, for somebody who may change it."""
        group = self._found(arguments, with_disabled=with_disabled)
        if self.managers is not None and by not in self.managers:
            raise Refusal("permission_denied")
        return group

    def _found(self, arguments: Mapping[str, str], *, with_disabled: bool) -> SlackGroup:
        self._wants_plan()
        group = self.groups.get(arguments["usergroup"])
        if group is None or (group.date_delete and not with_disabled):
            raise Refusal("no_such_subteam")
        return group

    def _wants_plan(self) -> None:
        if not self.is_paid:
            raise Refusal("plan_upgrade_required")

    def _wants_member(self, user_id: str) -> None:
        user = self.users.get(user_id)
        if user is None or user.deleted:
            raise Refusal("invalid_users")
        if user.is_ultra_restricted:
            raise Refusal("single_channel_guests_cannot_be_added")
        if user.is_bot or user.is_restricted:
            raise Refusal("invalid_user")

    def _changed(self, group: SlackGroup, arguments: Mapping[str, str], by: str) -> Json:
        self._changes += 1
        group.date_update, group.updated_by = _BEGINNING + self._changes, by
        return {"usergroup": group.as_json(with_users=True, with_count=_is_true(arguments, "include_count"))}


def _is_true(arguments: Mapping[str, str], name: str) -> bool:
    return arguments.get(name, "false") in ("true", "1")

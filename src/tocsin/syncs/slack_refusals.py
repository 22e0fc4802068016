"""What Slack's refusals mean, and how to mend them: https://docs.slack.dev/reference/methods/usergroups.users.update"""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.core.syncs import Failed

SCOPES = "usergroups:read, usergroups:write, users:read and users:read.email"
MEND_ACCESS = "set the app's token: syncs.slack.token, or TOCSIN_SYNC_SLACK_TOKEN"

_INSTALL_AGAIN = "install the app again and set its new token: syncs.slack.token, or TOCSIN_SYNC_SLACK_TOKEN"
_ALLOW = (
    "let everyone manage user groups (workspace settings, Permissions, User Groups), "
    "or use the token of somebody who may"
)
_MEMBERS = "guests, bots and people who have left cannot be in a user group"
_PLAN = ("this workspace has no user groups", "they need a paid plan of Slack")
_ADMIN = "ask an administrator of the Slack workspace"

#: By Slack's own word: what it means, and what somebody can do about it.
_REFUSALS: Mapping[str, tuple[str, str]] = {
    "access_denied": ("Slack does not let the token do this", _ALLOW),
    "accesslimited": ("Slack allows this from other networks only", _ADMIN),
    "account_inactive": ("the app, or whoever the token belongs to, is no longer in Slack", _INSTALL_AGAIN),
    "ekm_access_denied": ("Slack's administrators have suspended this", _ADMIN),
    "enterprise_is_restricted": ("the organisation in Slack does not allow this", _ADMIN),
    "failed_for_some_users": ("somebody on call is not in the workspace of this user group", "invite them there"),
    "invalid_auth": ("Slack does not know the token, or not from this network", MEND_ACCESS),
    "invalid_user": ("Slack does not take somebody on call as a member", _MEMBERS),
    "invalid_users": ("Slack does not take somebody on call as a member", _MEMBERS),
    "no_permission": ("Slack does not let the token do this", _ALLOW),
    "no_such_subteam": ("the user group is no longer in Slack", "make it there, or correct slack_group"),
    "no_users_provided": ("Slack keeps no user group without members", "let a fallback stand in"),
    "not_allowed_token_type": ("this kind of token may not do this", "use a bot's (xoxb-) or a person's (xoxp-)"),
    "not_authed": ("Slack was given no token", MEND_ACCESS),
    "org_login_required": ("Slack is moving this workspace into an organisation", "wait until that is done"),
    "paid_teams_only": _PLAN,
    "permission_denied": ("Slack does not let the token change user groups", _ALLOW),
    "plan_upgrade_required": _PLAN,
    "single_channel_guests_cannot_be_added": ("somebody on call is a guest in Slack", _MEMBERS),
    "subteam_max_users_exceeded": ("these are more members than Slack allows in a user group", "name fewer schedules"),
    "team_access_not_granted": ("the token may not act in this workspace", "set syncs.slack.team, or grant it there"),
    "team_added_to_org": ("Slack is moving this workspace into an organisation", "wait until that is done"),
    "token_expired": ("the token has expired", "turn the app's token rotation off, and set a token that lasts"),
    "token_revoked": ("the token was revoked", _INSTALL_AGAIN),
    "two_factor_setup_required": ("whoever the token belongs to must set up a second factor in Slack", ""),
    "user_is_disabled": ("somebody on call is deactivated in Slack", _MEMBERS),
}

#: It passes by itself.
_PASSING = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})

#: Slack does not take one of the members; with ids that were learned long ago they are looked up anew.
ABOUT_MEMBERS = frozenset(
    {
        "failed_for_some_users",
        "invalid_user",
        "invalid_users",
        "single_channel_guests_cannot_be_added",
        "user_is_disabled",
    }
)

#: Nobody has this address, or no longer: https://docs.slack.dev/reference/methods/users.lookupByEmail
NOBODY = frozenset({"user_not_found", "users_not_found"})


def refused(method: str, error: str, *, needed: str) -> Failed:
    """What a refusal means. `needed`: the scope that Slack misses; empty when it names none."""
    if error in _PASSING:
        return Failed(why=f"Slack has trouble of its own ({error})")
    if error == "missing_scope":
        why = f"the token lacks the scope {needed} (missing_scope)" if needed else "the token lacks a scope"
        return Failed(why=why, mend=f"give the app {SCOPES}, and install it again")
    why, mend = _REFUSALS.get(
        error, (f"Slack refuses {method}", f"see https://docs.slack.dev/reference/methods/{method}")
    )
    return Failed(why=f"{why} ({error})", mend=mend)

"""What is configured: services, teams and people. No secret is among it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from tocsin.core.directory import Directory
from tocsin.core.people import Person, Role, Team
from tocsin.core.vocabulary import PersonName
from tocsin.engine.commands import services_of_team
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, problems
from tocsin.web.api.privacy import may_see_addresses, veiled_address
from tocsin.web.api.shapes import NextCursor

router = APIRouter(tags=["catalog"], dependencies=BY_TOKEN_OR_SESSION)


class ServiceShape(BaseModel):
    """Something a team runs."""

    name: str = Field(examples=["pipelines"])
    team: str | None = Field(examples=["data"])
    policy: str | None = Field(description="Null: the administrators are paged.", examples=["data-default"])
    tier: int | None = Field(description="1 is what the business stands on.", examples=[1])


class ServiceList(BaseModel):
    """All services, by name."""

    items: list[ServiceShape]
    next_cursor: NextCursor


class TeamShape(BaseModel):
    """People who run something together."""

    name: str = Field(examples=["data"])
    members: list[str] = Field(examples=[["ada", "grace"]])
    lead: str | None = Field(examples=["ada"])
    services: list[str] = Field(examples=[["pipelines"]])


class TeamList(BaseModel):
    """All teams, by name."""

    items: list[TeamShape]
    next_cursor: NextCursor


class ContactShape(BaseModel):
    """One way to reach a person."""

    name: str = Field(examples=["mail"])
    channel: str = Field(examples=["email"])
    address: str = Field(description="Those who look on see it in part.", examples=["ada@example.org"])


class PersonShape(BaseModel):
    """Somebody who can be reached and may answer."""

    name: str = Field(examples=["ada"])
    full_name: str = Field(examples=["Ada Byron"])
    email: str | None = Field(examples=["ada@example.org"])
    role: Role
    time_zone: str = Field(examples=["Europe/Berlin"])
    language: str = Field(examples=["en"])
    teams: list[str] = Field(examples=[["data"]])
    contacts: list[ContactShape]


class PersonList(BaseModel):
    """Everybody, by name."""

    items: list[PersonShape]
    next_cursor: NextCursor


@router.get("/services", summary="List services", responses=problems())
async def list_services(here: Here, viewer: Looking) -> ServiceList:
    """All services, by name."""
    found = sorted(here.counter.directory.services.values(), key=lambda service: service.name)
    items = [ServiceShape(name=one.name, team=one.team, policy=one.policy, tier=one.tier) for one in found]
    return ServiceList(items=items, next_cursor=None)


@router.get("/teams", summary="List teams", responses=problems())
async def list_teams(here: Here, viewer: Looking) -> TeamList:
    """All teams, by name."""
    directory = here.counter.directory
    found = sorted(directory.teams.values(), key=lambda team: team.name)
    return TeamList(items=[_team_shape(directory, team) for team in found], next_cursor=None)


@router.get("/people", summary="List people", responses=problems())
async def list_people(here: Here, viewer: Looking) -> PersonList:
    """Everybody, by name. Those who look on see addresses in part."""
    directory = here.counter.directory
    veils = not may_see_addresses(viewer)
    found = sorted(directory.people.values(), key=lambda person: person.name)
    return PersonList(items=[_person_shape(directory, person, veils=veils) for person in found], next_cursor=None)


def _team_shape(directory: Directory, team: Team) -> TeamShape:
    services = sorted(services_of_team(directory, team.name))
    return TeamShape(name=team.name, members=list(team.members), lead=team.lead, services=list(services))


def _person_shape(directory: Directory, person: Person, *, veils: bool) -> PersonShape:
    def shown(address: str) -> str:
        return veiled_address(address) if veils else address

    return PersonShape(
        name=person.name,
        full_name=person.full_name,
        email=shown(person.email) if person.email else None,
        role=person.role,
        time_zone=person.time_zone.key,
        language=person.language,
        teams=_teams_of(directory, person.name),
        contacts=[
            ContactShape(name=one.name, channel=one.channel, address=shown(one.address)) for one in person.contacts
        ],
    )


def _teams_of(directory: Directory, person: PersonName) -> list[str]:
    return sorted(str(team.name) for team in directory.teams.values() if person in team.members)

"""Whether this server lives, whether it can take events, and what it counts. Nobody has to sign in for it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from tocsin.web.api.access import Here

router = APIRouter(tags=["this server"])


class Alive(BaseModel):
    """It answers."""

    status: str = Field(examples=["alive"])


class Ready(BaseModel):
    """Whether it can take events."""

    status: str = Field(description="`ready` or `not ready`.", examples=["ready"])
    troubles: list[str] = Field(description="What is wrong, one sentence each.", examples=[[]])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Alive")
async def read_health() -> Alive:
    """200 for as long as the process answers at all."""
    return Alive(status="alive")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", response_model=Ready, summary="Ready", responses={503: {"model": Ready}})
async def read_readiness(here: Here) -> Response:
    """200 when events can be taken and work is done; 503 with what is wrong when not."""
    found = await here.readiness()
    ready = Ready(status="ready" if found.ready else "not ready", troubles=list(found.troubles))
    return JSONResponse(ready.model_dump(), 200 if found.ready else 503)


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def read_metrics(here: Here) -> Response:
    """What this server counts, in the text format that scrapers read."""
    return Response(here.metrics(), headers={"content-type": "text/plain; version=0.0.4; charset=utf-8"})

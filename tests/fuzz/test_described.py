"""The API as it describes itself: whatever is sent, in keeping with it or not, is answered as described."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fuzz.town import Town
from served import ADMIN

_CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
#: For each operation and each way of making calls, and more where hypothesis is asked for more.
_EXAMPLES = max(4, settings().max_examples // 25)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_every_call_is_answered_as_described(town: Town, mode: GenerationMode) -> None:
    """Right or wrong, a call never fails inside, and its status, type and body are among those that are described."""
    schema: Any = schemathesis.openapi.from_url(f"{town.url}/api/openapi.json")
    session = requests.Session()
    failures: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        strategy = operation.as_strategy(generation_mode=mode)

        @settings(max_examples=_EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
        @given(case=strategy)
        def call(case: Any) -> None:
            case.call_and_validate(
                session=session, headers={"Authorization": f"Bearer {ADMIN}"}, checks=_CHECKS, timeout=20
            )

        try:
            call()
        except Unsatisfiable:
            continue  # it takes nothing that could be wrong
        except FailureGroup as group:
            failures.append(f"{operation.label}: {group.exceptions}")
    assert not failures, "\n\n".join(failures)

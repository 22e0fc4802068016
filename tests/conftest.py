"""What every test shares: how hard hypothesis tries, and that CI tries the same things every time."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_patient = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("here", _patient)
settings.register_profile("ci", _patient, derandomize=True, print_blob=True)
pytest_plugins = ["plugins.postgres"]

settings.load_profile("ci" if os.environ.get("CI") else "here")

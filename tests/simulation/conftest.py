"""What every simulated world needs."""

from __future__ import annotations

import pytest

from tocsin.app.catalogs import LanguageCatalogs, load_catalogs


@pytest.fixture(scope="session")
def catalogs() -> LanguageCatalogs:
    """The texts of the product."""
    return load_catalogs()

"""One world for the tests of verification: its hierarchy and its sealed license are made once."""

import pytest
from mutants.world import World


@pytest.fixture(scope="session")
def world() -> World:
    return World()

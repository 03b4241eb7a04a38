"""Fixtures of the attacks: the installation that tests of services share."""

from tests.services.conftest import shared_world

__all__ = ["shared_world"]

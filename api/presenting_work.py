"""What the routes of presenting, devices and copies stand on, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from license_vault.presenting.kept import PresentingServices
from license_vault.presenting.presentations import Presentations
from license_vault.presenting.resolution import Resolution


@dataclass(frozen=True, slots=True)
class PresentingWork:
    """Codes made and resolved."""

    presentations: Presentations
    resolution: Resolution


def presenting_work(services: PresentingServices) -> PresentingWork:
    """Return everything presenting does, over one node's services."""
    return PresentingWork(Presentations(services), Resolution(services))

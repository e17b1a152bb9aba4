"""What the routes of presenting, devices and copies stand on, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from license_vault.copies.drawing import CopyDrawing
from license_vault.copies.making import CopyMaking, CopyServices
from license_vault.presenting.kept import PresentingServices
from license_vault.presenting.presentations import Presentations
from license_vault.presenting.resolution import Resolution


@dataclass(frozen=True, slots=True)
class PresentingWork:
    """Codes made and resolved, copies made."""

    presentations: Presentations
    resolution: Resolution
    copies: CopyMaking


def presenting_work(services: PresentingServices, drawing: CopyDrawing) -> PresentingWork:
    """Return everything presenting does, over one node's services."""
    copying = CopyServices(
        services.database,
        services.vault,
        services.macs,
        services.signer,
        drawing,
        services.clock,
        services.random_bytes,
    )
    return PresentingWork(Presentations(services), Resolution(services), CopyMaking(copying))

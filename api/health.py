"""/healthz: the process runs. /readyz: what it stands on answers."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import ServicesDep
from api.documentation import problems
from api.errors import NotReadyError
from keys.errors import KeyCustodyError
from license_vault.database.schema import require_head
from license_vault.errors import LicenseVaultError

router = APIRouter(tags=["operations"])
_NO_SUCH_OBJECT = "readiness/0/none"


class HealthOut(BaseModel):
    """It is well."""

    status: str = Field(examples=["ok"])


@router.get("/healthz", summary="The process runs · 存活", responses=problems())
def alive() -> HealthOut:
    """Answer while the process can answer at all."""
    return HealthOut(status="ok")


@router.get(
    "/readyz",
    summary="Everything it stands on answers · 就绪",
    responses=problems("temporarily-unavailable"),
)
def ready(services: ServicesDep) -> HealthOut:
    """Ask the database, the store and the keys."""
    parts: dict[str, Callable[[], object]] = {
        "database": lambda: require_head(services.database),
        "store": lambda: services.store.find(_NO_SUCH_OBJECT),
        "keys": lambda: services.keys.mac("lookup-mac", b"readiness"),
    }
    failed = [name for name, ask in parts.items() if not _answers(ask)]
    if failed:
        raise NotReadyError(tuple(failed))
    return HealthOut(status="ok")


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (LicenseVaultError, KeyCustodyError):
        return False
    return True

"""Groups of settings about other regions, and what a group is; ``api.settings`` has the others."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork


class SettingsGroup(BaseModel):
    """Some settings that belong together; nothing else may stand among them."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PartnersSettings(SettingsGroup):
    """How partner regions are reached, and how often they are pulled from."""

    networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description="networks that a partner's address may be in although they are not open to "
        'the Internet, as a JSON list: ["10.3.0.0/16"]',
    )
    pull_seconds: int = Field(
        default=20, ge=1, le=3600, description="from one pull of partners to the next"
    )
    read_seconds: float = Field(
        default=5.0, gt=0, le=30, description="longest wait for a partner's next bytes"
    )
    call_seconds: float = Field(
        default=20.0, gt=0, le=120, description="longest whole call to a partner; it is then cut"
    )
    status_max_age_seconds: int = Field(
        default=60,
        ge=1,
        le=86400,
        description="a verification first asks a partner for changes if its status list was "
        "looked at longer ago",
    )
    status_wait_seconds: float = Field(
        default=1.0, gt=0, le=10, description="longest wait of a verification for such changes"
    )
    circuit_failures: int = Field(
        default=3, ge=1, le=100, description="failures in a row after which a partner is not called"
    )
    circuit_seconds: float = Field(
        default=30.0, gt=0, le=600, description="how long it is then not called"
    )


class ExchangeSettings(SettingsGroup):
    """How often each partner region may use each operation of the exchange."""

    per_minute: int = Field(default=600, ge=1, description="uses of one operation in a minute")
    per_day: int = Field(default=50_000, ge=1, description="uses of one operation in a day (UTC)")

"""The settings as tables: what there is, and what is in force.

``docs/settings.md`` is compared with the first by a test; ``license-vault
check-settings`` prints the second, without secrets.
"""

from __future__ import annotations

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.settings import Settings
from api.settings_checks import PREFIX


def described() -> tuple[tuple[str, str, str], ...]:
    """Return every variable with its default and its description, in order."""
    return tuple(_described(Settings, ""))


def _described(model: type[BaseModel], prefix: str) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            rows += _described(inner, f"{prefix}{name.upper()}__")
        else:
            rows.append(
                (f"{PREFIX}{prefix}{name.upper()}", _default(field), field.description or "")
            )
    return rows


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None:
        return "unset"
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return str(value)


def effective(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return every variable with the value in force; secrets are hidden."""
    return tuple(_effective(settings, ""))


def _effective(model: BaseModel, prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            rows += _effective(value, f"{prefix}{name.upper()}__")
        else:
            shown = "unset" if value is None else str(value)
            rows.append((f"{PREFIX}{prefix}{name.upper()}", shown))
    return rows

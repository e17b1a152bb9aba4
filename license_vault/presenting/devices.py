"""Self-service machines and window devices: their credentials and tokens; all their SQL.

A device belongs to an organisation and has a credential of its own, so that one lost machine is
shut out alone: with the revocation every token it holds is worthless at once. Secrets and tokens
are 256 random bits, kept as HMAC-SM3 only. A device has no scopes: what it may see follows from
the item it works on and from the holder who stands before it.
"""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.engine import Row

from keys.provider import KeyProvider
from license_vault.api_clients import Caller
from license_vault.database.columns import table_of
from license_vault.database.presenting_tables import DeviceRow, DeviceTokenRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import OrganisationRow
from license_vault.errors import CredentialsRefusedError
from license_vault.presenting.errors import DeviceUnknownError
from license_vault.registry.authorities import Authorities

_DEVICE = table_of(DeviceRow)
_TOKEN = table_of(DeviceTokenRow)
_ORG = table_of(OrganisationRow)
_LABEL = "token-mac"
_SECRET_BYTES = 32
_ID_BYTES = 12

_DEVICES = select(_DEVICE, _ORG.c.code).join(_ORG, _ORG.c.id == _DEVICE.c.organisation_id)
_OF_TOKEN = (
    _DEVICES.join(_TOKEN, _TOKEN.c.device_id == _DEVICE.c.id)
    .where(_TOKEN.c.token_mac == bindparam("token_mac"))
    .where(_TOKEN.c.issued_at <= bindparam("at"), _TOKEN.c.expires_at > bindparam("at"))
    .where(_DEVICE.c.revoked_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device as administrators see it."""

    device_id: str
    name: str
    organisation_code: str
    added_at: datetime
    revoked_at: datetime | None

    @property
    def as_caller(self) -> Caller:
        """Return it as who asks."""
        return Caller(f"device:{self.device_id}", self.organisation_code, frozenset())


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that was just added; its secret is told once and not kept."""

    device_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewDeviceToken:
    """A token that was just made; it is told once and not kept."""

    token: str = field(repr=False)
    expires_at: datetime


class Devices:
    """Looks devices up and says whose a token is."""

    def __init__(self, session: Reading, keys: KeyProvider) -> None:
        self._session = session
        self._keys = keys

    def get(self, device_id: str) -> Device:
        """Return a device.

        Raises:
            DeviceUnknownError: there is none with this id.
        """
        found = self._found(_DEVICES.where(_DEVICE.c.device_id == device_id))
        if not found:
            raise DeviceUnknownError(device_id)
        return found[0]

    def everyone(self) -> tuple[Device, ...]:
        """Return all devices, revoked ones too, in the order they were added."""
        return self._found(_DEVICES.order_by(_DEVICE.c.id))

    def device_of(self, token: str, at: datetime) -> Device:
        """Return which device holds a token.

        Raises:
            CredentialsRefusedError: it is none of ours, has expired, or its device is revoked.
        """
        values = {"token_mac": self._mac("device-token", token), "at": at}
        row = self._session.execute(_OF_TOKEN, values).first()
        if row is None:
            raise CredentialsRefusedError
        return _device(row)

    def _found(self, query: "Select[*tuple[Any, ...]]") -> tuple[Device, ...]:
        return tuple(map(_device, self._session.execute(query)))

    def _mac(self, purpose: str, secret: str) -> bytes:
        return self._keys.mac(_LABEL, f"license-vault/1/{purpose}\0{secret}".encode())


class DeviceWriter(Devices):
    """Adds devices, gives out tokens, shuts devices out."""

    def __init__(
        self, session: Writing, keys: KeyProvider, random_bytes: Callable[[int], bytes]
    ) -> None:
        super().__init__(session, keys)
        self._writing = session
        self._random = random_bytes

    def add(self, organisation_code: str, name: str, at: datetime) -> NewDevice:
        """Add a device of an organisation; its secret is in the answer and nowhere else.

        Raises:
            OrganisationUnknownError: there is no such organisation.
        """
        organisation = Authorities(self._session).get(organisation_code)
        device = NewDevice(self._random(_ID_BYTES).hex(), self._draw())
        self._writing.add_row(
            _DEVICE,
            device_id=device.device_id,
            organisation_id=organisation.row_id,
            name=name,
            secret_mac=self._mac("device-secret", device.secret),
            added_at=at,
        )
        return device

    def revoke(self, device_id: str, at: datetime) -> bool:
        """Shut a device out, with every token it holds; False: it was revoked before.

        Raises:
            DeviceUnknownError: there is none with this id.
        """
        self.get(device_id)
        revoked = (
            update(_DEVICE)
            .where(_DEVICE.c.device_id == device_id, _DEVICE.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        return self._writing.change_rows(revoked) == 1

    def give_token(
        self, device_id: str, secret: str, lifetime: timedelta, at: datetime
    ) -> NewDeviceToken:
        """Trade a device's credentials for a token.

        Raises:
            CredentialsRefusedError: no such device, wrong secret, or revoked; not told apart.
        """
        wanted = select(_DEVICE.c.id, _DEVICE.c.secret_mac, _DEVICE.c.revoked_at)
        row = self._session.execute(wanted.where(_DEVICE.c.device_id == device_id)).first()
        # The MAC is computed for unknown devices too, so that time does not tell them apart.
        expected = bytes(32) if row is None else row.secret_mac
        fits = hmac.compare_digest(self._mac("device-secret", secret), expected)
        if row is None or not fits or row.revoked_at is not None:
            raise CredentialsRefusedError
        token = NewDeviceToken(self._draw(), at + lifetime)
        self._writing.add_row(
            _TOKEN,
            token_mac=self._mac("device-token", token.token),
            device_id=row.id,
            issued_at=at,
            expires_at=token.expires_at,
        )
        return token

    def _draw(self) -> str:
        return base64.urlsafe_b64encode(self._random(_SECRET_BYTES)).decode().rstrip("=")


def _device(row: "Row[Any]") -> Device:
    return Device(row.device_id, row.name, row.code, row.added_at, row.revoked_at)

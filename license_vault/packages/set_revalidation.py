"""The yearly 校验 of a 正本 with its 副本: one order, new versions of the 副本 as one group.

The record stands on the 副本, of which each gets a next version; the 正本 stays as it is. An order
that names a new last day renews the 正本 too, in the same group: all or none.
"""

from collections.abc import Iterator, Mapping

from license_vault.api_clients import Caller
from license_vault.issuing.issuance import Issuance, IssuedLicense
from license_vault.issuing.plan import Plan
from license_vault.license import CopyKind
from license_vault.lifecycle.orders import approved_digest, read_order
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.verbs import VERBS
from license_vault.lifecycle.versions import Versions
from license_vault.packages.copy_registry import copies_of
from license_vault.packages.errors import NoDuplicatesError
from license_vault.registry.registry import Registry

SET_REVALIDATION = "set-revalidation"

_REVALIDATION = VERBS["revalidation"]
_RECORD, _LAST_DAY = "record", "valid_until"


class SetRevalidation:
    """Revalidates sets. Made once, used by all threads."""

    def __init__(self, issuance: Issuance, versions: Versions, settling: Settling) -> None:
        self._issuance = issuance
        self._versions = versions
        self._settling = settling

    def make(self, identifier: str, body: object, caller: Caller, key: str) -> IssuedLicense:
        """Revalidate the set that a license belongs to, once for all times the order is sent.

        Args:
            identifier: of any copy in force; what officers sign names this one.
            body: the order of a revalidation.
            key: the Idempotency-Key.

        Returns:
            The first new version, with the others.

        Raises:
            NoDuplicatesError: no 副本 of it is in force.
            LicenseVaultError: as ``Versions.make``, for any of them.
        """
        mark = self._issuance.mark({SET_REVALIDATION: identifier, "order": body}, caller, key)
        self._settling.settle(self._issuance.services.clock())
        return self._issuance.issue_group(
            lambda: tuple(self._plans(identifier, body, caller)), mark
        )

    def _plans(self, identifier: str, body: object, caller: Caller) -> Iterator[Plan]:
        order = read_order(body, _REVALIDATION)
        renews = _LAST_DAY in order.patch
        with self._issuance.services.database.reading() as session:
            copies = copies_of(session, Registry(session).get(identifier))
        if all(copy.copy.kind is CopyKind.ORIGINAL for copy in copies):
            raise NoDuplicatesError(identifier)
        signed = approved_digest(body, _REVALIDATION, identifier)
        for copy in copies:
            original = copy.copy.kind is CopyKind.ORIGINAL
            if original and not renews:
                continue
            said = _without_record(body) if original else body
            yield self._versions.plan(copy.identifier, _REVALIDATION, said, caller, signed)


def _without_record(body: object) -> object:
    """Return the order as it is for the 正本, on which no record of 校验 stands."""
    if not isinstance(body, Mapping):
        return body
    return {name: value for name, value in body.items() if name != _RECORD}

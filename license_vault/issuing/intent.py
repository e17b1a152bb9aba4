"""The intent to issue: written before a key is used, and read again to finish (step 2).

What is needed to draw and seal the same license again is in the intent: the claims to the byte,
the check code, the seals, and the wrapped keys of what will be kept. So a power cut never
leaves a sealed file without a record of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from license_vault.database.sessions import Writing
from license_vault.face.license_drawing import PlacedLicense
from license_vault.issue_log.entries import enter as enter_in_log
from license_vault.issuing.plan import IssuanceServices, Plan
from license_vault.license import Holder, LicenseStatus
from license_vault.lifecycle.verbs import VERBS
from license_vault.registry.holders import (
    HolderRecord,
    HolderWriter,
    NewHolder,
    document_text,
    new_handle,
)
from license_vault.registry.license_record import LicenseOpener, LicenseSecrets
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import (
    FIRST_VERSION,
    Intent,
    IntentKey,
    IntentRows,
    NewEvent,
    RegistryWriter,
    RequestMark,
    Succession,
)
from license_vault.seals.registry import SealRecord, SealRegistry
from license_vault.seals.uses import IntendedUses, SealToSet, SealUseWriter
from license_vault.status.shards import StatusShardWriter
from license_vault.vault import RECORD, HolderKey, object_key_of

HOLDER_DOCUMENT = "holder-document"


@dataclass(frozen=True, slots=True)
class Work:
    """An ISSUING license with all that finishing it takes, open."""

    row_id: int
    identifier: str
    placed: PlacedLicense
    secrets: LicenseSecrets = field(repr=False)
    seals: tuple[SealRecord, ...]
    holders: tuple[str, ...]
    record_key: bytes = field(repr=False)
    file_keys: Mapping[str, bytes] = field(repr=False)
    at: datetime
    succession: Succession = FIRST_VERSION
    group_id: int | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """Return the forms that the license is to have."""
        return tuple(self.file_keys)

    def object_key(self, form: str) -> str:
        """Return the name of a file in the store: in the first holder's vault."""
        return object_key_of(self.holders[0], self.identifier, form)

    def uses(self, forms: Iterable[str]) -> IntendedUses:
        """Return the uses of its seals that making these forms takes."""
        return IntendedUses(self.row_id, tuple(forms), _to_set(self.seals))

    @property
    def check_code(self) -> str:
        """Return the check code, without separators."""
        return self.secrets.check_code


@dataclass(frozen=True, slots=True)
class _Keys:
    """The open keys of a new license: its holders', its record's, its files' by form."""

    holders: "tuple[_HolderOf, ...]"
    record: bytes = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)


_HolderOf = tuple[HolderKey, HolderRecord | NewHolder]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A plan with its keys, and what is written of it."""

    plan: Plan
    keys: _Keys
    intent: Intent
    event: NewEvent


WithIntents = Callable[[Writing, Sequence[Work]], None]
"""Writes more in the transaction of a group's intents."""


def nothing_more(_session: Writing, _works: Sequence[Work]) -> None:
    """Write nothing more."""


def succession_of(license_: LicenseRecord) -> Succession:
    """Return which version a license follows, as its row says."""
    return Succession(
        license_.origin, license_.predecessor, license_.predecessor_id, license_.in_force_from
    )


class IntentRecorder:
    """Writes intents and opens them again."""

    def __init__(self, services: IssuanceServices) -> None:
        self._services = services
        self._vault = services.vault
        self._macs = LookupMacs(services.keys)
        self._opener = LicenseOpener(services.vault)

    def record(
        self, plans: Sequence[Plan], mark: RequestMark, with_intents: WithIntents
    ) -> tuple[Work, ...]:
        """Write the intents of a group in one transaction; when this returns, it is committed.

        Args:
            plans: at least one; the request is remembered with the first.
            with_intents: what else is written in the transaction.

        Raises:
            RowConflictError: somebody else was first; nothing was written.
            DatabaseUnavailableError: if it took effect is not known.
        """
        holders: dict[bytes, _HolderOf] = {}
        prepared = tuple(self._prepared(plan, holders) for plan in plans)
        with self._services.database.writing() as session:
            added: dict[str, int] = {}
            works: list[Work] = []
            for one in prepared:
                works.append(self._write(session, one, added, works[0].row_id if works else None))
            RegistryWriter(session).remember_request(works[0].row_id, mark, works[0].at)
            for effects in self._services.effects:
                for plan, work in zip(plans, works, strict=True):
                    effects.at_intent(session, plan, work)
            with_intents(session, works)
        return tuple(works)

    def _prepared(self, plan: Plan, holders: dict[bytes, _HolderOf]) -> _Prepared:
        """Make keys, and what is written with them; a new holder of several is made once."""
        for mac, holder in zip(plan.holder_macs, plan.placed.content.holders, strict=True):
            if mac not in holders:
                holders[mac] = self._holder_key(plan, mac, holder)
        keys = _Keys(
            holders=tuple(holders[mac] for mac in plan.holder_macs),
            record=self._vault.new_key(),
            files={form: self._vault.new_key() for form in self._services.make_form},
        )
        return _Prepared(plan, keys, self._intent(plan, keys), self._event(plan, keys))

    def _write(
        self, session: Writing, one: _Prepared, added: dict[str, int], group_id: int | None
    ) -> Work:
        plan, keys, content = one.plan, one.keys, one.plan.placed.content
        rows = IntentRows(
            holder_ids=tuple(_holder_id(session, holder, added) for _, holder in keys.holders),
            status_shard_id=StatusShardWriter(session).begin(plan.place.shard, plan.at),
            group_id=group_id,
        )
        row_id = RegistryWriter(session).record_intent(one.intent, rows, one.event)
        enter_in_log(session, row_id, one.intent.content_id, plan.at)
        uses = IntendedUses(row_id, one.intent.forms, _to_set(plan.seals), plan.authorisation)
        SealUseWriter(session).intend(uses, plan.at)
        return Work(
            row_id=row_id,
            identifier=content.identifier,
            placed=plan.placed,
            secrets=plan.secrets,
            seals=plan.seals,
            holders=tuple(holder.handle for holder, _ in keys.holders),
            record_key=keys.record,
            file_keys=keys.files,
            at=plan.at,
            succession=plan.succession,
            group_id=group_id,
        )

    def reopen(self, identifier: str) -> Work:
        """Open an intent that was written before.

        Raises:
            EnvelopeBrokenError: a row was changed.
            LicenseVaultError: type or face can no longer be had.
        """
        services = self._services
        with services.database.reading() as session:
            registry = Registry(session)
            kept, license_ = registry.kept(identifier), registry.get(identifier)
            seals = tuple(map(SealRegistry(session).by_row_id, kept.seal_row_ids))
        secrets = self._opener.secrets(kept)
        content = secrets.content
        license_type = services.catalogue.get(content.type_code, content.type_version)
        return Work(
            row_id=kept.row_id,
            identifier=identifier,
            placed=services.drawing.place(license_type, content, secrets.check_code),
            secrets=secrets,
            seals=seals,
            holders=license_.holders,
            record_key=self._opener.key(kept, RECORD),
            file_keys={form: self._opener.key(kept, form) for form in license_.intended_forms},
            at=license_.recorded_at,
            succession=succession_of(license_),
            group_id=license_.group_id,
        )

    def secrets(self, identifier: str) -> LicenseSecrets:
        """Open the record of a license in any state.

        Raises:
            LicenseNotFoundError: there is none with this identifier.
            EnvelopeBrokenError: a row was changed.
        """
        with self._services.database.reading() as session:
            kept = Registry(session).kept(identifier)
        return self._opener.secrets(kept)

    def _holder_key(self, plan: Plan, mac: bytes, holder: Holder) -> _HolderOf:
        """Open the key of a holder we know, or make one for a new vault."""
        known = plan.known_holders.get(mac)
        if known is not None:
            key = self._vault.open_holder_key(known.handle, known.key_version, known.wrapped_key)
            return key, known
        key, wrapped = self._vault.new_holder_key(new_handle(self._services.random_bytes))
        document = document_text(holder)
        return key, NewHolder(
            handle=key.handle,
            kind=holder.kind.value,
            lookup_mac=mac,
            wrapped_key=wrapped,
            key_version=key.version,
            sealed_document=self._vault.encrypt(key.key, key.handle, HOLDER_DOCUMENT, document),
            added_at=plan.at,
        )

    def _intent(self, plan: Plan, keys: _Keys) -> Intent:
        content, identifier = plan.placed.content, plan.placed.content.identifier
        return Intent(
            identifier=identifier,
            type_code=content.type_code,
            type_version=content.type_version,
            authority_id=plan.authority.row_id,
            region=plan.authority.region,
            number_mac=plan.uniqueness.number_mac,
            case_mac=plan.uniqueness.case_mac,
            copy=content.copy,
            issued_on=content.issued_on,
            valid_from=content.valid_from,
            valid_until=content.valid_until,
            seal_ids=tuple(seal.row_id for seal in plan.seals),
            forms=tuple(keys.files),
            status_index=plan.place.index,
            check_code_mac=self._macs.check_code(identifier, plan.secrets.check_code),
            content_id=plan.placed.content_id,
            sealed_record=self._vault.encrypt(
                keys.record, identifier, RECORD, plan.secrets.encoded()
            ),
            keys=tuple(
                IntentKey(
                    position,
                    purpose,
                    holder.version,
                    self._vault.wrap_key(holder, identifier, purpose, key),
                )
                for position, (holder, _) in enumerate(keys.holders)
                for purpose, key in ((RECORD, keys.record), *keys.files.items())
            ),
            recorded_at=plan.at,
            succession=plan.succession,
        )

    def _event(self, plan: Plan, keys: _Keys) -> NewEvent:
        identifier, basis = plan.placed.content.identifier, plan.secrets.basis
        return NewEvent(
            kind="intended",
            operate_type=VERBS[plan.succession.origin].operate_type,
            status=LicenseStatus.ISSUING,
            actor=plan.secrets.actor,
            effective_from=plan.at,
            recorded_at=plan.at,
            sealed_basis=self._opener.sealed_basis(keys.record, identifier, basis),
        )


def _to_set(seals: Iterable[SealRecord]) -> tuple[SealToSet, ...]:
    return tuple(SealToSet(record.row_id, record.seal) for record in seals)


def _holder_id(session: Writing, holder: HolderRecord | NewHolder, added: dict[str, int]) -> int:
    """Return a holder's row; a new one gets its row with the first license of the group."""
    if isinstance(holder, HolderRecord):
        return holder.row_id
    if holder.handle not in added:
        added[holder.handle] = HolderWriter(session).add(holder)
    return added[holder.handle]

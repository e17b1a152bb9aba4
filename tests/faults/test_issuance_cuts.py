"""Every write of issuing is cut, once taking effect and once not: never lost, never two.

A cut write raises as a lost connection does. The writes of one issue: the intent's commit,
a put for each form, the commit that makes it VALID.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from made_seals import ANNA, BERT, make_office
from pki import SEAL_CODE, VALID_FROM, VALID_UNTIL
from sqlalchemy import text
from vault_world import CALLER, FORMS, World, example

from keys.certificate_authority import SEAL, CertificateOrder, build_certificate, read_request
from license_vault.database.sessions import Database, Writing
from license_vault.database.tables import metadata
from license_vault.errors import (
    DatabaseUnavailableError,
    LicenseVaultError,
    NumberInForceError,
    StoreUnavailableError,
)
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.issuing.reconciliation import reconcile
from license_vault.license import LicenseStatus
from license_vault.lifecycle.changes import Cancellation
from license_vault.registry.license_record import Basis
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.seals.office import RemakeOrder
from license_vault.seals.uses import SealUses
from license_vault.store.object_store import ListingStore

SEAL_KEY = f"seal/{SEAL_CODE}"
# Writes of issuing: the intent, a put for each form, VALID.
INTENT, PUT, VALID = 1, 2, 2 + len(FORMS)
WRITES = range(INTENT, VALID + 1)
# Writes of finishing what has an intent only: the claim, the attempt, the puts, VALID.
FINISHING = range(1, 3 + len(FORMS) + 1)


class PowerCutError(BaseException):
    """The machine is off: nothing that comes after it runs."""


class Cut:
    """Counts writes and cuts one of them, before or after it has taken effect."""

    def __init__(self, write: int, error: BaseException, *, takes_effect: bool) -> None:
        self._left = write
        self._error = error
        self._takes_effect = takes_effect

    @contextmanager
    def around(self) -> Iterator[None]:
        self._left -= 1
        if self._left == 0 and not self._takes_effect:
            raise self._error
        yield
        if self._left == 0:
            raise self._error


class CutDatabase(Database):
    """A database whose commits may be cut."""

    def __init__(self, real: Database, cut: Cut) -> None:
        super().__init__(real.engine)
        self._cut = cut

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Open a session; the cut is at its commit, as the code around it sees."""
        with super().writing() as session:
            yield session
            before = self._cut._left == 1 and not self._cut._takes_effect
            if before:
                self._cut._left -= 1
                raise self._cut._error
        with self._cut.around():
            pass


class CutStore:
    """A store whose puts may be cut."""

    def __init__(self, real: ListingStore, cut: Cut) -> None:
        self._real = real
        self._cut = cut

    def put_new(self, key: str, data: bytes, media_type: str) -> None:
        with self._cut.around():
            self._real.put_new(key, data, media_type)

    def find(self, key: str) -> bytes | None:
        return self._real.find(key)

    def all_keys(self) -> Iterator[str]:
        return self._real.all_keys()


def cut_world(world: World, cut: Cut) -> World:
    return world.with_(database=CutDatabase(world.database, cut), store=CutStore(world.store, cut))


def licenses(world: World) -> tuple[LicenseRecord, ...]:
    with world.database.reading() as session:
        return Registry(session).page(LicenseFilter(), 10)


def violations(world: World) -> list[str]:
    services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
    return [str(violation) for violation in Fsck(services).run()]


# On servers a cut by a power cut is shown in every run; that an answer is lost, in the long one.
ON_SERVERS_SLOWLY = [
    pytest.param("embedded", id="sqlite-directory"),
    pytest.param(
        "servers",
        id="postgres-s3",
        marks=[pytest.mark.postgres, pytest.mark.s3, pytest.mark.slow],
    ),
]


@pytest.mark.parametrize("takes_effect", [True, False], ids=["taking-effect", "not"])
@pytest.mark.parametrize("write", WRITES)
def test_a_write_cut_by_a_power_cut_is_made_good(
    either_world: World, write: int, takes_effect: bool
) -> None:
    cut = Cut(write, PowerCutError(), takes_effect=takes_effect)
    with pytest.raises(PowerCutError):
        cut_world(either_world, cut).issuance().issue(example(), CALLER, "key")
    lost_before_it_began = write == INTENT and not takes_effect
    assert len(licenses(either_world)) == (not lost_before_it_began)

    reconcile(either_world.issuance(), timedelta(0))
    issued = either_world.issuance().issue(example(), CALLER, "key")

    assert issued.license.status is LicenseStatus.VALID
    assert issued.replayed is not lost_before_it_began
    assert licenses(either_world) == (issued.license,)
    assert len(list(either_world.store.all_keys())) == len(FORMS)
    assert violations(either_world) == []


@pytest.mark.parametrize("either_world", ON_SERVERS_SLOWLY, indirect=True)
@pytest.mark.parametrize("takes_effect", [True, False], ids=["taking-effect", "not"])
@pytest.mark.parametrize("write", WRITES)
def test_a_write_whose_answer_is_lost_is_made_good_by_asking_again(
    either_world: World, write: int, takes_effect: bool
) -> None:
    lost: LicenseVaultError = DatabaseUnavailableError("lost")
    if INTENT < write < VALID:
        lost = StoreUnavailableError("lost")
    cut = Cut(write, lost, takes_effect=takes_effect)
    with pytest.raises(type(lost)):
        cut_world(either_world, cut).issuance().issue(example(), CALLER, "key")
    if write == INTENT and takes_effect:
        # Nobody knows that it is recorded, so nobody could say that it is free.
        either_world.later(seconds=61)

    issued = either_world.issuance().issue(example(), CALLER, "key")

    assert issued.license.status is LicenseStatus.VALID
    assert licenses(either_world) == (issued.license,)
    assert len(list(either_world.store.all_keys())) == len(FORMS)
    assert violations(either_world) == []


@pytest.mark.parametrize("takes_effect", [True, False], ids=["taking-effect", "not"])
@pytest.mark.parametrize("write", FINISHING)
def test_a_second_cut_while_finishing_is_made_good(
    world: World, write: int, takes_effect: bool
) -> None:
    """Each try that may have signed is on record before it did."""
    first = cut_world(world, Cut(PUT, PowerCutError(), takes_effect=False))
    with pytest.raises(PowerCutError):
        first.issuance().issue(example(), CALLER, "key")
    (license_,) = licenses(world)
    again = cut_world(world, Cut(write, PowerCutError(), takes_effect=takes_effect))
    with pytest.raises(PowerCutError):
        again.issuance().finish(license_.identifier, timedelta(0))
    assert violations(world) == []

    finished = world.issuance().finish(license_.identifier, timedelta(0))

    assert finished.status is LicenseStatus.VALID
    assert len(list(world.store.all_keys())) == len(FORMS)
    assert violations(world) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_deposited_is_kept_and_not_sealed_again(world: World, form: str) -> None:
    def cut(step: str) -> None:
        if step == f"deposited-{form}":
            raise PowerCutError

    with pytest.raises(PowerCutError):
        world.with_(checkpoint=cut).issuance().issue(example(), CALLER, "key")
    (license_,) = licenses(world)
    kept = {key: world.store.find(key) for key in world.store.all_keys()}
    used = len(world.keys.uses(SEAL_KEY))

    finished = world.issuance().finish(license_.identifier, timedelta(0))

    assert {key: world.store.find(key) for key in kept} == kept
    assert len(world.keys.uses(SEAL_KEY)) == used + len(FORMS) - len(kept)
    assert tuple(found.form for found in finished.forms) == FORMS
    assert violations(world) == []


@pytest.mark.parametrize("takes_effect", [True, False], ids=["taking-effect", "not"])
def test_a_cut_while_cancelling_leaves_the_old_state_or_the_new(
    either_world: World, takes_effect: bool
) -> None:
    issued = either_world.issuance().issue(example(), CALLER, "key")
    cut = Cut(1, PowerCutError(), takes_effect=takes_effect)
    order = Cancellation(Basis("依据"))
    with pytest.raises(PowerCutError):
        cut_world(either_world, cut).lifecycle().cancel(issued.license.identifier, order, CALLER)
    (after,) = licenses(either_world)
    assert after.status == (LicenseStatus.CANCELLED if takes_effect else LicenseStatus.VALID)
    assert violations(either_world) == []
    again = either_world.lifecycle().cancel(issued.license.identifier, order, CALLER)
    assert again.status is LicenseStatus.CANCELLED
    assert violations(either_world) == []


def test_two_that_finish_at_once_do_no_harm(either_world: World) -> None:
    """Both seal, both deposit: the stored file wins, and its digests are on record."""
    cut = Cut(PUT, PowerCutError(), takes_effect=False)
    with pytest.raises(PowerCutError):
        cut_world(either_world, cut).issuance().issue(example(), CALLER, "key")
    (license_,) = licenses(either_world)
    start = Barrier(4)

    def together(step: str) -> None:
        if step == "sealed":
            start.wait(timeout=30)

    issuance = either_world.with_(checkpoint=together).issuance()
    with ThreadPoolExecutor(4) as pool:
        finished = list(
            pool.map(lambda _: issuance.finish(license_.identifier, timedelta(0)), range(4))
        )
    assert {record.status for record in finished} == {LicenseStatus.VALID}
    assert len({record.forms for record in finished}) == 1
    assert violations(either_world) == []


WRITTEN_BY_ISSUING = (
    "audit_entry",
    "holder",
    "idempotency",
    "license",
    "license_event",
    "license_form",
    "license_holder",
    "license_seal",
    "object_key",
    "seal_use",
    "status_shard",
)


@pytest.mark.parametrize("table", WRITTEN_BY_ISSUING)
def test_an_insert_that_fails_leaves_nothing_half_done(world: World, table: str) -> None:
    """After Boulder's TestIssuanceCertStorageFailed: a trigger breaks one INSERT."""
    assert table in metadata.tables
    trigger = f"CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'x'); END"
    with world.database.connection_for_schema() as connection:
        connection.execute(text(trigger))
    with pytest.raises(DatabaseUnavailableError):
        world.issuance().issue(example(), CALLER, "key")
    assert all(record.status is LicenseStatus.ISSUING for record in licenses(world))

    with world.database.connection_for_schema() as connection:
        connection.execute(text("DROP TRIGGER broken"))
    issued = world.issuance().issue(example(), CALLER, "key")
    assert issued.license.status is LicenseStatus.VALID
    assert len(list(world.store.all_keys())) == len(FORMS)
    assert violations(world) == []


def test_a_number_that_came_into_force_meanwhile_makes_the_intent_void(
    either_world: World,
) -> None:
    """What no check could see: only the index of numbers in force does."""
    cut = Cut(PUT, PowerCutError(), takes_effect=False)
    with pytest.raises(PowerCutError):
        cut_world(either_world, cut).issuance().issue(example(), CALLER, "late")
    (late,) = licenses(either_world)
    hide = "UPDATE license SET number_mac = :mac WHERE id = :id"
    with either_world.database.reading() as session:
        mac = Registry(session).kept(late.identifier).number_mac
    with either_world.database.connection_for_schema() as connection:
        connection.execute(text(hide), {"mac": bytes(32), "id": late.row_id})
    first = either_world.issuance().issue(example(case_number="C2"), CALLER, "first")
    with either_world.database.connection_for_schema() as connection:
        connection.execute(text(hide), {"mac": mac, "id": late.row_id})

    with pytest.raises(NumberInForceError):
        either_world.issuance().finish(late.identifier, timedelta(0))

    found = {record.identifier: record.status for record in licenses(either_world)}
    assert found[late.identifier] is LicenseStatus.VOID
    assert found[first.license.identifier] is LicenseStatus.VALID
    assert violations(either_world) == []


def _make_anew(world: World) -> None:
    """The seal's key is thought lost: another key, another certificate, another seal."""
    pki = world.pki
    assert pki is not None
    made = make_office(world.database, pki, world.store)
    made.office.remake(SEAL_CODE, RemakeOrder("密钥泄露"), ANNA)
    subject, point = read_request(made.workshop.request_with_new_key(SEAL_CODE, BERT))
    order = CertificateOrder(SEAL, subject, point, 7, VALID_FROM, VALID_UNTIL)
    sign = partial(pki.keys.sign, "ca/seal")
    certificate = build_certificate(order, pki.ca("ca/seal"), sign)
    made.workshop.make(SEAL_CODE, (certificate, pki.seal_ca), BERT)
    made.office.file(SEAL_CODE, "BA-2", ANNA)


@pytest.mark.parametrize("step", ["sealed", "deposited-pdf", "deposited"])
def test_a_seal_made_anew_meanwhile_finishes_and_each_key_accounts_for_its_own(
    world: World, step: str
) -> None:
    def cut(reached: str) -> None:
        if reached == step:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        world.with_(checkpoint=cut).issuance().issue(example(), CALLER, "key")
    (license_,) = licenses(world)
    _make_anew(world)
    assert violations(world) == []

    finished = world.issuance().finish(license_.identifier, timedelta(0))

    assert finished.status is LicenseStatus.VALID
    kept = {"sealed": 0, "deposited-pdf": 1, "deposited": 3}[step]
    with world.database.reading() as session:
        uses = SealUses(session).of_licenses([license_.row_id])
    done = [use.key_label for use in uses if use.signed_sm3 is not None]
    assert sorted(done) == [SEAL_KEY] * kept + [f"{SEAL_KEY}.2"] * (len(FORMS) - kept)
    assert violations(world) == []

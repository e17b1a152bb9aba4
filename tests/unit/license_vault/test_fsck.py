"""Each thing in a vault is damaged once, and seen named."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from pki import SEAL_CODE
from sqlalchemy import text
from vault_world import CALLER, World, example, new_world

from keys.sm3 import sm3
from license_vault.audit import AuditTrail, canonical_bytes
from license_vault.database.sessions import open_database
from license_vault.errors import StoreUnavailableError
from license_vault.fsck.fsck import Fsck, FsckServices, check_audit, exit_status
from license_vault.fsck.rows import Violation
from license_vault.issuing.intent import IntentRecorder
from license_vault.issuing.issuance import Issuance
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.seals.uses import CheckedSeal
from license_vault.store.directory import DirectoryStore

FIRST = "(SELECT min(id) FROM license)"
LAST = "(SELECT max(sequence) FROM audit_entry)"
KEY = f"seal/{SEAL_CODE}"


@dataclass
class Damaged:
    """A world with three licenses, and the means to damage it behind its own back."""

    world: World
    licenses: tuple[LicenseRecord, ...]

    @property
    def identifier(self) -> str:
        return self.licenses[0].identifier

    def sql(self, *statements: str) -> None:
        with self.world.database.connection_for_schema() as connection:
            for statement in statements:
                assert connection.execute(text(statement)).rowcount != 0, statement

    def path(self) -> Path:
        assert isinstance(self.world.store, DirectoryStore)
        return self.world.store._root / self.licenses[0].forms[0].object_key

    def replace_file(self, form: str, data: bytes) -> None:
        """Put other bytes into the first license's place, as one who has its keys would."""
        license_, vault = self.licenses[0], self.world.vault
        with self.world.database.reading() as session:
            key = LicenseOpener(vault).key(Registry(session).kept(license_.identifier), form)
        place = license_.form(form).object_key
        stored = vault._encrypt_file(place, form, key, data)
        self.path().parent.joinpath(form).write_bytes(stored)
        digests = {"sm3": sm3(data), "sha256": hashlib.sha256(data).digest()}
        digests["ciphertext_sm3"] = sm3(stored)
        for column, digest in digests.items():
            self.sql(
                f"UPDATE license_form SET {column} = x'{digest.hex()}'"
                f" WHERE license_id = {FIRST} AND form = '{form}'"
            )

    def violations(self) -> tuple[Violation, ...]:
        world = self.world
        services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
        return tuple(Fsck(services).run())

    def codes(self) -> set[str]:
        return {violation.code for violation in self.violations()}


def _issued(world: World) -> Damaged:
    issuance = world.issuance()
    return Damaged(
        world,
        tuple(
            issuance.issue(
                example(
                    "constructor-registration", case_number=f"C{n}", number=f"沪231202320260{n:04d}"
                ),
                CALLER,
                str(n),
            ).license
            for n in range(3)
        ),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Damaged:
    """A vault made once, of which each test damages a copy."""
    folder = tmp_path_factory.mktemp("whole")
    database = open_database(f"sqlite:///{folder / 'vault.db'}")
    made = _issued(new_world(database, DirectoryStore(folder / "store")))
    database.close()
    return made


@pytest.fixture
def damaged(whole: Damaged, tmp_path: Path) -> Iterator[Damaged]:
    assert isinstance(whole.world.store, DirectoryStore)
    copy = tmp_path / "copy"
    shutil.copytree(whole.world.store._root.parent, copy)
    database = open_database(f"sqlite:///{copy / 'vault.db'}")
    store, keys = DirectoryStore(copy / "store"), whole.world.keys.copy()
    yield Damaged(
        whole.world.with_(database=database, store=store, keys=keys, pki=None), whole.licenses
    )
    database.close()


def test_a_whole_vault_has_no_violation(either_world: World) -> None:
    issued = _issued(either_world)
    assert issued.violations() == ()
    assert exit_status(()) == 0
    assert check_audit(either_world.database) == ()


def test_an_empty_vault_has_no_violation(world: World) -> None:
    assert Damaged(world, ()).violations() == ()


def _flip(damaged: Damaged) -> None:
    data = bytearray(damaged.path().read_bytes())
    data[len(data) // 2] ^= 1
    damaged.path().write_bytes(data)


def _orphan(damaged: Damaged) -> None:
    damaged.world.store.put_new("stranger/x/pdf", b"stranger", "application/octet-stream")


def _swap(damaged: Damaged) -> None:
    """Put another license's object in the place of the first, and make the row agree."""
    other = damaged.licenses[1].forms[0]
    source = damaged.path().parents[2] / other.object_key
    damaged.path().write_bytes(source.read_bytes())
    damaged.sql(
        f"UPDATE license_form SET ciphertext_sm3 = x'{other.ciphertext_sm3.hex()}'"
        f" WHERE form = 'pdf' AND license_id = {damaged.licenses[0].row_id}"
    )


def _number_twice(damaged: Damaged) -> None:
    one, two = (record.row_id for record in damaged.licenses[:2])
    damaged.sql(
        "DROP INDEX uq_license_number_in_force",
        "UPDATE license SET number_mac = (SELECT number_mac FROM license"
        f" WHERE id = {one}) WHERE id = {two}",
    )


def _later_entry_removed_with_head(damaged: Damaged) -> None:
    """Cut the chain's end off and set the head back: the license still says it was issued."""
    damaged.sql(
        f"DELETE FROM audit_entry WHERE sequence = {LAST}",
        f"UPDATE audit_head SET sequence = {LAST},"
        f" digest = (SELECT digest FROM audit_entry WHERE sequence = {LAST})",
    )


def _chain_rewritten(damaged: Damaged) -> None:
    """Change an entry and everything after it, as one who knows how would, but for the head."""
    with damaged.world.database.writing() as session:
        previous = bytes(32)
        for entry in list(AuditTrail(session).entries()):
            act = entry.act
            changed = type(act)("nobody", act.action, act.subject, act.details, act.recorded_at)
            digest = sm3(canonical_bytes(entry.sequence, changed, previous))
            session.execute(
                text(
                    "UPDATE audit_entry SET actor = 'nobody', previous = :p, digest = :d"
                    " WHERE sequence = :s"
                ),
                {"p": previous, "d": digest, "s": entry.sequence},
            )
            previous = digest


def _half_issued(damaged: Damaged) -> None:
    def fail(_form: str, _data: bytes) -> tuple[CheckedSeal, ...]:
        raise StoreUnavailableError("outage")

    body = example(case_number="C9", number="9" * 20)
    with pytest.raises(StoreUnavailableError):
        damaged.world.with_(final_check=fail).issuance().issue(body, CALLER, "9")
    damaged.world.later(minutes=16)


def _insider(damaged: Damaged) -> None:
    """Somebody has the key port sign what no workflow intended."""
    damaged.world.keys.sign(KEY, b"a license that nobody asked for")


def _uses_of_form(form: str) -> str:
    return f"license_id = {FIRST} AND form = '{form}'"


def _reseal(damaged: Damaged) -> None:
    """Seal the same license again, exchange its file, and make its row agree."""
    services, license_ = damaged.world.services(), damaged.licenses[0]
    work = IntentRecorder(services).reopen(license_.identifier)
    seals = tuple(record.seal for record in work.seals)
    damaged.replace_file("pdf", services.make_form["pdf"](work.placed, seals, work.at))


def _other_license(damaged: Damaged) -> None:
    """Put what another license says into the place of the first, well encrypted."""
    other = damaged.licenses[1]
    with damaged.world.database.reading() as session:
        kept = Registry(session).kept(other.identifier)
    data = LicenseOpener(damaged.world.vault).file(kept, other.form("json"))
    damaged.replace_file("json", data)


def _void(damaged: Damaged) -> None:
    damaged.sql(f"UPDATE license SET status = 'void' WHERE id = {FIRST}")


USES: dict[str, tuple[set[str], str | Callable[[Damaged], None]]] = {
    "signature of an insider": ({"seal-use-unexplained"}, _insider),
    "signature in place of one on record": (
        {"seal-use-unexplained", "seal-use-not-counted"},
        lambda damaged: damaged.world.keys._uses[KEY].__setitem__(-1, bytes(32)),
    ),
    "count lost": (
        {"seal-use-not-counted"},
        lambda damaged: damaged.world.keys._uses[KEY].pop(),
    ),
    "all counts lost": (
        {"seal-use-not-counted"},
        lambda damaged: damaged.world.keys._uses.clear(),
    ),
    "use removed": (
        {"seal-use-differs", "seal-use-unexplained"},
        f"DELETE FROM seal_use WHERE {_uses_of_form('ofd')}",
    ),
    "all uses of a license removed": (
        {"seal-use-differs", "seal-use-unexplained"},
        f"DELETE FROM seal_use WHERE license_id = {FIRST}",
    ),
    "use that was never completed": (
        {"seal-use-differs"},
        f"UPDATE seal_use SET signed_sm3 = NULL WHERE {_uses_of_form('json')}",
    ),
    "digest of a use edited": (
        {"seal-use-differs", "seal-use-unexplained", "seal-use-not-counted"},
        f"UPDATE seal_use SET signed_sm3 = zeroblob(32) WHERE {_uses_of_form('pdf')}",
    ),
    "attempt taken back": (
        {"seal-use-unexplained"},
        f"UPDATE seal_use SET attempts = 0 WHERE {_uses_of_form('pdf')}",
    ),
    "file sealed again": ({"seal-use-differs", "seal-use-unexplained"}, _reseal),
    "file that says what another says": (
        {"file-says-other-claims", "seal-use-differs"},
        _other_license,
    ),
    "file that is none": (
        {"file-unreadable"},
        lambda damaged: damaged.replace_file("ofd", b"PK no package"),
    ),
    "row of one form removed": (
        {"issued-without-file"},
        f"DELETE FROM license_form WHERE {_uses_of_form('ofd')}",
    ),
    "fewer forms intended": (
        {"file-not-intended", "object-of-no-license"},
        f"UPDATE license SET intended_forms = 'pdf' WHERE id = {FIRST}",
    ),
    "issued license called void": (
        {
            "status-not-of-last-event",
            "not-once-on-record",
            "file-not-intended",
            "seal-use-of-no-document",
        },
        _void,
    ),
}


DAMAGE: dict[str, tuple[set[str], str | Callable[[Damaged], None]]] = {
    "status edited": (
        {"status-not-of-last-event"},
        f"UPDATE license SET status = 'suspended' WHERE id = {FIRST}",
    ),
    "status of an issued one set back": (
        {"status-not-of-last-event", "not-once-on-record", "half-issued"},
        f"UPDATE license SET status = 'issuing', recorded_at = '2020-01-01' WHERE id = {FIRST}",
    ),
    "event removed": (
        {"status-not-of-last-event"},
        f"DELETE FROM license_event WHERE kind = 'issued' AND license_id = {FIRST}",
    ),
    "valid until edited": (
        {"row-differs-from-record"},
        f"UPDATE license SET valid_until = '2099-12-31' WHERE id = {FIRST}",
    ),
    "type edited": (
        {"row-differs-from-record"},
        f"UPDATE license SET type_code = '11310000MBDEM00076001' WHERE id = {FIRST}",
    ),
    "region edited": (
        {"row-differs-from-record"},
        f"UPDATE license SET region = '999999' WHERE id = {FIRST}",
    ),
    "status index edited": (
        {"row-differs-from-record"},
        f"UPDATE license SET status_index = 65535 - status_index WHERE id = {FIRST}",
    ),
    "check code edited": (
        {"row-differs-from-record"},
        f"UPDATE license SET check_code_mac = zeroblob(32) WHERE id = {FIRST}",
    ),
    "identifier edited": (
        {
            "record-does-not-open",
            "not-once-on-record",
            "on-record-without-license",
            "object-of-no-license",
        },
        f"UPDATE license SET identifier = identifier || 'X' WHERE id = {FIRST}",
    ),
    "content id edited": (
        {"content-id-differs"},
        f"UPDATE license SET content_id = upper(content_id) WHERE id = {FIRST}",
    ),
    "record edited": (
        {"record-does-not-open"},
        f"UPDATE license SET sealed_record = zeroblob(300) WHERE id = {FIRST}",
    ),
    "record key removed": (
        {"record-does-not-open"},
        f"DELETE FROM object_key WHERE purpose = 'record' AND license_id = {FIRST}",
    ),
    "file key edited": (
        {"file-key-does-not-open"},
        f"UPDATE object_key SET wrapped_key = zeroblob(45) WHERE purpose = 'pdf'"
        f" AND license_id = {FIRST}",
    ),
    "holder exchanged": (
        {"row-differs-from-record"},
        "UPDATE holder SET lookup_mac = zeroblob(32)",
    ),
    "holder removed from license": (
        {"license-without-holder", "record-does-not-open"},
        f"DELETE FROM license_holder WHERE license_id = {FIRST}",
    ),
    "request removed": (
        {"license-without-request"},
        f"DELETE FROM idempotency WHERE license_id = {FIRST}",
    ),
    "file row removed": (
        {"issued-without-file"},
        f"DELETE FROM license_form WHERE license_id = {FIRST}",
    ),
    "file digest edited": (
        {"object-damaged-content"},
        f"UPDATE license_form SET sm3 = zeroblob(32) WHERE license_id = {FIRST}",
    ),
    "second file digest edited": (
        {"object-damaged-content"},
        f"UPDATE license_form SET sha256 = zeroblob(32) WHERE license_id = {FIRST}",
    ),
    "object byte changed": ({"object-damaged-ciphertext"}, _flip),
    "object removed": ({"object-missing"}, lambda damaged: damaged.path().unlink()),
    "object exchanged": ({"object-damaged-envelope"}, _swap),
    "object added": ({"object-of-no-license"}, _orphan),
    "number duplicated": ({"number-in-force-twice", "row-differs-from-record"}, _number_twice),
    "audit entry edited": (
        {"audit-entry-changed"},
        f"UPDATE audit_entry SET actor = 'nobody' WHERE sequence = {LAST} - 1",
    ),
    "audit details edited": (
        {"audit-entry-changed"},
        f"UPDATE audit_entry SET details = '{{}}' WHERE sequence = {LAST} - 1",
    ),
    "audit entry removed": (
        {"audit-entry-missing", "not-once-on-record"},
        f"DELETE FROM audit_entry WHERE sequence = {LAST} - 1",
    ),
    "last audit entry removed": (
        {"audit-head-differs", "not-once-on-record"},
        f"DELETE FROM audit_entry WHERE sequence = {LAST}",
    ),
    "audit chain cut with its head": ({"not-once-on-record"}, _later_entry_removed_with_head),
    "audit chain rewritten": ({"audit-head-differs"}, _chain_rewritten),
    "audit entries exchanged": (
        {"audit-chain-broken", "audit-entry-changed", "audit-head-differs"},
        lambda damaged: damaged.sql(
            f"UPDATE audit_entry SET sequence = -9 WHERE sequence = {LAST} - 1",
            f"UPDATE audit_entry SET sequence = {LAST} - 1 WHERE sequence = {LAST}",
            f"UPDATE audit_entry SET sequence = {LAST} + 1 WHERE sequence = -9",
        ),
    ),
    "audit entry hidden before the first": (
        {"audit-entry-missing", "audit-entry-changed"},
        f"UPDATE audit_entry SET sequence = -2 WHERE sequence = {LAST} - 1",
    ),
    "audit head removed": ({"audit-head-missing"}, "DELETE FROM audit_head"),
    "half issued": ({"half-issued"}, _half_issued),
    **USES,
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damage_is_named(damaged: Damaged, case: str) -> None:
    named, how = DAMAGE[case]
    if isinstance(how, str):
        damaged.sql(how)
    else:
        how(damaged)
    assert damaged.codes() == named
    assert exit_status(damaged.violations()) == 1


def test_a_violation_says_where(damaged: Damaged) -> None:
    damaged.path().unlink()
    (violation,) = damaged.violations()
    assert violation.subject == damaged.identifier
    assert str(violation).startswith(f"object-missing: {damaged.identifier} ")


def test_an_intent_at_work_is_no_violation(damaged: Damaged) -> None:
    _half_issued(damaged)
    damaged.world.now -= timedelta(minutes=16)
    assert damaged.violations() == ()


def test_digests_on_record_are_those_of_the_file(damaged: Damaged) -> None:
    form = damaged.licenses[0].forms[0]
    stored = damaged.path().read_bytes()
    assert form.ciphertext_sm3 == sm3(stored)
    assert form.sha256 != hashlib.sha256(stored).digest()


def test_what_was_sealed_in_vain_is_no_violation(damaged: Damaged) -> None:
    """A process that died while sealing leaves signatures; the attempts on record explain them."""
    died = RuntimeError("power cut")

    def die(step: str) -> None:
        if step == "sealed":
            raise died

    body = example(case_number="C9", number="9" * 20)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            damaged.world.with_(checkpoint=die).issuance().issue(body, CALLER, "9")
    assert len(damaged.world.keys.uses(KEY)) == 3 * (3 + 3)
    assert damaged.violations() == ()
    damaged.world.issuance().issue(body, CALLER, "9")
    assert damaged.violations() == ()
    _insider(damaged)
    assert damaged.codes() == {"seal-use-unexplained"}


def test_a_license_from_before_uses_were_recorded_is_accepted_as_it_is(world: World) -> None:
    services = world.services()
    only_pdf = {"pdf": services.make_form["pdf"]}
    issuance = Issuance(replace(services, make_form=only_pdf))
    old = Damaged(world, (issuance.issue(example(), CALLER, "old").license,))
    old.sql("DELETE FROM seal_use")
    world.keys._uses.clear()
    assert old.violations() == ()
    world.issuance().issue(example(case_number="C2", number="2" * 20), CALLER, "new")
    assert old.violations() == ()

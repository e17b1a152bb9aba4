"""The upper directory is told of every license until it has accepted it."""

import json
import secrets

import pytest
from vault_world import CALLER, World, example

from license_vault.directory.batches import read_answer
from license_vault.directory.errors import ReportUnknownError
from license_vault.directory.reporting import DirectoryAddress, Reporting, ReportingServices
from license_vault.directory.reports import Figures, ReportError, Reports, ReportWriter
from license_vault.events.outbox import Outbox
from license_vault.events.retrying import Answer
from license_vault.events.spreading import Spreading
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.sealed_json.strict_json import canonical_json

ADDRESS = DirectoryAddress("https://directory.example/batches", "t0ken", "310114")


class Signer:
    """Signs as the library does; certificates are the tests' business elsewhere."""

    def __init__(self, world: World) -> None:
        leaf, issuer = world.pki.tsa, world.pki.tsa_ca
        self.identity = SigningIdentity(leaf, (issuer,))
        self.sign = lambda message: world.keys.sign("tsa", message)
        self.timestamper = world.timestamper


class Directory:
    """Accepts what it is not told to refuse, or does not answer."""

    def __init__(self) -> None:
        self.refuses: dict[str, list[dict[str, str]]] = {}
        self.down = False
        self.batches: list[dict] = []
        self.headers: dict[str, str] = {}
        self.before = lambda: None

    def __call__(self, url: str, headers, body: bytes) -> Answer:
        self.before()
        if self.down:
            return Answer(503)
        batch = json.loads(body)
        assert canonical_json(batch) == body
        self.batches.append(batch["batch"])
        self.headers = dict(headers)
        asked = [record["identifier"] for record in batch["batch"]["records"]]
        errors = [
            {"identifier": identifier, **error}
            for identifier in asked
            for error in self.refuses.get(identifier, ())
        ]
        accepted = [identifier for identifier in asked if identifier not in self.refuses]
        return Answer(200, body=json.dumps({"accepted": accepted, "errors": errors}).encode())


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def reporting(world: World, directory: Directory) -> Reporting:
    services = ReportingServices(
        world.database, world.vault, Signer(world), world.clock, secrets.token_bytes, directory
    )
    return Reporting(services, ADDRESS)


def spread(world: World) -> None:
    Spreading(world.database, world.keys, world.clock, secrets.token_bytes).run()


def figures(world: World) -> Figures:
    with world.database.reading() as session:
        return Reports(session).figures(None, world.now)


def issue(world: World, **changes: object) -> str:
    body = example("business-license", **changes)
    return world.issuance().issue(body, CALLER, secrets.token_hex(8)).license.identifier


def test_a_license_from_its_issue_to_the_directory_and_back_by_the_work_list(
    world: World, directory: Directory, reporting: Reporting
) -> None:
    identifier = issue(world)
    spread(world)
    assert (figures(world).due, figures(world).collection_rate) == (1, 0.0)

    directory.down = True
    assert reporting.run().unanswered == 1
    assert not reporting.run()
    world.later(seconds=30)
    directory.down = False
    directory.refuses[identifier] = [{"code": "holder-name-missing", "member": "holders/0/name"}]
    assert reporting.run().refused == 1
    with world.database.reading() as session:
        (refused,) = Reports(session).refused(None, 10)
    assert refused.errors == (ReportError("holder-name-missing", "holders/0/name"),)
    assert figures(world).qualified_rate == 0.0
    world.later(days=1)
    assert not reporting.run(), "what was refused waits for somebody"

    directory.refuses.clear()
    with world.database.writing() as session:
        writer = ReportWriter(session)
        assert writer.resend(identifier, None, world.now) == 1
        with pytest.raises(ReportUnknownError):
            writer.resend(identifier, None, world.now)
    assert reporting.run().accepted == 1
    found = figures(world)
    assert (found.collection_rate, found.qualified_rate, found.signing_rate) == (1.0, 1.0, 1.0)
    assert found.first_pass_rate == 0.0

    record = directory.batches[-1]["records"][0]
    assert (record["state"], record["cert_state"]) == ("valid", "01")
    assert record["holders"][0]["document_number"]
    assert directory.headers["Authorization"] == "Bearer t0ken"
    dump = "".join(world.database.engine.raw_connection().iterdump())
    assert record["holders"][0]["document_number"] not in dump

    _changes_while_it_is_reported(world, directory, reporting, identifier)
    _one_damaged_row(world, reporting, identifier)


def _changes_while_it_is_reported(
    world: World, directory: Directory, reporting: Reporting, identifier: str
) -> None:
    def happens() -> None:
        with world.database.writing() as session:
            told = {"state": "valid"}
            Outbox(session).add("license.changed", f"license:{identifier}", told, world.now)
        spread(world)

    happens()
    directory.before = happens
    assert reporting.run().accepted == 1
    directory.before = lambda: None
    assert figures(world).due == 1, "what was told is not the newest"
    assert reporting.run().accepted == 1
    assert (figures(world).due, figures(world).late) == (0, 0)
    happens()
    world.later(days=1)
    assert figures(world).late == 1


def _one_damaged_row(world: World, reporting: Reporting, identifier: str) -> None:
    with world.database.connection_for_schema() as connection:
        connection.exec_driver_sql("UPDATE license SET sealed_record = x'00'")
    assert reporting.run().refused == 1
    with world.database.reading() as session:
        (refused,) = Reports(session).refused(None, 10)
    assert (refused.identifier, refused.errors[0].code) == (identifier, "own-record-damaged")


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b'{"accepted": 1, "errors": []}', b"\xff", b"[" * 100_000,
     b'{"accepted": [], "errors": [1]}', b'{"accepted": [[]], "errors": [{}]}'],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_none(body: bytes) -> None:
    assert read_answer(body, ["a"]) is None


def test_an_answer_counts_only_for_what_was_asked_and_errors_outweigh() -> None:
    told = read_answer(
        json.dumps(
            {
                "accepted": ["a", "b", "x"],
                "errors": [
                    {"identifier": "b", "code": "no", "member": "number"},
                    {"identifier": "c", "code": "张三 有误", "member": "张三"},
                    {"identifier": "x", "code": "no"},
                ],
            }
        ).encode(),
        ["a", "b", "c", "d"],
    )
    assert told is not None
    assert told.accepted == {"a"}
    assert told.errors == {
        "b": (ReportError("no", "number"),),
        "c": (ReportError("unreadable-error", ""),),
    }

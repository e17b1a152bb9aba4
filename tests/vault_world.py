"""A whole small vault for tests: real keys, real faces, real seals, real stores.

``World`` is wired as the service is, over a database and a store that the test chooses. What a
child process needs to go on in the same world can be written to a file (``save``, ``load``).
"""

import base64
import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from made_seals import make_office, provide
from memory_keys import MemoryKeys
from pki import NOW, OWNER_CODE, OWNER_NAME, SEAL_CODE, Pki
from schemas import provide_schema

from keys.sm2 import PrivateKey
from license_vault.api_clients import Caller, Scope
from license_vault.database.sessions import Database, open_database
from license_vault.errors import OutputRefusedError
from license_vault.face.fonts import FAMILIES, Fonts
from license_vault.face.license_drawing import LicenseDrawing
from license_vault.face.ofd import OfdPress
from license_vault.face.pdf import PdfPress
from license_vault.issuing.form_making import JsonForm, OfdForm, PdfForm
from license_vault.issuing.issuance import Issuance
from license_vault.issuing.plan import ISSUE, IssuanceServices
from license_vault.issuing.sealed_forms import read_form
from license_vault.license import IssuingAuthority, LicenseContent
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue
from license_vault.lifecycle.changes import CANCEL, Lifecycle, LifecycleServices
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.verbs import SUSPEND_SCOPE
from license_vault.lifecycle.versions import Versions
from license_vault.packages.effects import PackageEffects
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.license_record import LicenseOpener
from license_vault.seals.registry import Grant
from license_vault.seals.uses import CheckedSeal
from license_vault.store.directory import DirectoryStore
from license_vault.store.object_store import ListingStore
from license_vault.vault import JSON, OFD, PDF, Vault
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.pdf.reader import ReadLimits, read_pdf
from signing.sealed_json.sealing import JsonSealer
from signing.sealing import Sealer
from signing.timestamps.local import LocalTimestamper

EXAMPLES = Path(__file__).parent.parent / "examples"
STATUS_URI = "https://licenses.example.gov.cn/v1/status-lists"
FORMS = (PDF, OFD, JSON)
PUBLIC_ADDRESS = "https://licenses.example.gov.cn"
AUTHORITY = IssuingAuthority(OWNER_CODE, OWNER_NAME, "110101")
CALLER = Caller(
    "client:tests", OWNER_CODE, frozenset({Scope(ISSUE), Scope(CANCEL), Scope(SUSPEND_SCOPE)})
)


def example(name: str = "business-license", **changes: object) -> dict[str, object]:
    """The body of an issue request: an example of the repository, for our test authority."""
    body = json.loads((EXAMPLES / f"{name}.json").read_text())
    return {**body, "authority_code": OWNER_CODE, **changes}


@cache
def _fonts() -> Fonts:
    return Fonts()


def warm_fonts() -> None:
    """Read the fonts, once for all processes that are forked off afterwards."""
    for family in FAMILIES:
        for character in "证A1":
            _fonts().choose(family, character)


@cache
def _press() -> PdfPress:
    return PdfPress(_fonts())


@cache
def _ofd_press() -> OfdPress:
    return OfdPress(_fonts())


def _plain_qr_text(content: LicenseContent, check_code: str) -> str:
    """A code that nobody signed, as codes were before: identifier and check code."""
    return f"{PUBLIC_ADDRESS}/verify#{content.identifier}.{check_code}"


def final_check(form: str, data: bytes) -> tuple[CheckedSeal, ...]:
    """A small stand-in for the verifier: it can be read, and a PDF's one seal covers it all."""
    if form == PDF:
        seals = read_pdf(data, ReadLimits()).seals
        if len(seals) != 1 or not seals[0].covers_whole_file or seals[0].problems:
            raise OutputRefusedError(("seal",))
    return read_form(form, data).seals


@dataclass
class World:
    """One vault. ``database`` must be empty or this world's own; keys are kept in memory."""

    database: Database
    store: ListingStore
    keys: MemoryKeys
    timestamper: LocalTimestamper
    now: datetime = NOW
    checkpoint: Callable[[str], None] = lambda _step: None
    final_check: Callable[[str, bytes], tuple[CheckedSeal, ...]] = final_check
    stale_after: timedelta = timedelta(seconds=60)
    pki: Pki | None = None
    vault: Vault = field(init=False)

    def __post_init__(self) -> None:
        self.vault = Vault(self.keys, self.store, secrets.token_bytes)

    def clock(self) -> datetime:
        return self.now

    def later(self, **amount: float) -> None:
        """Let time pass."""
        self.now += timedelta(**amount)
        if self.pki:
            self.pki.now = self.now

    def services(self) -> IssuanceServices:
        fonts = _fonts()
        drawing = LicenseDrawing(fonts, _press().draw, _ofd_press().draw, _plain_qr_text)
        sealer = Sealer(self.keys, self.timestamper, fonts, self.clock)
        json_sealer = JsonSealer(self.keys, self.timestamper)
        return IssuanceServices(
            database=self.database,
            keys=self.keys,
            vault=self.vault,
            catalogue=catalogue(),
            drawing=drawing,
            make_form={
                PDF: PdfForm(drawing.draw, sealer.seal_pdf),
                OFD: OfdForm(drawing.draw_ofd, sealer.seal_ofd),
                JSON: JsonForm(json_sealer.seal_json),
            },
            final_check=self.final_check,
            status_base_uri=STATUS_URI,
            clock=self.clock,
            random_bytes=secrets.token_bytes,
            stale_after=self.stale_after,
            checkpoint=self.checkpoint,
            effects=(PackageEffects(LicenseOpener(self.vault)),),
        )

    def issuance(self) -> Issuance:
        return Issuance(self.services())

    def lifecycle(self) -> Lifecycle:
        return Lifecycle(
            LifecycleServices(
                database=self.database,
                vault=self.vault,
                keys=self.keys,
                catalogue=catalogue(),
                clock=self.clock,
                settling=self.settling(),
                checkpoint=self.checkpoint,
            )
        )

    def settling(self) -> Settling:
        return Settling(self.database, self.vault)

    def versions(self) -> Versions:
        return Versions(self.issuance(), self.settling())

    def with_(self, **changes: object) -> "World":
        """The same world with one part exchanged."""
        return replace(self, **changes)  # type: ignore[arg-type]


@cache
def catalogue() -> Catalogue:
    return Catalogue((SHIPPED_TYPES,))


def new_world(database: Database, store: ListingStore, pki: Pki | None = None) -> World:
    """A world over an empty database: schema, one authority, its seal granted for every type."""
    pki = pki or Pki.kept()
    world = World(database, store, pki.keys, pki.timestamper(), pki.now, pki=pki)
    provide_schema(database)
    with database.writing() as session:
        AuthorityWriter(session).add(AUTHORITY, None, pki.now)
    provide(make_office(database, pki, store), pki.seal(), Grant(SEAL_CODE, OWNER_CODE))
    return world


def copied_world(database: Database, store: ListingStore) -> World:
    """A world like ``new_world``'s, over an empty SQLite database: a copy of one made before.

    All such worlds of a process have the same hierarchy and seal, and go on by themselves.
    """
    rows, first = _first_world()
    connection = database.engine.raw_connection()
    rows.backup(connection.driver_connection)
    connection.close()
    pki = first.copy()
    return World(database, store, pki.keys, pki.timestamper(), pki.now, pki=pki)


@cache
def _first_world() -> tuple[sqlite3.Connection, Pki]:
    with TemporaryDirectory() as folder:
        file, pki = Path(folder) / "first.db", Pki()
        database = open_database(f"sqlite:///{file}")
        new_world(database, DirectoryStore(Path(folder) / "store"), pki)
        database.close()
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        sqlite3.connect(file).backup(kept)
    return kept, pki


def save(world: World, path: Path) -> None:
    """Write down what another process needs to go on in this world."""
    assert world.pki is not None
    # Secret keys come into being when first used: they must be the same ones over there.
    world.keys.wrap("vault-kek", b"", b"")
    world.keys.mac("lookup-mac", b"")
    world.keys.keep_uses_in(path.parent / "uses")
    path.write_text(
        json.dumps(
            {
                "now": world.now.isoformat(),
                "signing": {k: _b64(v.to_pkcs8()) for k, v in world.keys._signing.items()},
                "secret": {k: _b64(v) for k, v in world.keys._secret.items()},
                "tsa": [_b64(world.pki.tsa), _b64(world.pki.tsa_ca)],
                "uses": str(path.parent / "uses"),
            }
        )
    )


def load(path: Path, database: Database, store: ListingStore) -> World:
    """Go on in a world that another process has written down."""
    saved = json.loads(path.read_text())
    keys = MemoryKeys(Path(saved["uses"]))
    for label, der in saved["signing"].items():
        keys._signing[label] = PrivateKey.from_pkcs8(base64.b64decode(der))
    keys._secret = {label: base64.b64decode(key) for label, key in saved["secret"].items()}
    now = datetime.fromisoformat(saved["now"]).astimezone(UTC)
    leaf, issuer = (base64.b64decode(der) for der in saved["tsa"])
    identity = SigningIdentity(leaf, (issuer,))
    stamper = LocalTimestamper(keys, "tsa", identity, lambda: now, secrets.token_bytes)
    return World(database, store, keys, stamper, now)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()

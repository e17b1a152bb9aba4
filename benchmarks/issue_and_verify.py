"""Issue and verify, wired as the service is, beside stock pyHanko on the same face.

Ours issues with everything that issuing is: request checked, intent committed, face drawn, seal
with time-stamp, final check, deposit (fsync), VALID with event and audit entry. The peer draws the
same face, seals it with the default ``PdfSigner`` and checks its own file against one CRL: a PDF
beside a PDF. ``issue_three_forms`` is what the service does, OFD and JSON too, beside that peer.
Verifying: ours includes the hop to the parser process and keeps no verdict; the peer runs in
process on the same sealed file. Measured twice: as a partner does, from a trust bundle in memory
(what the peer has too), and on the issuer's own node, which asks the live rows besides.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from statistics import median

import pypdfium2
from PIL import Image

from api.node_wiring import wire
from api.publishing import current_bundle
from api.services import Services
from api.settings import Settings
from benchmarks.stock_pyhanko import StockSigner, stock_seal, stock_validate
from examples.node import EXAMPLES, Node
from examples.setting_up import set_up
from keys.certificate import read_certificate, read_revocation_list
from license_vault.api_clients import Caller, Scope
from license_vault.issuing.issuance import Issuance
from license_vault.issuing.license_request import request_digest
from license_vault.issuing.plan import ISSUE, Plan, Planning
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import Registry
from license_vault.vault import PDF
from signing.seal import SealPlacement
from signing.trust_bundle import TrustBundle
from verification.parser_process import ParserPool
from verification.policy import load_policy
from verification.report import Verdict
from verification.source_bundle import bundle_sources
from verification.verifier import Verifier

ROUNDS = 5
FACES = 64
EXAMPLE = "business-license"


@dataclass
class Bench:
    """A node of its own in a folder that goes away, and one client of it."""

    settings: Settings
    services: Services
    issued: int = 0

    def __post_init__(self) -> None:
        self._example = json.loads((EXAMPLES / f"{EXAMPLE}.json").read_text())
        code = str(self._example["authority_code"])
        self.caller = Caller("client:bench", code, frozenset({Scope(ISSUE)}))

    def body(self) -> dict[str, object]:
        """Return a request like no other before."""
        self.issued += 1
        number = f"310114{self.issued:014d}"
        return {**self._example, "case_number": f"bench-{self.issued}", "number": number}

    def issue(self) -> str:
        """Issue one more license in all its forms; return its identifier."""
        return self.issue_with(self.services.issuance)

    def issue_with(self, issuance: Issuance) -> str:
        """Issue one more license; return its identifier."""
        body = self.body()
        return issuance.issue(body, self.caller, str(body["case_number"])).license.identifier

    def plan(self, planning: Planning) -> Plan:
        """Plan a license like no other before; nothing is written."""
        body = self.body()
        return planning.plan(body, self.caller, bytes.fromhex(request_digest(body)))

    def only_pdf(self) -> Issuance:
        """Return what issues the one form that the peer makes."""
        services = self.services.issuance.services
        return Issuance(replace(services, make_form={PDF: services.make_form[PDF]}))

    def bundle(self) -> TrustBundle:
        """Return what a partner verifies with, status lists included."""
        services = self.services
        return current_bundle(
            services.database, services.status, services.region_code, services.clock()
        )

    def file(self, identifier: str, form: str = PDF) -> bytes:
        """Return a sealed file."""
        with self.services.database.reading() as session:
            registry = Registry(session)
            record, kept = registry.get(identifier), registry.kept(identifier)
        return LicenseOpener(self.services.vault).file(kept, record.form(form))


@contextmanager
def bench() -> Iterator[Bench]:
    """Set up a node on the embedded default, as ``make demo`` does."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        set_up(Node(home, 8000, {}))
        settings = Settings(home=home, public_url="http://127.0.0.1:8000")
        services = wire(settings)
        try:
            yield Bench(settings, services)
        finally:
            services.close()


def measure(seconds: float) -> dict[str, object]:
    """Measure on one core; return milliseconds and ratios, medians of the rounds."""
    with one_core(), bench() as ours, ParserPool(1, require_isolation=False) as pool:
        peer, only_pdf = Peer(ours), ours.only_pdf()
        sealed = ours.file(ours.issue())
        partner = Verifier(
            bundle_sources(ours.bundle()), pool.parse, load_policy("default"), ours.services.clock
        )
        node = ours.services.verifier
        pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "issue": (lambda: ours.issue_with(only_pdf), peer.issue),
            "issue_three_forms": (ours.issue, peer.issue),
            "verify_as_a_partner": (lambda: partner.verify(sealed), lambda: peer.verify(sealed)),
            "verify_on_own_node": (lambda: node.verify(sealed), lambda: peer.verify(sealed)),
        }
        verdicts = {verifier.verify(sealed).verdict for verifier in (partner, node)}
        if verdicts != {Verdict.VALID} or not peer.verify(sealed):
            raise AssertionError("the file that is measured is not valid for all")
        slice_seconds = seconds / (ROUNDS * 2 * len(pairs))
        return {name: compare(*pair, slice_seconds) for name, pair in pairs.items()}


class Peer:
    """Stock pyHanko with the node's own keys, certificates and face."""

    def __init__(self, ours: Bench) -> None:
        services = ours.services
        planning, drawing = Planning(services.issuance.services), services.issuance.services.drawing
        # As many different licenses as typst forgets between two turns: it remembers what it has
        # laid out lately, and whoever draws one license again and again lets it do nothing.
        plans = [ours.plan(planning) for _ in range(FACES)]
        plan, turns = plans[0], cycle(plans)
        self._draw = lambda: drawing.draw(next(turns).placed, services.clock())
        seal = plan.seals[0].seal
        self._signer = StockSigner(
            seal.certificate, seal.chain, lambda data: services.keys.sign(seal.key_label, data)
        )
        self._picture, self._box = _cut_out(ours.file(ours.issue()), plan.placed.seal_placements[0])
        self._clock = services.clock
        # The root and one CRL, the seal CA's: the least that pyHanko is content with.
        bundle = ours.bundle()
        self._root = bundle.anchors[0].certificate
        subject = read_certificate(seal.chain[0]).subject_der
        self._crl = next(d for d in bundle.crls if read_revocation_list(d).issuer_der == subject)

    def issue(self) -> bytes:
        """Draw, seal, and validate what was sealed."""
        sealed = stock_seal(self._draw(), self._signer, self._picture, self._box)
        if not self.verify(sealed):
            raise AssertionError("pyHanko does not accept its own file")
        return sealed

    def verify(self, sealed: bytes) -> bool:
        """Validate a sealed file."""
        return stock_validate(sealed, self._root, self._crl, self._clock())


def _cut_out(sealed: bytes, place: SealPlacement) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """Return the seal of a page as a picture, 300 dpi, and its box in points from below."""
    page = pypdfium2.PdfDocument(sealed)[0]
    image = page.render(scale=300 / 72).to_pil().convert("RGBA")
    x, y, side = (v * 72 / 25.4 for v in (place.x_mm, place.y_mm, place.width_mm))
    cut = image.crop((*(int(v * 300 / 72) for v in (x, y, x + side, y + side)),))
    top = page.get_height() - y
    return cut, (int(x), int(top - side), int(x + side), int(top))


def compare(
    ours: Callable[[], object], peer: Callable[[], object], seconds: float
) -> dict[str, object]:
    """Run both in turns; return milliseconds each and how many times faster ours is."""
    for _ in range(3):
        ours(), peer()
    rounds = [(_milliseconds(ours, seconds), _milliseconds(peer, seconds)) for _ in range(ROUNDS)]
    return {
        "ours_ms": round(median(a for a, _ in rounds), 2),
        "peer_ms": round(median(b for _, b in rounds), 2),
        "ratio": round(median(b / a for a, b in rounds), 2),
        "aim": 2.0,
    }


def _milliseconds(work: Callable[[], object], seconds: float) -> float:
    """Return wall milliseconds a run: fsync and the parser process count too."""
    done, begun = 0, time.perf_counter()
    while (spent := time.perf_counter() - begun) < seconds:
        work()
        done += 1
    return spent * 1000 / done


@contextmanager
def one_core() -> Iterator[None]:
    """Stay on one core, children included."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)

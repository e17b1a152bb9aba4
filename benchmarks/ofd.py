"""Seal and verify an OFD, on one core, beside the PDF of the same license.

The peer is our own PDF path: no other program in reach seals OFD with SM2, and whoever issues wants
to know what the second form costs. Sealing is the sealing alone, of a face that is drawn;
verifying is what a partner does, from a trust bundle in memory, hop to the parser process included.
"""

from __future__ import annotations

from api.wiring import clock, fonts_of, timestamper_of
from benchmarks.issue_and_verify import Bench, bench, compare, one_core
from license_vault.issuing.plan import Planning
from license_vault.vault import OFD, PDF
from signing.sealing import Sealer
from verification.parser_process import ParserPool
from verification.policy import load_policy
from verification.report import Verdict
from verification.source_bundle import bundle_sources
from verification.verifier import Verifier

ROUNDS = 5


def measure(seconds: float) -> dict[str, object]:
    """Measure on one core; return milliseconds, how many a second, and ratios."""
    slice_seconds = seconds / (ROUNDS * 4)
    with one_core(), bench() as ours, ParserPool(1, require_isolation=False) as pool:
        return {
            "seal_ofd": _with_rate(_seal(ours, slice_seconds)),
            "verify_ofd": _with_rate(_verify(ours, pool, slice_seconds)),
        }


def _seal(ours: Bench, slice_seconds: float) -> dict[str, object]:
    services = ours.services
    plan = ours.plan(Planning(services.issuance.services))
    drawing, seal = services.issuance.services.drawing, plan.seals[0].seal
    ofd, pdf = (draw(plan.placed, plan.at) for draw in (drawing.draw_ofd, drawing.draw))
    (place,) = plan.placed.seal_placements
    sealer = Sealer(
        services.keys,
        timestamper_of(ours.settings, services.keys),
        fonts_of(ours.settings),
        clock,
    )
    return compare(
        lambda: sealer.seal_ofd(ofd, seal, (place,)),
        lambda: sealer.seal_pdf(pdf, seal, place),
        slice_seconds,
    )


def _verify(ours: Bench, pool: ParserPool, slice_seconds: float) -> dict[str, object]:
    identifier = ours.issue()
    ofd, pdf = ours.file(identifier, OFD), ours.file(identifier, PDF)
    partner = Verifier(
        bundle_sources(ours.bundle()), pool.parse, load_policy("default"), ours.services.clock
    )
    if {partner.verify(file).verdict for file in (ofd, pdf)} != {Verdict.VALID}:
        raise AssertionError("the files that are measured are not valid")
    return compare(lambda: partner.verify(ofd), lambda: partner.verify(pdf), slice_seconds)


def _with_rate(found: dict[str, object]) -> dict[str, object]:
    """Say how many a second, and leave out the aim, which is one beside a foreign peer."""
    milliseconds = float(str(found["ours_ms"]))
    return {
        "per_second": round(1000 / milliseconds, 1),
        **{name: value for name, value in found.items() if name != "aim"},
    }

"""What verifiers are told to trust, as a list to look after: what is there, how old, what runs out.

Pure: a bundle and an instant in, lines out. It warns early enough to ask a CA for the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from keys.certificate import Certificate, RevocationList, read_certificate, read_revocation_list
from signing.trust_bundle import TrustBundle

ANCHOR, INTERMEDIATE, REVOCATION_LIST, SIGNER = "anchor", "intermediate", "crl", "signer"
# A new CA certificate takes weeks to get and to hand out.
_CERTIFICATE_NOTICE = timedelta(days=60)
# Lists live for hours or for months: a share of their time, not a number of days.
_LIST_NOTICE = 4


class TrustState(StrEnum):
    """How it stands with a certificate or list at an instant."""

    IN_FORCE = "in force"
    NOT_YET = "not yet"
    ENDING = "ending"
    ENDED = "ended"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class TrustLine:
    """One certificate or list; ``number`` is a serial number in hex or a list's number.

    A CA without a list has a line of kind "crl" whose state is MISSING and that has no instants.
    """

    kind: str
    number: str
    purposes: tuple[str, ...]
    subject: str
    begins: datetime | None
    ends: datetime | None
    state: TrustState


def review(bundle: TrustBundle, at: datetime) -> tuple[TrustLine, ...]:
    """Return a line for every anchor, intermediate and list of a bundle, and for lists missing."""
    purposes = {anchor.certificate: anchor.purposes for anchor in bundle.anchors}
    certificates = [read_certificate(der) for der in (*purposes, *bundle.intermediates)]
    lists = [read_revocation_list(der) for der in bundle.crls]
    return (
        *(_of_certificate(each, purposes.get(each.der, ()), at) for each in certificates),
        *_of_lists(certificates, lists, at),
        *(_of_signer(read_certificate(each.certificate), each.role, at) for each in bundle.signers),
    )


def _of_signer(certificate: Certificate, role: str, at: datetime) -> TrustLine:
    return replace(_of_certificate(certificate, (role,), at), kind=SIGNER)


def _of_certificate(certificate: Certificate, purposes: tuple[str, ...], at: datetime) -> TrustLine:
    notice = certificate.not_after - _CERTIFICATE_NOTICE
    return TrustLine(
        kind=ANCHOR if purposes else INTERMEDIATE,
        number=f"{certificate.serial:x}",
        purposes=purposes,
        subject=certificate.subject,
        begins=certificate.not_before,
        ends=certificate.not_after,
        state=_state(certificate.not_before, certificate.not_after, notice, at),
    )


def _of_lists(
    certificates: list[Certificate], lists: list[RevocationList], at: datetime
) -> Iterator[TrustLine]:
    names = {certificate.subject_der: certificate.subject for certificate in certificates}
    for crl in lists:
        lifetime = crl.next_update - crl.this_update
        notice = crl.next_update - lifetime / _LIST_NOTICE
        yield TrustLine(
            kind=REVOCATION_LIST,
            number="" if crl.number is None else str(crl.number),
            purposes=(),
            subject=names.pop(crl.issuer_der, ""),
            begins=crl.this_update,
            ends=crl.next_update,
            state=_state(crl.this_update, crl.next_update, notice, at),
        )
    for subject in names.values():
        yield TrustLine(REVOCATION_LIST, "", (), subject, None, None, TrustState.MISSING)


def _state(begins: datetime, ends: datetime, notice: datetime, at: datetime) -> TrustState:
    if at < begins:
        return TrustState.NOT_YET
    if at > ends:
        return TrustState.ENDED
    return TrustState.ENDING if at >= notice else TrustState.IN_FORCE

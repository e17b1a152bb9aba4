"""Making seals (制作): the key and its certificate request, then the seal of GB/T 38540.

Steps of ``make``, in one transaction: the seal may be made now, and not by who ordered it anew;
the certificate belongs to this seal, this owner and a key that is here, and its chain leads to an
anchor trusted for seals; the maker makes and verifies it; it is kept, also among all makings;
verifiers are told of the CAs of its chain.
"""

from dataclasses import dataclass, replace

from keys.certificate import Certificate
from keys.certificate_authority import Subject, build_request
from keys.errors import KeyNotFoundError
from keys.sm3 import sm3
from license_vault.seals.acts import ActInHand, SealServices, recorded_act
from license_vault.seals.applications import SealApplicationWriter
from license_vault.seals.certificate_chain import anchor_of, checked_chain
from license_vault.seals.document_sealings import CERTIFICATE_REQUEST, DocumentSealings, NewSealing
from license_vault.seals.errors import SealInvalidError, SealMakerError
from license_vault.seals.holder_seals import HolderSealWriter
from license_vault.seals.life import SealAct, SealState, next_state
from license_vault.seals.making import MadeSeal, WantedSeal
from license_vault.seals.registrar import key_label
from license_vault.seals.registry import SealRecord, chain_text
from license_vault.seals.roles import SealPerson, SealRole
from license_vault.trust.errors import ChainRefusedError
from license_vault.trust.intake import TrustIntake, TrustItem
from license_vault.trust.publication import TrustMaterial
from signing.seal import Seal
from signing.trust_bundle import SEAL_MAKER

_MOST_KEYS = 99
_SEAL = "seal"


@dataclass(frozen=True, slots=True)
class _Finished:
    """A made seal with its key's label, its certificate and the CAs above it."""

    label: str
    certificate: Certificate
    issuers: tuple[Certificate, ...]
    made: MadeSeal


def organization_name(owner_code: str, owner_name: str) -> str:
    """Return the O of a seal certificate: the owner's USCC and its name, nothing between."""
    return f"{owner_code}{owner_name}"


class SealWorkshop:
    """Makes seals. Made once, used by all threads."""

    def __init__(self, services: SealServices) -> None:
        self._services = services

    def request(self, code: str, by: SealPerson) -> bytes:
        """Return a PKCS#10 request (DER) for the seal's newest key, which is made if missing.

        Raises:
            SealStateError: the seal is not waiting to be made.
        """
        return self._request(code, by, len(self._labels(code)) or 1)

    def request_with_new_key(self, code: str, by: SealPerson) -> bytes:
        """Make the seal another key, for the old one leaked or ended, and return a request."""
        return self._request(code, by, len(self._labels(code)) + 1)

    def make(self, code: str, chain: tuple[bytes, ...], by: SealPerson) -> SealRecord:
        """Make a seal with its certificate chain (DER, certificate first).

        Raises:
            SealInvalidError: the certificate is another's, out of its period, or untrusted.
            SamePersonError: ``by`` ordered that it be made anew.
            SealMakerError: the maker cannot sign, or verifiers are not told of it.
            SealStateError: the seal is not waiting to be made.
        """
        services = self._services
        with recorded_act(services, by, "seal.made", code, SealRole.MANAGE) as act:
            record = act.seal(code)
            next_state(code, record.state, SealAct.MAKE)
            if record.state is SealState.REMAKING:
                applications = SealApplicationWriter(act.session)
                applications.decide(record.row_id, SealAct.MAKE, "", by.actor, act.at)
            whole = HolderSealWriter(act.session, services.vault).whole(record)
            certificate, *issuers = self._checked(act, whole, chain)
            label = self._label_of(code, certificate)
            self._require_published_maker(act)
            wanted = WantedSeal(code, record.kind, whole.name, certificate, whole.seal.picture)
            made = services.maker.make(wanted, act.at)
            self._keep(act, record, _Finished(label, certificate, tuple(issuers), made))
            act.details["certificate"] = f"{certificate.serial:x}"
            act.details["ses_sm3"] = sm3(made.ses).hex()
            return act.registrar.get(code)

    # --- the request ---

    def _request(self, code: str, by: SealPerson, number: int) -> bytes:
        services, label = self._services, key_label(code, number)
        with recorded_act(services, by, "seal.certificate-requested", code, SealRole.MANAGE) as act:
            record = act.seal(code)
            next_state(code, record.state, SealAct.MAKE)
            whole = HolderSealWriter(act.session, services.vault).whole(record)
            act.details["key"] = label
            # On record before the key is used: its keeper counts this signature too.
            row = DocumentSealings(act.session).begin(
                NewSealing(
                    seal=record,
                    key_label=label,
                    actor=by.actor,
                    key_mac=services.random_bytes(32),
                    form=CERTIFICATE_REQUEST,
                    document_sm3=sm3(label.encode()),
                    begun_at=act.at,
                )
            )
        signed: list[bytes] = []
        request = self._built(whole.seal, label, signed)
        with services.database.writing() as session:
            DocumentSealings(session).done(row, sm3(signed[0]), sm3(request), services.clock())
        return request

    def _built(self, seal: Seal, label: str, signed: list[bytes]) -> bytes:
        def sign(message: bytes) -> bytes:
            signed.append(message)
            return self._services.keys.sign(label, message)

        point = self._services.make_key(label)
        subject = Subject(seal.code, organization_name(seal.owner_code, seal.owner_name))
        return build_request(subject, point, sign)

    # --- the certificate ---

    def _checked(
        self, act: ActInHand, record: SealRecord, chain: tuple[bytes, ...]
    ) -> tuple[Certificate, ...]:
        """Return a chain that fits the seal, without its anchor."""
        code, seal = record.seal.code, record.seal
        bundle = TrustMaterial(act.session).bundle("", (), act.at)
        try:
            anchor = anchor_of(bundle.anchors, chain, _SEAL)
            if anchor is None:
                raise SealInvalidError(code, "certificate-untrusted")
            certificate, *issuers = checked_chain(chain, anchor, act.at)
        except ChainRefusedError as error:
            raise SealInvalidError(code, _CHAIN_REASONS[error.reason]) from error
        if certificate.common_name != code:
            raise SealInvalidError(code, "certificate-other-seal")
        if not _is_of(certificate, seal):
            raise SealInvalidError(code, "certificate-other-owner")
        if "digitalSignature" not in certificate.key_usages or certificate.is_ca:
            raise SealInvalidError(code, "certificate-usage")
        return (certificate, *(issuer for issuer in issuers if issuer.der != anchor))

    def _labels(self, code: str) -> tuple[str, ...]:
        """Return the labels of the seal's keys that are here, the first one first."""
        found = []
        for number in range(1, _MOST_KEYS + 1):
            try:
                self._services.keys.public_point(key_label(code, number))
            except KeyNotFoundError:
                break
            found.append(key_label(code, number))
        return tuple(found)

    def _label_of(self, code: str, certificate: Certificate) -> str:
        labels = self._labels(code)
        if not labels:
            raise SealInvalidError(code, "key-missing")
        for label in labels:
            if self._services.keys.public_point(label) == certificate.public_point:
                return label
        raise SealInvalidError(code, "key-other")

    # --- the maker, and what is kept ---

    def _require_published_maker(self, act: ActInHand) -> None:
        """Check that verifiers are told of the maker: what they cannot check is not made."""
        maker = self._services.maker.certificate_now(act.at)
        signers = TrustMaterial(act.session).bundle("", (), act.at).signers
        if not any(s.role == SEAL_MAKER and s.certificate == maker.der for s in signers):
            raise SealMakerError("certificate-unpublished")

    def _keep(self, act: ActInHand, record: SealRecord, finished: _Finished) -> None:
        made, code = finished.made, record.seal.code
        holders = HolderSealWriter(act.session, self._services.vault)
        values: dict[str, object] = {"key_label": finished.label}
        if record.holder is None:
            kept = made.ses
            values |= {
                "certificate": finished.certificate.der,
                "chain": chain_text(issuer.der for issuer in finished.issuers),
                "ses": made.ses,
            }
        else:
            kept = holders.sealed_making(record, made.ses)
            own = replace(
                holders.open(record),
                certificate=finished.certificate.der,
                chain=tuple(issuer.der for issuer in finished.issuers),
                ses=made.ses,
            )
            holders.put(record, holders.owner(record), own)
        act.registrar.move(code, SealAct.MAKE, act.at, values)
        act.registrar.record_making(record, kept, made.maker_sm3, act.by.actor, act.at)
        items = tuple(TrustItem(issuer.subject, issuer.der) for issuer in finished.issuers)
        TrustIntake(act.session, act.by.actor, act.at).take(items, ())


def _is_of(certificate: Certificate, seal: Seal) -> bool:
    """Tell whether a certificate names the owner: by USCC, or a person by name."""
    named = seal.owner_code or seal.owner_name
    return named in certificate.organization


_CHAIN_REASONS = {
    "unreadable": "certificate-unreadable",
    "link": "chain",
    "period": "certificate-period",
    "opinions-differ": "opinions-differ",
}

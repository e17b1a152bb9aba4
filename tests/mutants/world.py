"""A small world for tests of verification: a hierarchy, one sealed license, a trust bundle.

The document is made by pikepdf alone (one page, text in boxes), sealed by the real sealer. Valid by
default; a test passes the one thing that deviates::

    world = World()
    world.report()                                  # valid
    world.report(world.sealed(fields={...}))        # another license
    world.report(state=LicenseStatus.CANCELLED)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pikepdf
from mutants.ofd_world import ofd_entries, packed
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from pki import NOW, OWNER_CODE, Pki

from keys.sm3 import sm3
from license_vault.license import (
    CopyDesignation,
    CopyKind,
    Holder,
    HolderKind,
    IssuingAuthority,
    LicenseContent,
    LicenseMark,
    LicenseStatus,
    status_code,
)
from license_vault.license_identifier import compose
from license_vault.license_metadata import (
    canonical,
    claims_of,
    content_id,
    printed_values,
    xmp_elements,
)
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.seal import SealOrder, SealPlacement
from signing.sealed_json.manifest import Manifest, ManifestFile, sign_manifest
from signing.sealed_json.sealing import JsonSealer
from signing.sealing import Sealer
from signing.status_list import StatusListContent, build_status_list
from signing.status_reasons import build_status_reasons
from verification.evidence import (
    AnchorEvidence,
    AuthorityEvidence,
    Evidence,
    SignerEvidence,
    StatusEvidence,
    StatusKind,
    TrustEvidence,
)
from verification.gathering import Parse
from verification.policy import Policy, load_policy
from verification.reading import read_document
from verification.report import VerificationReport
from verification.sources import Sources
from verification.verifier import Verifier

TYPE_CODE = "11100000000013338W001"
AUTHORITY_CODE = "11310114MBDEM0015F"
STATUS_URI = "https://status.example/lists/1"
STATUS_INDEX = 7
PLACED = (
    "type.name",
    "identifier",
    "number",
    "holders.0.name",
    "holders.0.document_number",
    "validity",
    "issued_on",
    "authority.name",
    "fields.gender",
    "fields.employer",
    "fields.registered_professions",
)


@dataclass(frozen=True)
class Glyph:
    """A square, for every character."""

    advance: float = 1.0
    commands: Sequence[tuple[str, tuple[float, ...]]] = (
        ("M", (0.1, 0.0)),
        ("L", (0.9, 0.0)),
        ("L", (0.9, 0.8)),
        ("Z", ()),
    )


class Glyphs:
    def outline(self, character: str) -> Glyph:
        return Glyph()


def content(**deviation: Any) -> LicenseContent:
    """The license of the tests, with one thing changed."""
    usual = LicenseContent(
        identifier=compose(TYPE_CODE, AUTHORITY_CODE, "0A1B2C3D4E5F6G7H", 1).text,
        type_code=TYPE_CODE,
        type_version="v1",
        type_name="二级建造师注册证书",
        authority=IssuingAuthority(AUTHORITY_CODE, "演示市建设委员会", "310114"),
        holders=(Holder(HolderKind.NATURAL_PERSON, "欧阳明玥", "111", "310114199003072841"),),
        copy=CopyDesignation(CopyKind.ORIGINAL),
        number="沪2312023202601024",
        issued_on=date(2026, 3, 16),
        valid_from=date(2026, 3, 16),
        valid_until=date(2029, 3, 15),
        fields={
            "gender": "女性",
            "employer": "演示长风建设工程有限公司",
            "registered_professions": ("建筑工程", "市政公用工程"),
        },
        seals=1,
        status_uri=STATUS_URI,
        status_index=STATUS_INDEX,
        salt=bytes(range(16)),
    )
    return replace(usual, **deviation)


def draw(
    license_: LicenseContent,
    *,
    placed: Sequence[str] = PLACED,
    drawn: Mapping[str, str] | None = None,
    xmp: Mapping[str, str] | None = None,
    claims: bytes | None = None,
    index: bytes | None = None,
    leave_out: Sequence[str] = (),
) -> bytes:
    """Return the unsealed document of a license; ``drawn`` and ``xmp`` put other texts in."""
    encoded = canonical(claims_of(license_)) if claims is None else claims
    texts = {path: printed_values(license_)[path] for path in placed} | dict(drawn or {})
    boxes = {path: (20.0, 20.0 + 10 * row, 170.0, 8.0) for row, path in enumerate(texts)}
    elements = xmp_elements(license_, content_id(encoded)) | dict(xmp or {})
    places = {path: {"page": 1, "box_mm": list(boxes[path]), "text": texts[path]} for path in texts}
    encoded_index = json.dumps(
        {"schema": "license-vault/index/1", "fields": places}, ensure_ascii=False
    ).encode()
    pdf = Pdf.new()
    pdf.add_blank_page(page_size=(595.276, 841.89))
    page = pdf.pages[0]
    page.Resources = Dictionary(Font=Dictionary(F1=_font(pdf)))
    page.Contents = Stream(pdf, _text_operators(texts, boxes))
    files = {"claims.json": encoded, "index.json": encoded_index if index is None else index}
    for name, data in files.items():
        if name not in leave_out:
            _attach(pdf, name, data)
    if "xmp" not in leave_out:
        pdf.Root.Metadata = Stream(pdf, _xmp_packet(elements), Type=Name.Metadata, Subtype=Name.XML)
    output = BytesIO()
    pdf.save(output, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return output.getvalue()


def _font(pdf: Pdf) -> pikepdf.Object:
    """A font without outlines whose codes are UTF-16: enough to be read back."""
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        b"/CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + b"100 beginbfrange\n"
        + b"".join(
            b"<%02X00> <%02XFF> <%02X00>\n" % (high, high, high) for high in range(256)
        ).replace(b"100 ", b"")
        + b"endbfrange endcmap end end"
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/Song"),
        CIDSystemInfo=Dictionary(
            Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
        ),
        FontDescriptor=pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=Name("/Song"),
                Flags=4,
                FontBBox=Array([0, -200, 1000, 800]),
                ItalicAngle=0,
                Ascent=800,
                Descent=-200,
                CapHeight=700,
                StemV=80,
            )
        ),
        DW=1000,
        CIDToGIDMap=Name.Identity,
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/Song"),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=Stream(pdf, to_unicode),
        )
    )


def _text_operators(
    texts: Mapping[str, str], boxes: Mapping[str, tuple[float, float, float, float]]
) -> bytes:
    point = 72 / 25.4
    lines = []
    for path, text in texts.items():
        x, y, _, height = boxes[path]
        left, baseline = (x + 1) * point, 841.89 - (y + height * 0.7) * point
        code = text.encode("utf-16-be").hex().upper()
        lines.append(f"BT /F1 5 Tf 1 0 0 1 {left:.2f} {baseline:.2f} Tm <{code}> Tj ET")
    return "\n".join(lines).encode("ascii")


def _attach(pdf: Pdf, name: str, data: bytes) -> None:
    stream = Stream(pdf, data, Type=Name.EmbeddedFile, Subtype=Name("/application#2Fjson"))
    specification = Dictionary(
        Type=Name.Filespec,
        F=String(name),
        UF=String(name),
        AFRelationship=Name.Data,
        EF=Dictionary(F=pdf.make_indirect(stream)),
    )
    if "/Names" not in pdf.Root:
        pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))
    pdf.Root.Names.EmbeddedFiles.Names.extend([String(name), pdf.make_indirect(specification)])


def _xmp_packet(elements: Mapping[str, str]) -> bytes:
    from xml.sax.saxutils import escape

    inner = "".join(f"<lv:{name}>{escape(text)}</lv:{name}>" for name, text in elements.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:lv="urn:license-vault:metadata:1#">{inner}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


class World:
    """One hierarchy and what is needed to seal and to verify under it."""

    def __init__(self) -> None:
        self.pki = Pki()
        self.seal = self.pki.seal()
        codes = ("11010100000002", "11010100000003")
        self.seals = (self.seal, *map(self.pki.seal, codes))
        self._crls: tuple[bytes, ...] | None = None
        self._sealed: bytes | None = None
        self._sealed_ofd: bytes | None = None
        self._sealed_json: bytes | None = None

    def sealer(self) -> Sealer:
        return Sealer(self.pki.keys, self.pki.timestamper(), Glyphs(), self.pki.clock)

    def put_seal(
        self,
        pdf: bytes,
        seal: Any = None,
        order: SealOrder = SealOrder.SOLE,
        at: int = 0,
        places: int = 1,
    ) -> bytes:
        """Seal a document in its place ``at`` of so many ``places``."""
        placements = [SealPlacement(1, 150 - 45 * place, 200, 42, 42) for place in range(places)]
        later = placements[1:] if order is SealOrder.FIRST else ()
        return self.sealer().seal_pdf(pdf, seal or self.seal, placements[at], order, later)

    def sealed(self, **deviation: Any) -> bytes:
        """A sealed license; without a deviation always the same file."""
        if deviation:
            return self.put_seal(draw(content(**deviation)))
        if self._sealed is None:
            self._sealed = self.put_seal(draw(content()))
        return self._sealed

    def put_seal_ofd(
        self,
        ofd: bytes,
        seal: Any = None,
        order: SealOrder = SealOrder.SOLE,
        places: int = 1,
    ) -> bytes:
        """Seal an OFD once, with its picture in so many places."""
        placements = [SealPlacement(1, 150 - 45 * place, 200, 42, 42) for place in range(places)]
        return self.sealer().seal_ofd(ofd, seal or self.seal, placements, order)

    def drawn_ofd(self, license_: LicenseContent | None = None, **deviation: Any) -> bytes:
        """An unsealed OFD of a license; deviations as ``ofd_entries`` takes them."""
        return packed(ofd_entries(license_ or content(), **({"placed": PLACED} | deviation)))

    def sealed_ofd(self, **deviation: Any) -> bytes:
        """A sealed license as OFD; without a deviation of its content always the same file."""
        if deviation:
            return self.put_seal_ofd(self.drawn_ofd(content(**deviation)))
        if self._sealed_ofd is None:
            self._sealed_ofd = self.put_seal_ofd(self.drawn_ofd())
        return self._sealed_ofd

    def sealed_json(self, *seals: Any, **deviation: Any) -> bytes:
        """A sealed license as JSON; without seals and deviation always the same file."""
        if self._sealed_json is None or seals or deviation:
            claims = canonical(claims_of(content(**deviation)))
            sealer = JsonSealer(self.pki.keys, self.pki.timestamper())
            made = sealer.seal_json(claims, seals or (self.seal,))
            if seals or deviation:
                return made
            self._sealed_json = made
        return self._sealed_json

    def manifest(self, files: Mapping[str, bytes], **deviation: Any) -> bytes:
        """The library's signed manifest of files by their forms; deviations as its fields."""
        listed = tuple(
            ManifestFile(form, f"application/{form}", len(data), sm3(data).hex(), sha256_of(data))
            for form, data in files.items()
        )
        license_ = content()
        usual = Manifest(
            identifier=license_.identifier,
            content_id=content_id(canonical(claims_of(license_))),
            files=listed,
            issued_at=NOW,
        )
        return sign_manifest(
            replace(usual, **deviation),
            SigningIdentity(self.pki.system, (self.pki.seal_ca,)),
            lambda message: self.pki.keys.sign("system", message),
            self.pki.timestamper().timestamp,
        )

    def crls(self) -> tuple[bytes, ...]:
        if self._crls is None:
            self._crls = self.pki.revocation_lists()
        return self._crls

    def trust(self, **deviation: Any) -> TrustEvidence:
        usual = TrustEvidence(
            region="310000",
            issued_at=NOW - timedelta(hours=1),
            anchors=(AnchorEvidence(("seal", "timestamp", "status"), self.pki.root),),
            intermediates=(self.pki.seal_ca, self.pki.tsa_ca),
            revocation_lists=self.crls(),
            authority=AuthorityEvidence(
                AUTHORITY_CODE, "演示市建设委员会", "310114", (OWNER_CODE,)
            ),
            signers=(
                SignerEvidence("seal-maker", self.pki.maker),
                SignerEvidence("system", self.pki.system),
            ),
        )
        return replace(usual, **deviation)

    def status_list(self, state: LicenseStatus | None = LicenseStatus.VALID, **more: Any) -> bytes:
        return self.status_files(state, **more)[0]

    def status_files(
        self,
        state: LicenseStatus | None = LicenseStatus.VALID,
        *,
        marks: tuple[LicenseMark, ...] = (),
        uri: str = STATUS_URI,
        issued_at: datetime = NOW - timedelta(hours=1),
        next_update: datetime = NOW + timedelta(days=1),
        certificate: bytes | None = None,
        label: str = "status",
    ) -> tuple[bytes, bytes]:
        states = bytearray(32)
        states[STATUS_INDEX] = 0 if state is None else status_code(state, marks)
        content = StatusListContent(uri, 5, issued_at, next_update, bytes(states))
        signed = (certificate or self.pki.status, partial(self.pki.keys.sign, label))
        return build_status_list(content, *signed), build_status_reasons(content, *signed)

    def status(
        self, state: LicenseStatus | None = LicenseStatus.VALID, **more: Any
    ) -> StatusEvidence:
        plane, reasons = self.status_files(state, **more)
        return StatusEvidence(StatusKind.SIGNED_LIST, signed_list=plane, signed_reasons=reasons)

    def verifier(
        self,
        *,
        trust: TrustEvidence | None = None,
        status: StatusEvidence | None = None,
        policy: Policy | None = None,
        parse: Parse = read_document,
        now: datetime | None = None,
        second_opinion: Callable[[bytes, bytes, bytes], bool] | None = None,
    ) -> Verifier:
        given = Given(trust or self.trust(), status or self.status())
        return Verifier(
            Sources(given, given),
            parse,
            policy or load_policy("default"),
            lambda: now or NOW,
            second_opinion,
        )

    def report(
        self, data: bytes | None = None, at: datetime | None = None, **deviation: Any
    ) -> VerificationReport:
        """Verify a document, by default the sealed one, with what deviates."""
        if "state" in deviation:
            deviation["status"] = self.status(deviation.pop("state"))
        return self.verifier(**deviation).verify(self.sealed() if data is None else data, at)

    def evidence(self, data: bytes | None = None, **deviation: Any) -> Evidence:
        verifier = self.verifier(**deviation)
        return verifier.verify_with_evidence(self.sealed() if data is None else data)[1]


def sha256_of(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


class Given:
    """Sources that answer what they are given."""

    def __init__(self, trust: TrustEvidence, status: StatusEvidence) -> None:
        self._trust = trust
        self._status = status

    def trust_for(self, authority_code: str | None) -> TrustEvidence:
        known = self._trust.authority
        if known is not None and known.code == authority_code:
            return self._trust
        return replace(self._trust, authority=None)

    def status_of(self, uri: str, index: int, at: datetime) -> StatusEvidence:
        return self._status

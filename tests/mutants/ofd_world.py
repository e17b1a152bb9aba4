"""The OFD and JSON side of the small world: drawn documents as entries, packed, unpacked, changed.

A drawn document is a mapping of entry names (without a leading slash) to bytes, so that a test can
change one entry and pack it again; what is sealed over them then no longer agrees::

    entries = unpacked(world.sealed_ofd())
    entries["Doc_0/Pages/Page_0/Content.xml"] = ...
    world.report(packed(entries))
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

from license_vault.license import LicenseContent
from license_vault.license_metadata import (
    canonical,
    claims_of,
    content_id,
    printed_values,
    xmp_elements,
)
from signing.ofd.zip_writer import pack, write_entries

NAMESPACE = "http://www.ofdspec.org/2016"
PAGE = "Doc_0/Pages/Page_0/Content.xml"
TEMPLATE = "Doc_0/Tpls/Tpl_0/Content.xml"
CLAIMS = "Doc_0/Attachs/claims.json"
TAGS = "Doc_0/Tags/claims.xml"
SIGN = "Doc_0/Signs/Sign_0/"
SIGNATURES = "Doc_0/Signs/Signatures.xml"
DESCRIPTION, VALUE, SEAL_FILE = f"{SIGN}Signature.xml", f"{SIGN}SignedValue.dat", f"{SIGN}Seal.esl"
_XMLNS = f'xmlns:ofd="{NAMESPACE}"'
_FONT, _FIRST_OBJECT = 3, 10


def ofd_entries(
    license_: LicenseContent,
    *,
    placed: Sequence[str],
    drawn: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
    claims: bytes | None = None,
    leave_out: Sequence[str] = (),
) -> dict[str, bytes]:
    """Return the entries of an unsealed document; ``drawn``, ``metadata`` put other texts in."""
    encoded = canonical(claims_of(license_)) if claims is None else claims
    texts = {path: printed_values(license_)[path] for path in placed} | dict(drawn or {})
    elements = xmp_elements(license_, content_id(encoded)) | dict(metadata or {})
    written = {
        "OFD.xml": _main(elements),
        "Doc_0/Document.xml": _document(_FIRST_OBJECT + len(texts)),
        "Doc_0/PublicRes.xml": _RESOURCES,
        PAGE: _page(texts),
        TEMPLATE: _TEMPLATE_PAGE,
        "Doc_0/Attachs/Attachments.xml": _ATTACHMENTS,
        CLAIMS: encoded,
        "Doc_0/Tags/CustomTags.xml": _CUSTOM_TAGS,
        TAGS: _claims_tags(texts),
    }
    return {name: data for name, data in written.items() if name not in leave_out}


def packed(entries: Mapping[str, bytes]) -> bytes:
    """Return the package of entries, in their order."""
    return write_entries([pack(name, data) for name, data in entries.items()])


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the entries of a package that we made."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def with_entry(data: bytes, name: str, content: bytes) -> bytes:
    """Return a package with one entry changed or added."""
    return packed(unpacked(data) | {name: content})


def _main(elements: Mapping[str, str]) -> bytes:
    custom = "".join(
        f"<ofd:CustomData Name={quoteattr(name)}>{escape(text)}</ofd:CustomData>"
        for name, text in elements.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {_XMLNS} Version="1.2" DocType="OFD">'
        "<ofd:DocBody><ofd:DocInfo><ofd:DocID>00112233445566778899aabbccddeeff</ofd:DocID>"
        f"<ofd:CustomDatas>{custom}</ofd:CustomDatas></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    ).encode()


def _document(last: int) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:Document {_XMLNS}><ofd:CommonData>'
        f"<ofd:MaxUnitID>{last}</ofd:MaxUnitID>"
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
        '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>'
        '<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>'
        "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
        "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>"
    ).encode()


def _page(texts: Mapping[str, str]) -> bytes:
    objects = "".join(
        f'<ofd:TextObject ID="{identifier}" Boundary="20 {20 + 10 * row} 180 8" Font="{_FONT}"'
        f' Size="2"><ofd:TextCode X="0" Y="5" DeltaX="g {max(len(text) - 1, 1)} 2">'
        f"{escape(text)}</ofd:TextCode></ofd:TextObject>"
        for row, (identifier, text) in enumerate(enumerate(texts.values(), _FIRST_OBJECT))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:Page {_XMLNS}>'
        '<ofd:Template TemplateID="2" ZOrder="Background"/><ofd:Content>'
        f'<ofd:Layer ID="5" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    ).encode()


def _claims_tags(texts: Mapping[str, str]) -> bytes:
    claims = "".join(
        f"<lv:Claim path={quoteattr(path)}>"
        f'<ofd:ObjectRef PageRef="1">{identifier}</ofd:ObjectRef></lv:Claim>'
        for identifier, path in enumerate(texts, _FIRST_OBJECT)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<lv:Claims xmlns:lv="urn:license-vault:claims-index:1" {_XMLNS}>{claims}</lv:Claims>'
    ).encode()


_RESOURCES = (
    f'<ofd:Res {_XMLNS} BaseLoc="Res"><ofd:Fonts>'
    f'<ofd:Font ID="{_FONT}" FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>'
).encode()
_TEMPLATE_PAGE = (
    f'<ofd:Page {_XMLNS}><ofd:Content><ofd:Layer ID="6" Type="Background">'
    '<ofd:PathObject ID="7" Boundary="10 10 190 277" LineWidth="0.35">'
    "<ofd:AbbreviatedData>M 0 0 L 190 0 L 190 277 L 0 277 C</ofd:AbbreviatedData>"
    "</ofd:PathObject></ofd:Layer></ofd:Content></ofd:Page>"
).encode()
_ATTACHMENTS = (
    f'<ofd:Attachments {_XMLNS}><ofd:Attachment ID="8" Name="claims.json" Format="json">'
    "<ofd:FileLoc>claims.json</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
).encode()
_CUSTOM_TAGS = (
    f'<ofd:CustomTags {_XMLNS}><ofd:CustomTag TypeID="claims">'
    "<ofd:FileLoc>claims.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>"
).encode()

"""The small license that the published seals and mutants are made of: its claims and its OFD files.

A whole license as the presses write it (template, page, embedded font, picture, tags, attachments),
but of a few hundred bytes each, so that hundreds of copies can be kept. Nothing in it is anybody
else's: the embedded font is seven bars a digit, drawn here; Chinese text names 宋体 and embeds
nothing. People, numbers and addresses are invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pki import OWNER_CODE, OWNER_NAME, red_square_png

from license_vault.license import (
    CopyDesignation,
    CopyKind,
    Holder,
    HolderKind,
    IssuingAuthority,
    LicenseContent,
)
from license_vault.license_identifier import compose
from license_vault.license_metadata import (
    canonical,
    claims_of,
    content_id,
    printed_values,
    xmp_elements,
)

TYPE_CODE = "11310000MBDEM00076002"
STATUS_URI = "https://licenses.qinghe.example/v1/status-lists/1"
STATUS_INDEX = 7
OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'
INDEX = "urn:license-vault:claims-index:1"
PAGE_ID, TEMPLATE_ID, DIGITS_ID, SONG_ID, EMBLEM_ID = 1, 2, 3, 4, 5
_FIRST_TEXT = 20
_NUMBER = "20260001234"
_PLACED = (
    "identifier",
    "number",
    "holders.0.name",
    "fields.address",
    "validity",
    "issued_on",
    "authority.name",
)
# Which bars of a seven-bar display a digit lights: top, upper pair, middle, lower pair, bottom.
_BARS = ("abcefg", "cf", "acdeg", "acdfg", "bcdf", "abdfg", "abdefg", "acf", "abcdefg", "abcdfg")
_BAR_BOXES = {
    "a": (80, 640, 420, 700),
    "b": (60, 380, 120, 660),
    "c": (380, 380, 440, 660),
    "d": (80, 320, 420, 380),
    "e": (60, 40, 120, 320),
    "f": (380, 40, 440, 320),
    "g": (80, 0, 420, 60),
}


def license_content(**changes: Any) -> LicenseContent:
    """The license, with what shall be different."""
    made = LicenseContent(
        identifier=compose(TYPE_CODE, OWNER_CODE, "0A1B2C3D4E5F6G7H", 1).text,
        type_code=TYPE_CODE,
        type_version="v1",
        type_name="公共场所卫生许可证",
        authority=IssuingAuthority(OWNER_CODE, OWNER_NAME, "110101"),
        holders=(Holder(HolderKind.LEGAL_PERSON, "清河浴室（演示）", "001", "91310114MADEM0038G"),),
        copy=CopyDesignation(CopyKind.ORIGINAL),
        number=_NUMBER,
        issued_on=date(2026, 3, 16),
        valid_from=date(2026, 3, 16),
        valid_until=date(2034, 3, 15),
        fields={"address": "清河市演示街八号"},
        seals=1,
        status_uri=STATUS_URI,
        status_index=STATUS_INDEX,
        salt=bytes(range(16)),
    )
    return replace(made, **changes)


def claims_bytes(license_: LicenseContent) -> bytes:
    """The claims as they are attached."""
    return canonical(claims_of(license_))


def ofd_files(license_: LicenseContent) -> dict[str, bytes]:
    """The entries of the unsealed OFD by absolute name, in the order of the package."""
    texts = _texts(license_)
    return {
        "/OFD.xml": xml(_main(license_)),
        "/Doc_0/Document.xml": xml(_DOCUMENT),
        "/Doc_0/PublicRes.xml": xml(_RESOURCES),
        "/Doc_0/Tpls/Tpl_0/Content.xml": xml(_template(license_)),
        "/Doc_0/Pages/Page_0/Content.xml": xml(_page(texts)),
        "/Doc_0/Tags/CustomTags.xml": xml(_TAGS),
        "/Doc_0/Tags/claims.xml": xml(_claims_tag(texts)),
        "/Doc_0/Attachs/Attachments.xml": xml(_ATTACHMENTS),
        "/Doc_0/Attachs/claims.json": claims_bytes(license_),
        "/Doc_0/Res/digits.ttf": digits_font(),
        "/Doc_0/Res/emblem.png": red_square_png(8),
    }


def plain_files(license_: LicenseContent) -> dict[str, bytes]:
    """The same without template, resources and what they name: for faults of the package alone."""
    files = ofd_files(license_)
    document = _DOCUMENT.replace(_RESOURCE_FILE, "").replace(_TEMPLATE_PAGE, "")
    page = page_xml(_objects(_texts(license_)), None)
    kept = {name: data for name, data in files.items() if name.split("/")[2:][:1] in _PLAIN}
    return {
        "/OFD.xml": files["/OFD.xml"],
        "/Doc_0/Document.xml": xml(document),
        "/Doc_0/Pages/Page_0/Content.xml": xml(page),
        **kept,
    }


def _texts(license_: LicenseContent) -> dict[str, str]:
    values = printed_values(license_)
    return {path: values[path] for path in _PLACED}


def xml(content: str) -> bytes:
    """An XML file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{content}'.encode()


def text_object(identifier: int, line: int, text: str, font: int = SONG_ID) -> str:
    """A text on a line of the page; narrow characters stand close."""
    advance = 2.2 if text.isascii() else 4
    more = f' DeltaX="g {len(text) - 1} {advance}"' if len(text) > 1 else ""
    return (
        f'<ofd:TextObject ID="{identifier}" Boundary="20 {20 + 10 * line} 185 8" Font="{font}"'
        f' Size="4"><ofd:TextCode X="0" Y="6"{more}>{escape(text)}</ofd:TextCode></ofd:TextObject>'
    )


def page_xml(objects: str, template: int | None = TEMPLATE_ID) -> str:
    """A page of these objects, upon a template or on nothing."""
    under = "" if template is None else f'<ofd:Template TemplateID="{template}"/>'
    return (
        f'<ofd:Page {OFD}>{under}<ofd:Content><ofd:Layer ID="11" Type="Body">{objects}</ofd:Layer>'
        "</ofd:Content></ofd:Page>"
    )


def _main(license_: LicenseContent) -> str:
    identity = content_id(claims_bytes(license_))
    metadata = "".join(
        f'<ofd:CustomData Name="{name}">{escape(text)}</ofd:CustomData>'
        for name, text in xmp_elements(license_, identity).items()
    )
    return (
        f'<ofd:OFD {OFD} Version="1.2" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{identity[:32]}</ofd:DocID><ofd:CustomDatas>{metadata}</ofd:CustomDatas>"
        "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )


_RESOURCE_FILE = "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
_TEMPLATE_PAGE = (
    f'<ofd:TemplatePage ID="{TEMPLATE_ID}" ZOrder="Background" BaseLoc="Tpls/Tpl_0/Content.xml"/>'
)
_PLAIN = (["Tags"], ["Attachs"])
_DOCUMENT = (
    f"<ofd:Document {OFD}><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea>"
    f"<ofd:PhysicalBox>0 0 210 150</ofd:PhysicalBox></ofd:PageArea>{_RESOURCE_FILE}{_TEMPLATE_PAGE}"
    f'</ofd:CommonData><ofd:Pages><ofd:Page ID="{PAGE_ID}" BaseLoc="Pages/Page_0/Content.xml"/>'
    "</ofd:Pages><ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
    "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>"
)
_RESOURCES = (
    f'<ofd:Res {OFD} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="{DIGITS_ID}" FontName="Bars"'
    ' FamilyName="Bars"><ofd:FontFile>digits.ttf</ofd:FontFile></ofd:Font>'
    f'<ofd:Font ID="{SONG_ID}" FontName="宋体" FamilyName="宋体"/></ofd:Fonts>'
    f'<ofd:MultiMedias><ofd:MultiMedia ID="{EMBLEM_ID}" Type="Image" Format="PNG">'
    "<ofd:MediaFile>emblem.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"
)
_TAGS = (
    f'<ofd:CustomTags {OFD}><ofd:CustomTag TypeID="{INDEX}">'
    "<ofd:FileLoc>/Doc_0/Tags/claims.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>"
)
_ATTACHMENTS = (
    f'<ofd:Attachments {OFD}><ofd:Attachment ID="claims" Name="claims.json" Format="json">'
    "<ofd:FileLoc>/Doc_0/Attachs/claims.json</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
)


def _template(license_: LicenseContent) -> str:
    emblem = (
        f'<ofd:ImageObject ID="12" ResourceID="{EMBLEM_ID}" Boundary="5 5 12 12"'
        ' CTM="12 0 0 12 0 0"/>'
    )
    return page_xml(text_object(13, -1, license_.type_name) + emblem, None)


def _page(texts: Mapping[str, str]) -> str:
    return page_xml(_objects(texts))


def _objects(texts: Mapping[str, str]) -> str:
    return "".join(
        text_object(_FIRST_TEXT + line, line, text, DIGITS_ID if path == "number" else SONG_ID)
        for line, (path, text) in enumerate(texts.items())
    )


def _claims_tag(texts: Mapping[str, str]) -> str:
    claims = "".join(
        f'<lv:Claim path="{path}"><ofd:ObjectRef PageRef="{PAGE_ID}">{_FIRST_TEXT + line}'
        "</ofd:ObjectRef></lv:Claim>"
        for line, path in enumerate(texts)
    )
    return f'<lv:Claims xmlns:lv="{INDEX}" {OFD}>{claims}</lv:Claims>'


@cache
def digits_font() -> bytes:
    """A TrueType font of the digits of the number, made of bars: the same bytes every time."""
    digits = sorted(set(_NUMBER))
    names = [f"digit{digit}" for digit in digits]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap(dict(zip(map(ord, digits), names, strict=True)))
    drawn = {name: _bars(_BARS[int(digit)]) for name, digit in zip(names, digits, strict=True)}
    builder.setupGlyf({".notdef": _bars(""), **drawn})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (500, 60)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Bars", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    output = BytesIO()
    builder.save(output)
    return output.getvalue()


def _bars(bars: str) -> Any:
    pen = TTGlyphPen(None)
    for bar in bars:
        left, bottom, right, top = _BAR_BOXES[bar]
        pen.moveTo((left, bottom))
        for point in ((left, top), (right, top), (right, bottom)):
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()

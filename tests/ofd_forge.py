"""Small OFD documents as files by name, so that each can be changed: for tests of the reader.

The digests in the signature are right; the value is any bytes, since reading verifies nothing.
"""

import base64
from collections.abc import Callable, Mapping
from types import MappingProxyType

from zip_forge import package

from keys.sm3 import sm3

Files = dict[str, str | bytes]
Change = Callable[[Files], None]

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
SIGNATURES = "/Doc_0/Signs/Signatures.xml"
SIGNATURE = "/Doc_0/Signs/Sign_0/Signature.xml"
VALUE = "/Doc_0/Signs/Sign_0/SignedValue.dat"
SEAL = "/Doc_0/Signs/Sign_0/Seal.esl"
PAGE = "/Doc_0/Pages/Page_0/Content.xml"
TEMPLATE = "/Doc_0/Tpls/Tpl_0/Content.xml"
TAG = "/Doc_0/Tags/claims.xml"

_TEXT = (
    '<ofd:TextObject ID="{id}" Boundary="20 {y} 80 6" Font="3" Size="4">'
    '<ofd:TextCode X="0" Y="4" DeltaX="g {n} 4">{text}</ofd:TextCode></ofd:TextObject>'
)


def text_object(identifier: int, y: int, text: str) -> str:
    """A text object of one line, four millimetres a character."""
    return _TEXT.format(id=identifier, y=y, n=max(len(text) - 1, 0), text=text)


UNSEALED: Mapping[str, str | bytes] = MappingProxyType(
    {
        "/OFD.xml": f'<ofd:OFD {NS} Version="1.2" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        "<ofd:DocID>00000000000000000000000000000001</ofd:DocID><ofd:CustomDatas>"
        '<ofd:CustomData Name="ZZBS">1.2.156.3005.2</ofd:CustomData>'
        '<ofd:CustomData Name="contentId">abc</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo>'
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        f"<ofd:Signatures>{SIGNATURES}</ofd:Signatures></ofd:DocBody></ofd:OFD>",
        "/Doc_0/Document.xml": f"<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>30"
        "</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
        "</ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
        "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
        '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml" ZOrder="Background"/>'
        '</ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>'
        "</ofd:Pages><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>"
        "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
        "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>",
        "/Doc_0/PublicRes.xml": f'<ofd:Res {NS} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" '
        'FontName="宋体" FamilyName="宋体"><ofd:FontFile>font_3.otf</ofd:FontFile></ofd:Font>'
        "</ofd:Fonts></ofd:Res>",
        "/Doc_0/Res/font_3.otf": b"OTTO",
        "/Doc_0/DocumentRes.xml": f'<ofd:Res {NS} BaseLoc="Res"><ofd:MultiMedias>'
        '<ofd:MultiMedia ID="4" Type="Image" Format="PNG"><ofd:MediaFile>photo.png'
        "</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
        "/Doc_0/Res/photo.png": b"\x89PNG",
        TEMPLATE: f'<ofd:Page {NS}><ofd:Content><ofd:Layer ID="10" Type="Background">'
        f"{text_object(11, 10, '营业执照')}</ofd:Layer></ofd:Content></ofd:Page>",
        PAGE: f'<ofd:Page {NS}><ofd:Template TemplateID="2" ZOrder="Background"/><ofd:Content>'
        f'<ofd:Layer ID="20" Type="Body">{text_object(21, 30, "张三")}'
        f"{text_object(22, 40, '上海市')}{text_object(23, 46, '嘉定区')}"
        '<ofd:PathObject ID="24" Boundary="20 60 100 1" LineWidth="0.2"><ofd:AbbreviatedData>'
        "M 0 0.5 L 100 0.5</ofd:AbbreviatedData></ofd:PathObject>"
        '<ofd:ImageObject ID="25" ResourceID="4" Boundary="150 20 30 40" CTM="30 0 0 40 0 0"/>'
        "</ofd:Layer></ofd:Content></ofd:Page>",
        "/Doc_0/Annots/Annotations.xml": f'<ofd:Annotations {NS}><ofd:Page PageID="1">'
        "<ofd:FileLoc>Page_0/Annotation.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>",
        "/Doc_0/Annots/Page_0/Annotation.xml": f'<ofd:PageAnnot {NS}><ofd:Annot ID="26" '
        'Type="Watermark"><ofd:Appearance Boundary="0 0 210 297">'
        f"{text_object(27, 100, '演示')}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>",
        "/Doc_0/Tags/CustomTags.xml": f'<ofd:CustomTags {NS}><ofd:CustomTag TypeID="claims">'
        "<ofd:FileLoc>claims.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>",
        TAG: f'<lv:Claims xmlns:lv="urn:license-vault:claims-index:1" {NS}>'
        '<lv:Claim path="holders.0.name"><ofd:ObjectRef PageRef="1">21</ofd:ObjectRef></lv:Claim>'
        '<lv:Claim path="fields.address"><ofd:ObjectRef PageRef="1">22</ofd:ObjectRef>'
        '<ofd:ObjectRef PageRef="1">23</ofd:ObjectRef></lv:Claim></lv:Claims>',
        "/Doc_0/Attachs/Attachments.xml": f'<ofd:Attachments {NS}><ofd:Attachment ID="28" '
        'Name="claims" Format="json"><ofd:FileLoc>claims.json</ofd:FileLoc></ofd:Attachment>'
        '<ofd:Attachment ID="29" Name="index" Format="json"><ofd:FileLoc>index.json'
        "</ofd:FileLoc></ofd:Attachment></ofd:Attachments>",
        "/Doc_0/Attachs/claims.json": b'{"schema":"claims"}',
        "/Doc_0/Attachs/index.json": b"{}",
    }
)


def octets(content: str | bytes) -> bytes:
    """A file's bytes."""
    return content.encode() if isinstance(content, str) else content


def reference(path: str, content: str | bytes) -> str:
    """A Reference with the right digest."""
    value = base64.b64encode(sm3(octets(content))).decode()
    return (
        f'<ofd:Reference FileRef="{path}"><ofd:CheckValue>{value}</ofd:CheckValue></ofd:Reference>'
    )


def signature_xml(files: Mapping[str, str | bytes]) -> str:
    """A description of type Seal that protects these files."""
    references = "".join(reference(path, content) for path, content in files.items())
    return (
        f'<ofd:Signature {NS}><ofd:SignedInfo><ofd:Provider ProviderName="License Vault" '
        'Company="Demo" Version="1"/><ofd:SignatureMethod>1.2.156.10197.1.501'
        "</ofd:SignatureMethod><ofd:SignatureDateTime>20260320040000Z</ofd:SignatureDateTime>"
        f'<ofd:References CheckMethod="1.2.156.10197.1.401">{references}</ofd:References>'
        '<ofd:StampAnnot ID="1" PageRef="1" Boundary="150 230 42 42"/>'
        f"<ofd:Seal><ofd:BaseLoc>{SEAL}</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>"
        f"<ofd:SignedValue>{VALUE}</ofd:SignedValue></ofd:Signature>"
    )


def sealed_files() -> Files:
    """All files of a document that is covered by one seal, Signatures.xml included."""
    files: Files = {
        **UNSEALED,
        SEAL: b"seal",
        SIGNATURES: f"<ofd:Signatures {NS}><ofd:MaxSignId>1</ofd:MaxSignId>"
        f'<ofd:Signature ID="1" Type="Seal" BaseLoc="{SIGNATURE}"/></ofd:Signatures>',
    }
    return {**files, SIGNATURE: signature_xml(files), VALUE: b"value"}


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """The package of files."""
    return package({name: octets(content) for name, content in files.items()})


def swap(path: str, old: str, new: str) -> Change:
    """Replace the first occurrence of a text in a file."""

    def change(files: Files) -> None:
        text = files[path]
        assert isinstance(text, str)
        assert old in text
        files[path] = text.replace(old, new, 1)

    return change


def put(path: str, content: str | bytes) -> Change:
    """Put a file, new or over another."""
    return lambda files: files.update({path: content})


def drop(path: str) -> Change:
    """Take a file away."""
    return lambda files: files.pop(path) and None


def both(*changes: Change) -> Change:
    """Make several changes."""

    def change(files: Files) -> None:
        for each in changes:
            each(files)

    return change


def changed(change: Change) -> bytes:
    """The sealed document with a change."""
    files = sealed_files()
    change(files)
    return packed(files)


def in_signature(old: str, new: str) -> Change:
    """Replace a text in the description of the signature."""
    return swap(SIGNATURE, old, new)


def after(path: str, mark: str, more: str) -> Change:
    """Insert a text behind another."""
    return swap(path, mark, mark + more)


def before(path: str, mark: str, more: str) -> Change:
    """Insert a text before another."""
    return swap(path, mark, more + mark)

"""The structure of an OFD: what decides what is shown is known, and what is odd is named."""

import os
from pathlib import Path

import pytest
from ofd_forge import (
    NS,
    PAGE,
    SEAL,
    SIGNATURE,
    SIGNATURES,
    TAG,
    TEMPLATE,
    UNSEALED,
    VALUE,
    Change,
    after,
    before,
    both,
    changed,
    drop,
    packed,
    put,
    sealed_files,
    swap,
    text_object,
)

from keys.sm3 import sm3
from signing.errors import UnreadableDocumentError
from signing.ofd.package import open_package
from signing.ofd.reader import read_ofd, read_ofd_with_texts
from signing.ses.signature import read_ses_signature

MAIN, DOCUMENT = "/OFD.xml", "/Doc_0/Document.xml"
ATTACHMENTS = "/Doc_0/Attachs/Attachments.xml"
ANNOTATIONS = "/Doc_0/Annots/Annotations.xml"
LISTED = f'<ofd:Signature ID="1" Type="Seal" BaseLoc="{SIGNATURE}"/>'
NEW = "/Doc_0/new.xml"
SECOND_BODY = "<ofd:DocBody><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody>"
VERSIONS = (
    '<ofd:Versions><ofd:Version ID="1" Current="true" BaseLoc="Doc_0/Versions/V1.xml"/>'
    "{}</ofd:Versions>"
)
VERSION_FILE = (
    f'<ofd:DocVersion {NS} ID="1"><ofd:FileList/><ofd:DocRoot>/Doc_0/{{}}</ofd:DocRoot>'
    "</ofd:DocVersion>"
)
MORE_ATTACHED = (
    '<ofd:Attachment ID="40" Name="x"><ofd:FileLoc>{}</ofd:FileLoc></ofd:Attachment>'.format
)

DOCUMENT_PROBLEMS: dict[str, tuple[str, Change]] = {
    # the list of signatures (O8)
    "a list that is not there": ("signatures-missing", drop(SIGNATURES)),
    "two lists": (
        "element-twice",
        after(MAIN, "</ofd:Signatures>", "<ofd:Signatures>/x.xml</ofd:Signatures>"),
    ),
    "an id twice": (
        "signature-id-twice",
        after(SIGNATURES, LISTED, LISTED.replace("Sign_0", "Sign_1")),
    ),
    "a description twice": (
        "signature-path-twice",
        after(SIGNATURES, LISTED, LISTED.replace('ID="1"', 'ID="2"')),
    ),
    "a description twice by another case": (
        "signature-path-twice",
        after(SIGNATURES, LISTED, LISTED.replace('ID="1"', 'ID="2"').replace("Sign_0", "sign_0")),
    ),
    "a description that is not there": ("signature-missing", drop(SIGNATURE)),
    "a signature without a place": (
        "signature-missing",
        swap(SIGNATURES, f' BaseLoc="{SIGNATURE}"', ""),
    ),
    "a signature without an id": ("signature-without-id", swap(SIGNATURES, 'ID="1" ', "")),
    "a signature of a foreign namespace": (
        "foreign-element",
        after(SIGNATURES, LISTED, '<x:Signature xmlns:x="urn:x"/>'),
    ),
    "two highest ids": (
        "max-sign-id-twice",
        after(SIGNATURES, "</ofd:MaxSignId>", "<ofd:MaxSignId>2</ofd:MaxSignId>"),
    ),
    "two signatures with one value": (
        "signed-value-shared",
        both(
            after(
                SIGNATURES, LISTED, LISTED.replace('ID="1"', 'ID="2"').replace("Sign_0", "Sign_1")
            ),
            lambda files: files.update({SIGNATURE.replace("Sign_0", "Sign_1"): files[SIGNATURE]}),
        ),
    ),
    # the structure (O4)
    "two documents": ("several-documents", before(MAIN, "</ofd:OFD>", SECOND_BODY)),
    "two roots": (
        "element-twice",
        after(MAIN, "</ofd:DocRoot>", "<ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot>"),
    ),
    "a root of a foreign namespace": (
        "foreign-element",
        before(MAIN, "<ofd:DocRoot>", '<x:DocRoot xmlns:x="urn:x">x</x:DocRoot>'),
    ),
    "two versions": (
        "several-versions",
        both(
            before(MAIN, "</ofd:DocBody>", VERSIONS.format('<ofd:Version ID="2" BaseLoc="x"/>')),
            put("/Doc_0/Versions/V1.xml", VERSION_FILE.format("Document.xml")),
        ),
    ),
    "a version of another document": (
        "version-of-another-document",
        both(
            before(MAIN, "</ofd:DocBody>", VERSIONS.format("")),
            put("/Doc_0/Versions/V1.xml", VERSION_FILE.format("Document_1.xml")),
        ),
    ),
    "a version that is not there": (
        "version-missing",
        before(MAIN, "</ofd:DocBody>", VERSIONS.format("")),
    ),
    "an encrypted package": ("encrypted", put("/Encryptions.xml", "<x/>")),
    "metadata twice": (
        "metadata-twice",
        after(MAIN, "<ofd:CustomDatas>", '<ofd:CustomData Name="contentId">other</ofd:CustomData>'),
    ),
    "metadata in pieces": ("metadata-not-text", swap(MAIN, ">abc<", ">a<!-- -->bc<")),
    "pages twice": ("element-twice", after(DOCUMENT, "</ofd:Pages>", "<ofd:Pages/>")),
    "a page id twice": (
        "page-id-twice",
        before(DOCUMENT, "</ofd:Pages>", f'<ofd:Page ID="1" BaseLoc="{TEMPLATE}"/>'),
    ),
    "a page that is not there": (
        "page-missing",
        before(DOCUMENT, "</ofd:Pages>", '<ofd:Page ID="9" BaseLoc="Pages/Page_9/Content.xml"/>'),
    ),
    "a page without a place": (
        "page-missing",
        before(DOCUMENT, "</ofd:Pages>", '<ofd:Page ID="9"/>'),
    ),
    "a template that is not there": ("template-missing", drop(TEMPLATE)),
    "a template id twice": (
        "template-id-twice",
        before(DOCUMENT, "</ofd:CommonData>", f'<ofd:TemplatePage ID="2" BaseLoc="{PAGE}"/>'),
    ),
    "a page out of the package": (
        "path-outside",
        before(DOCUMENT, "</ofd:Pages>", '<ofd:Page ID="9" BaseLoc="../../../Content.xml"/>'),
    ),
    "a page by dots": ("path-with-dots", swap(DOCUMENT, '"Pages/Page_0', '"Tpls/../Pages/Page_0')),
    "a page of a foreign namespace": (
        "foreign-element",
        before(DOCUMENT, "</ofd:Pages>", '<x:Page xmlns:x="urn:x"/>'),
    ),
    "a page of no size": ("page-size-invalid", swap(DOCUMENT, "0 0 210 297", "0 0 0 297")),
    "a resource id twice": (
        "resource-id-twice",
        swap("/Doc_0/DocumentRes.xml", 'ID="4"', 'ID="3"'),
    ),
    "an attachment twice": (
        "attachment-twice",
        both(
            before(
                ATTACHMENTS,
                "</ofd:Attachments>",
                MORE_ATTACHED("more/claims.json"),
            ),
            put("/Doc_0/Attachs/more/claims.json", b"{}"),
        ),
    ),
    "an attachment beside the claims": (
        "attachment-unexpected",
        both(
            before(
                ATTACHMENTS,
                "</ofd:Attachments>",
                MORE_ATTACHED("x.bin"),
            ),
            put("/Doc_0/Attachs/x.bin", b"x"),
        ),
    ),
    # the claims and their texts
    "a claim twice": (
        "claims-index-path-twice",
        before(TAG, "</lv:Claims>", '<lv:Claim path="holders.0.name"/>'),
    ),
    "a claim without a path": ("claims-index-invalid", before(TAG, "</lv:Claims>", "<lv:Claim/>")),
    "a claim of no object": ("claims-index-object-missing", swap(TAG, ">21<", ">99<")),
    "a claim on no page": ("claims-index-object-missing", swap(TAG, 'PageRef="1"', 'PageRef="8"')),
    "an object id twice": (
        "object-id-twice",
        before(PAGE, "</ofd:Layer>", text_object(21, 80, "李四")),
    ),
    "an object id of the template": ("object-id-twice", swap(TEMPLATE, 'ID="11"', 'ID="21"')),
    "text in pieces": ("text-interrupted", swap(PAGE, ">张三<", ">张<!-- -->三<")),
}

DOCUMENT_DEVIATIONS: dict[str, tuple[str, Change]] = {
    "a highest id that is no number": ("max-sign-id-odd", swap(SIGNATURES, ">1<", ">s006<")),
    "a highest id that is not the highest": ("max-sign-id-odd", swap(SIGNATURES, ">1<", ">0<")),
    "another document type": ("document-type-unknown", swap(MAIN, 'DocType="OFD"', 'DocType="X"')),
    "one version of the same document": (
        "version-list",
        both(
            before(MAIN, "</ofd:DocBody>", VERSIONS.format("")),
            put("/Doc_0/Versions/V1.xml", VERSION_FILE.format("Document.xml")),
        ),
    ),
    "a page of another case": ("path-case-differs", swap(DOCUMENT, "Pages/Page_0", "PAGES/page_0")),
    "a page from the root without a slash": (
        "path-from-root",
        swap(DOCUMENT, "Pages/Page_0", "Doc_0/Pages/Page_0"),
    ),
    "a doubled slash": ("path-not-normal", swap(DOCUMENT, "Pages/Page_0", "Pages//Page_0")),
    "resources that are not there": ("resources-missing", drop("/Doc_0/DocumentRes.xml")),
    "a font that is not there": ("file-missing", drop("/Doc_0/Res/font_3.otf")),
    "an annotation of no page": (
        "annotation-of-no-page",
        swap(ANNOTATIONS, 'PageID="1"', 'PageID="7"'),
    ),
    "a tag file that is not XML": ("tag-file-unreadable", put(TAG, "<Claims><open></Claims>")),
    "a resource without an id": (
        "resource-without-id",
        swap("/Doc_0/DocumentRes.xml", 'ID="4" ', ""),
    ),
}


def test_a_document_as_we_write_it_has_neither_problems_nor_deviations() -> None:
    content, texts = read_ofd_with_texts(packed(sealed_files()))
    (seal,) = content.seals
    assert (content.problems, content.deviations) == ((), ())
    assert (seal.problems, seal.deviations) == ((), ())
    assert content.unreferenced == ()
    assert content.claims == UNSEALED["/Doc_0/Attachs/claims.json"]
    assert content.data_index == UNSEALED["/Doc_0/Attachs/index.json"]
    assert content.metadata == {"ZZBS": "1.2.156.3005.2", "contentId": "abc"}
    assert content.page_sizes_mm == ((210.0, 297.0),)
    assert texts == {"holders.0.name": "张三", "fields.address": "上海市嘉定区"}


def test_everything_that_decides_what_is_shown_is_reachable_and_nothing_else() -> None:
    content = read_ofd(packed(sealed_files()))
    assert content.reachable == set(UNSEALED)
    assert {reference.path for reference in content.seals[0].references} >= content.reachable


@pytest.mark.parametrize("oddity", DOCUMENT_PROBLEMS)
def test_a_problem_of_a_document_is_named_for(oddity: str) -> None:
    code, change = DOCUMENT_PROBLEMS[oddity]
    assert code in read_ofd(changed(change)).problems


@pytest.mark.parametrize("oddity", DOCUMENT_DEVIATIONS)
def test_a_deviation_of_a_document_is_named_and_no_problem_for(oddity: str) -> None:
    code, change = DOCUMENT_DEVIATIONS[oddity]
    content = read_ofd(changed(change))
    assert not set(content.problems) - {"claims-index-object-missing"}
    assert content.deviations == (code,)


UNREADABLE: dict[str, tuple[str, Change]] = {
    "no main file": ("ofd-no-main-file", drop(MAIN)),
    "a main file of another case": (
        "ofd-no-main-file",
        lambda files: files.update({"/ofd.xml": files.pop(MAIN)}),
    ),
    "another root": ("ofd-root-unknown", put(MAIN, f"<ofd:Document {NS}/>")),
    "a root of a foreign namespace": ("ofd-root-unknown", put(MAIN, '<OFD xmlns="urn:x"/>')),
    "no document": ("ofd-no-document", put(MAIN, f"<ofd:OFD {NS}/>")),
    "a document that is not there": ("ofd-document-missing", drop(DOCUMENT)),
    "no page": ("ofd-no-page", lambda files: files.update({DOCUMENT: f"<ofd:Document {NS}/>"})),
    "a page that is not XML": ("xml-malformed", put(PAGE, "<ofd:Page>")),
    "a page with a document type": ("xml-doctype", put(PAGE, f"<!DOCTYPE x><ofd:Page {NS}/>")),
    "a description of another root": (
        "ofd-root-unknown",
        put(SIGNATURE, f"<ofd:Signatures {NS}/>"),
    ),
    "too many signatures": ("ofd-too-many-signatures", after(SIGNATURES, LISTED, LISTED * 40)),
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_document_cannot_be_read_for(fault: str) -> None:
    code, change = UNREADABLE[fault]
    with pytest.raises(UnreadableDocumentError) as refusal:
        read_ofd(changed(change))
    assert refusal.value.code == code


def test_an_entry_that_nothing_needs_is_told() -> None:
    content = read_ofd(changed(put("/Doc_0/hidden.xml", "<x/>")))
    assert content.unreferenced == ("/Doc_0/hidden.xml",)


def test_the_files_of_a_signature_that_left_the_list_are_told() -> None:
    content = read_ofd(changed(swap(SIGNATURES, LISTED, "")))
    assert content.seals == ()
    assert content.unreferenced == (SEAL, SIGNATURE, VALUE)


ADDED: dict[str, Change] = {
    "a page": both(
        before(DOCUMENT, "</ofd:Pages>", '<ofd:Page ID="40" BaseLoc="new.xml"/>'),
        put(NEW, f"<ofd:Page {NS}/>"),
    ),
    "a template": both(
        before(DOCUMENT, "</ofd:CommonData>", '<ofd:TemplatePage ID="40" BaseLoc="new.xml"/>'),
        put(NEW, f"<ofd:Page {NS}/>"),
    ),
    "resources of a page": both(
        after(PAGE, f"<ofd:Page {NS}>", "<ofd:PageRes>/Doc_0/new.xml</ofd:PageRes>"),
        put(NEW, f"<ofd:Res {NS}/>"),
    ),
    "resources of a template": both(
        after(TEMPLATE, f"<ofd:Page {NS}>", "<ofd:PageRes>/Doc_0/new.xml</ofd:PageRes>"),
        put(NEW, f"<ofd:Res {NS}/>"),
    ),
    "a second resource file": both(
        before(DOCUMENT, "<ofd:DocumentRes>", "<ofd:DocumentRes>new.xml</ofd:DocumentRes>"),
        put(NEW, f"<ofd:Res {NS}/>"),
    ),
    "an annotation": both(
        before(
            ANNOTATIONS,
            "</ofd:Annotations>",
            '<ofd:Page PageID="1"><ofd:FileLoc>/Doc_0/new.xml</ofd:FileLoc></ofd:Page>',
        ),
        put(NEW, f"<ofd:PageAnnot {NS}/>"),
    ),
    "an attachment": both(
        before(
            ATTACHMENTS,
            "</ofd:Attachments>",
            "<ofd:Attachment><ofd:FileLoc>/Doc_0/new.xml</ofd:FileLoc></ofd:Attachment>",
        ),
        put(NEW, "x"),
    ),
    "a tag": both(
        before(
            "/Doc_0/Tags/CustomTags.xml",
            "</ofd:CustomTags>",
            "<ofd:CustomTag><ofd:FileLoc>/Doc_0/new.xml</ofd:FileLoc></ofd:CustomTag>",
        ),
        put(NEW, "<x/>"),
    ),
    "a schema of a tag": both(
        before(
            "/Doc_0/Tags/CustomTags.xml",
            "</ofd:CustomTags>",
            "<ofd:CustomTag><ofd:SchemaLoc>/Doc_0/new.xml</ofd:SchemaLoc></ofd:CustomTag>",
        ),
        put(NEW, "<x/>"),
    ),
    "an extension": both(
        before(DOCUMENT, "</ofd:Document>", "<ofd:Extensions>new.xml</ofd:Extensions>"),
        put(NEW, f"<ofd:Extensions {NS}/>"),
    ),
    "a font file": both(swap("/Doc_0/PublicRes.xml", "font_3.otf", NEW), put(NEW, "x")),
    "a colour profile": both(
        before(
            "/Doc_0/PublicRes.xml",
            "<ofd:Fonts>",
            '<ofd:ColorSpaces><ofd:ColorSpace ID="50" Profile="/Doc_0/new.xml"/></ofd:ColorSpaces>',
        ),
        put(NEW, "x"),
    ),
    "a cover": both(
        after(MAIN, "<ofd:DocInfo>", "<ofd:Cover>/Doc_0/new.xml</ofd:Cover>"), put(NEW, "x")
    ),
    "another document": both(
        swap(MAIN, "Doc_0/Document.xml", "Doc_0/new.xml"),
        lambda files: files.update({NEW: files[DOCUMENT]}),
    ),
}


@pytest.mark.parametrize("what", ADDED)
def test_what_is_added_is_reachable_and_so_uncovered(what: str) -> None:
    content = read_ofd(changed(ADDED[what]))
    covered = {reference.path for reference in content.seals[0].references}
    assert NEW in content.reachable - covered


UNSEEN: dict[str, Change] = {
    "invisible": swap(PAGE, '<ofd:TextObject ID="21"', '<ofd:TextObject Visible="false" ID="21"'),
    "transparent": swap(PAGE, '<ofd:TextObject ID="21"', '<ofd:TextObject Alpha="0" ID="21"'),
    "of a transparent colour": swap(
        PAGE,
        '<ofd:TextCode X="0" Y="4" DeltaX="g 1 4">张三',
        '<ofd:FillColor Value="0 0 0" Alpha="0"/><ofd:TextCode X="0" Y="4" DeltaX="g 1 4">张三',
    ),
    "neither filled nor stroked": swap(
        PAGE, '<ofd:TextObject ID="21"', '<ofd:TextObject Fill="false" ID="21"'
    ),
    "without size": swap(
        PAGE,
        'ID="21" Boundary="20 30 80 6" Font="3" Size="4"',
        'ID="21" Boundary="20 30 80 6" Font="3" Size="0"',
    ),
    "off the page": swap(PAGE, 'ID="21" Boundary="20 30', 'ID="21" Boundary="300 30'),
    "outside its boundary": swap(
        PAGE, 'ID="21" Boundary="20 30 80 6"', 'ID="21" Boundary="20 40 80 6" CTM="1 0 0 1 0 -10"'
    ),
    "shrunk to nothing": swap(
        PAGE, 'ID="21" Boundary="20 30 80 6"', 'ID="21" Boundary="20 30 80 6" CTM="0 0 0 0 -9 0"'
    ),
}


@pytest.mark.parametrize("how", UNSEEN)
def test_text_that_nobody_can_see_is_no_text_of_a_claim(how: str) -> None:
    _, texts = read_ofd_with_texts(changed(UNSEEN[how]))
    assert texts["holders.0.name"] == ""
    assert texts["fields.address"] == "上海市嘉定区"


def test_a_character_beyond_the_boundary_is_left_out() -> None:
    narrow = swap(PAGE, 'ID="21" Boundary="20 30 80 6"', 'ID="21" Boundary="20 30 4 6"')
    assert read_ofd_with_texts(changed(narrow))[1]["holders.0.name"] == "张"


def test_a_document_without_signatures_is_read_too() -> None:
    files = dict(UNSEALED)
    swap(MAIN, f"<ofd:Signatures>{SIGNATURES}</ofd:Signatures>", "")(files)
    content = read_ofd(packed(files))
    assert (content.seals, content.signatures_path, content.problems) == ((), None, ())


# -- genuine files ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder() -> Path:
    samples = os.environ.get("LICENSE_VAULT_SAMPLES")
    if not samples:
        pytest.skip("LICENSE_VAULT_SAMPLES does not say where the genuine files are")
    found = Path(samples) / "ofd"
    assert found.is_dir(), f"LICENSE_VAULT_SAMPLES is set, but {found} is missing"
    return found


# file: references, those that hold, kind, pages stamped, uncovered, deviations of both
GENUINE = {
    "999.ofd": (20, 20, "Seal", (1,), {"/OFD.xml"}, {"seal-file-not-named"}),
    "DigitalSign.ofd": (4, 4, "Sign", (), set(), {"max-sign-id-odd", "date-without-zone"}),
    "V4RideRight.ofd": (
        9,
        9,
        "Seal",
        (1, 2, 3, 4, 5),
        set(),
        {"resources-missing", "max-sign-id-odd", "date-without-zone"},
    ),
    "v4signed.ofd": (
        13,
        13,
        "Seal",
        (1,),
        set(),
        {"path-case-differs", "seal-file-not-named", "date-without-zone"},
    ),
    "发票示例.ofd": (13, 12, "Seal", (1,), set(), {"seal-file-not-named", "date-without-zone"}),
}


@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_file_is_read_without_problems(folder: Path, name: str) -> None:
    references, holding, kind, stamped, uncovered, deviations = GENUINE[name]
    data = (folder / name).read_bytes()
    content = read_ofd(data)
    (seal,) = content.seals
    package = open_package(data)
    held = [each for each in seal.references if sm3(package.read(each.path)) == each.check_value]
    assert (len(seal.references), len(held), seal.kind) == (references, holding, kind)
    assert tuple(stamp.page for stamp in seal.stamps) == stamped
    assert content.reachable - {each.path for each in seal.references} == uncovered
    assert {*content.deviations, *seal.deviations} == deviations
    assert content.problems == seal.problems == ()


def test_the_time_of_a_genuine_description_is_that_of_its_seal(folder: Path) -> None:
    for name in ("999.ofd", "V4RideRight.ofd", "v4signed.ofd"):
        (seal,) = read_ofd((folder / name).read_bytes()).seals
        assert read_ses_signature(seal.value).signed_at == seal.claimed_at
        assert read_ses_signature(seal.value).property_info == seal.path

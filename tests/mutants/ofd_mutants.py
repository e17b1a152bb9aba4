"""Package mutants of the document itself: what was changed or added after sealing (O4), and what
of its structure two readers could take for two documents (O3, O4, O5).

The first half changes bytes of the sealed file and signs nothing. The second half is signed anew
with the seal's own key, so that only the structure can be the reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from mutants.mutant import ALTERED, NO_KEY, SEAL_KEY, UNSEALED, Mutant, Reason
from mutants.small_license import OFD, page_xml, text_object, xml
from mutants.workbench import (
    ATTACHMENTS,
    CLAIMS,
    CLAIMS_TAG,
    DOCUMENT,
    EMBLEM,
    FONT,
    MAIN,
    PAGE,
    PUBLIC,
    SIGNATURES,
    TAGS,
    TEMPLATE,
    Change,
    Workbench,
    same,
    swap,
)
from pki import red_square_png

_PAGE_ADDED = '<ofd:Page ID="81" BaseLoc="Pages/Page_1/Content.xml"/></ofd:Pages>'
_TEMPLATE_ADDED = '<ofd:TemplatePage ID="82" BaseLoc="Tpls/Tpl_1/Content.xml"/></ofd:CommonData>'
_ANNOTATIONS = "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:CustomTags>"
_ANNOTATION_LIST = (
    f'<ofd:Annotations {OFD}><ofd:Page PageID="1"><ofd:FileLoc>Page_0/Annotation.xml'
    "</ofd:FileLoc></ofd:Page></ofd:Annotations>"
)
_ANNOTATION = (
    f'<ofd:PageAnnot {OFD}><ofd:Annot ID="83" Type="Stamp"><ofd:Appearance Boundary="0 0 210 150">'
    f"{text_object(84, 2, '无限期')}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>"
)
_IMAGE = (
    '<ofd:MultiMedia ID="85" Type="Image" Format="PNG"><ofd:MediaFile>cover.png</ofd:MediaFile>'
    "</ofd:MultiMedia></ofd:MultiMedias>"
)
_ATTACHED = (
    '<ofd:Attachment ID="more" Name="more.txt" Format="txt"><ofd:FileLoc>'
    "/Doc_0/Attachs/more.txt</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
)
_VERSION = (
    '<ofd:Versions><ofd:Version ID="v1" Index="1" Current="true" BaseLoc="/Doc_0/Versions/v1.xml"/>'
    '<ofd:Version ID="v0" Index="0" BaseLoc="/Doc_0/Versions/v0.xml"/></ofd:Versions></ofd:DocBody>'
)
_DOC_BODY = (
    "<ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID></ofd:DocInfo>"
    "<ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
)


def ofd_mutants(plain: Workbench, rich: Workbench) -> Iterator[Mutant]:
    """Yield the mutants: of the plain license where template and resources do not matter."""
    yield from _edited(plain, rich)
    yield from _added(plain, rich)
    yield from _structures(plain, rich)
    yield from _unreadable(plain)


def _mutant(
    name: str, attack: str, zh: str, en: str, data: bytes, *reasons: Reason, made: str = NO_KEY
) -> Mutant:
    return Mutant(name, attack, "ofd", zh, en, data, ALTERED, reasons, made)


# --- one entry changed ----------------------------------------------------------------------------


def _edited(plain: Workbench, rich: Workbench) -> Iterator[Mutant]:
    for name, path, zh, en, change in _EDITS:
        data = (plain if path in plain.genuine else rich).edited(path, change)
        yield _mutant(name, "O4", zh, en, data, Reason("reference-altered", path))
    font = rich.genuine[FONT]
    digit = font.replace(font[-64:], bytes(64))
    yield _mutant(
        "font-changed", "O4", "改动内嵌字体，同样的文字显示成别的字形",
        "The embedded font was changed: the same text shows other glyphs",
        rich.changed({FONT: digit}), Reason("reference-altered", FONT),
    )  # fmt: skip
    yield _mutant(
        "picture-changed", "O4", "替换页面图片", "The picture of the page was replaced",
        rich.changed({EMBLEM: red_square_png(25)}), Reason("reference-altered", EMBLEM),
    )  # fmt: skip
    yield _mutant(
        "claims-removed", "O4", "删去照面数据附件", "The attached claims were taken out",
        plain.changed({CLAIMS: None}), Reason("reference-missing", CLAIMS),
    )  # fmt: skip


_EDITS: tuple[tuple[str, str, str, str, Change], ...] = (
    ("page-changed", PAGE, "改动页面上的有效期", "The period on the page was changed",
     swap("2034年", "2044年")),
    ("template-changed", TEMPLATE, "改动模板页上的证照名称",
     "The name of the license on the template was changed", swap("许可证", "登记证")),
    ("claims-changed", CLAIMS, "改动照面数据中的有效期", "The period in the claims was changed",
     swap("2034-03-15", "2044-03-15")),
    ("tag-changed", CLAIMS_TAG, "改动标引，使照面项指向别的文字",
     "The tags point a claim to another text", swap(">20</", ">21</")),
    ("tags-changed", TAGS, "改动标引列表", "The list of tags was changed",
     swap('TypeID="urn', 'TypeID="x-urn')),
    ("metadata-changed", MAIN, "改动 OFD.xml 中的元数据", "The metadata in OFD.xml was changed",
     swap("2034-03-15", "2044-03-15")),
    ("fonts-changed", PUBLIC, "把字体资源改成别的字体", "A font resource names another font",
     swap('FontName="宋体"', 'FontName="Wingdings"')),
    ("list-of-attachments-changed", ATTACHMENTS, "改动附件列表",
     "The list of attachments was changed",
     swap('Format="json"', 'Format="exe"')),
    ("page-hidden", DOCUMENT, "页面尺寸改小，内容移出页面之外",
     "The page was made smaller: content lies outside", swap("210 150", "210 60")),
)  # fmt: skip


# --- something added ------------------------------------------------------------------------------


def _added(plain: Workbench, rich: Workbench) -> Iterator[Mutant]:
    for name, zh, en, (path, change), new in _ADDITIONS:
        bench = plain if path in plain.genuine else rich
        changed = {path: change(bench.genuine[path].decode()).encode(), **new}
        # A document without our claims is anybody's: what is then found is its open content.
        code = "content-uncovered" if name == "document-exchanged" else "entry-uncovered"
        reasons = Reason("reference-altered", path), Reason(code, next(iter(new)))
        yield _mutant(name, "O4", zh, en, bench.changed(changed), *reasons)
    yield _mutant(
        "entry-added", "O4", "加入没有任何引用的条目", "An entry was added that nothing refers to",
        plain.changed({"/Doc_0/notes.txt": b"notes"}),
        Reason("entry-unreferenced", "/Doc_0/notes.txt"),
    )  # fmt: skip
    signature = {"/Doc_0/Signs/Sign_9/Signature.xml": plain.genuine[SIGNATURES]}
    yield _mutant(
        "entry-added-among-signatures", "O4", "在签名目录中加入没有列出的条目",
        "An entry that no list names was added among the signatures", plain.changed(signature),
        Reason("entry-unreferenced", "/Doc_0/Signs/Sign_9/Signature.xml"),
    )  # fmt: skip


_FALSE_PAGE = xml(page_xml(text_object(86, 2, "有效期：长期"), None))
_ADDITIONS: tuple[tuple[str, str, str, tuple[str, Change], dict[str, bytes]], ...] = (
    ("page-added", "增加一页", "A page was added",
     (DOCUMENT, swap("</ofd:Pages>", _PAGE_ADDED)),
      {"/Doc_0/Pages/Page_1/Content.xml": _FALSE_PAGE}),
    ("page-exchanged", "页面改指向另一个文件，原文件原样留着",
     "The page was pointed to another file; the genuine one stays beside it",
     (DOCUMENT, swap("Pages/Page_0/", "Pages/Page_7/")),
     {"/Doc_0/Pages/Page_7/Content.xml": _FALSE_PAGE}),
    ("template-added", "增加模板页", "A template was added",
     (DOCUMENT, swap("</ofd:CommonData>", _TEMPLATE_ADDED)),
     {"/Doc_0/Tpls/Tpl_1/Content.xml": _FALSE_PAGE}),
    ("annotation-added", "增加注释，盖住有效期", "An annotation was added that covers the period",
     (DOCUMENT, swap("<ofd:CustomTags>", _ANNOTATIONS)),
     {"/Doc_0/Annots/Annotations.xml": xml(_ANNOTATION_LIST),
      "/Doc_0/Annots/Page_0/Annotation.xml": xml(_ANNOTATION)}),
    ("resource-added", "增加图片资源", "A picture was added to the resources",
     (PUBLIC, swap("</ofd:MultiMedias>", _IMAGE)), {"/Doc_0/Res/cover.png": red_square_png(8)}),
    ("attachment-added", "增加附件", "An attachment was added",
     (ATTACHMENTS, swap("</ofd:Attachments>", _ATTACHED)), {"/Doc_0/Attachs/more.txt": b"more"}),
    ("document-added", "增加第二个 DocBody", "A second DocBody was added",
     (MAIN, swap("</ofd:OFD>", _DOC_BODY)),
     {"/Doc_1/Document.xml": xml(f"<ofd:Document {OFD}/>")}),
    ("document-exchanged", "DocRoot 改指向另一份文档", "DocRoot was pointed to another document",
     (MAIN, swap("Doc_0/Document.xml", "Doc_2/Document.xml")),
     {"/Doc_2/Document.xml": xml(
         f'<ofd:Document {OFD}><ofd:Pages><ofd:Page ID="1" BaseLoc="Content.xml"/></ofd:Pages>'
         "</ofd:Document>"), "/Doc_2/Content.xml": _FALSE_PAGE}),
    ("version-added", "增加版本，并把它标为当前版本",
     "A version was added and marked as the current one",
     (MAIN, swap("</ofd:DocBody>", _VERSION)),
     {"/Doc_0/Versions/v1.xml": xml(
         f"<ofd:DocVersion {OFD}><ofd:DocRoot>/Doc_0/Document.xml</ofd:DocRoot>"
         "</ofd:DocVersion>")}),
)  # fmt: skip


# --- a structure that is not one document, signed anew --------------------------------------------


def _structures(plain: Workbench, rich: Workbench) -> Iterator[Mutant]:
    for name, attack, zh, en, path, change, problem in _STRUCTURES:
        bench = rich if name in _RICH or path not in plain.genuine else plain
        files = dict(bench.unsealed)
        if path != MAIN:
            files[path] = change(files[path].decode()).encode()
        data = bench.sealed(files, main=change if path == MAIN else same)
        reason = Reason("document-irregular", problem)
        yield _mutant(name, attack, zh, en, data, reason, made=SEAL_KEY)
    files = {**plain.unsealed, "/Encryptions.xml": xml("<x/>")}
    yield _mutant(
        "encryption-file", "O3", "带有加密描述文件",
        "The package holds a description of encryption",
        plain.sealed(files), Reason("document-irregular", "encrypted"), made=SEAL_KEY,
    )  # fmt: skip


_RICH = frozenset({"page-id-twice", "template-id-twice", "path-with-dots", "attachment-unexpected"})
_CLAIM = '<lv:Claim path="number"><ofd:ObjectRef PageRef="1">21</ofd:ObjectRef></lv:Claim>'
_STRUCTURES: tuple[tuple[str, str, str, str, str, Change, str], ...] = (
    ("doc-root-twice", "O4", "DocBody 内有两个 DocRoot", "One DocBody has two DocRoots", MAIN,
     swap("<ofd:DocRoot>", "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:DocRoot>"),
     "element-twice"),
    ("foreign-page", "O5", "其他命名空间的 Page 元素", "A Page element of another namespace",
     DOCUMENT,
     swap("</ofd:Pages>", '<x:Page xmlns:x="urn:x" ID="81" BaseLoc="a.xml"/></ofd:Pages>'),
     "foreign-element"),
    ("two-documents", "O4", "两个 DocBody，指向同一文档", "Two DocBodies, both of one document",
     MAIN,
     swap("</ofd:OFD>", _DOC_BODY.replace("Doc_1", "Doc_0")), "several-documents"),
    ("two-versions", "O4", "版本列表有两个版本", "The list of versions has two", MAIN,
     swap("</ofd:DocBody>", _VERSION.replace("/Doc_0/Versions/v1.xml", "/Doc_0/Document.xml")
          .replace("/Doc_0/Versions/v0.xml", "/Doc_0/Document.xml")), "several-versions"),
    ("page-id-twice", "O4", "两个页面使用同一标识", "Two pages have one id", DOCUMENT,
     swap("</ofd:Pages>", '<ofd:Page ID="1" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:Pages>'),
     "page-id-twice"),
    ("template-id-twice", "O4", "两个模板使用同一标识", "Two templates have one id", DOCUMENT,
     swap("</ofd:CommonData>", '<ofd:TemplatePage ID="2" BaseLoc="Pages/Page_0/Content.xml"/>'
          "</ofd:CommonData>"), "template-id-twice"),
    ("resource-id-twice", "O4", "两个资源使用同一标识", "Two resources have one id", PUBLIC,
     swap("</ofd:Fonts>", '<ofd:Font ID="3" FontName="黑体"/></ofd:Fonts>'), "resource-id-twice"),
    ("object-id-twice", "O4", "两个文字对象使用同一标识", "Two texts of the page have one id", PAGE,
     swap("</ofd:Layer>", text_object(20, 12, "另一个") + "</ofd:Layer>"), "object-id-twice"),
    ("page-missing", "O4", "列出的页面不存在", "A page that is listed does not exist", DOCUMENT,
     swap("</ofd:Pages>", '<ofd:Page ID="81" BaseLoc="Pages/none.xml"/></ofd:Pages>'),
     "page-missing"),
    ("template-missing", "O4", "列出的模板不存在", "A template that is listed does not exist",
     DOCUMENT,
     swap("</ofd:CommonData>", '<ofd:TemplatePage ID="82" BaseLoc="Tpls/none.xml"/>'
          "</ofd:CommonData>"), "template-missing"),
    ("path-outside", "O1", "页面路径指向包外", "The path of a page leads out of the package",
     DOCUMENT,
     swap('"Pages/Page_0', '"../../Doc_0/Pages/Page_0'), "path-outside"),
    ("path-with-dots", "O1", "路径中含 ..", "A path goes up and down again", DOCUMENT,
     swap(">PublicRes.xml<", ">Res/../PublicRes.xml<"), "path-with-dots"),
    ("path-with-drive", "O1", "资源路径带盘符", "The path of a resource has a drive", PUBLIC,
     swap(">emblem.png<", ">C:\\emblem.png<"), "path-invalid"),
    ("metadata-twice", "O7", "同名元数据出现两次", "One name of metadata stands there twice", MAIN,
     swap("<ofd:CustomDatas>",
          '<ofd:CustomDatas><ofd:CustomData Name="ZZBH">1</ofd:CustomData>'), "metadata-twice"),
    ("metadata-with-comment", "O5", "元数据的文字中夹有注释",
     "A comment cuts a text of the metadata",
     MAIN, swap('Name="ZZBH">2026', 'Name="ZZBH">20<!-- -->26'), "metadata-not-text"),
    ("claims-index-path-twice", "O4", "标引中同一照面项出现两次", "The tags name one claim twice",
     CLAIMS_TAG, swap("</lv:Claims>", f"{_CLAIM}</lv:Claims>"), "claims-index-path-twice"),
    ("claims-index-object-missing", "O4", "标引指向不存在的文字",
     "The tags point to a text that is not",
     CLAIMS_TAG, swap(">20</", ">77</"), "claims-index-object-missing"),
    ("claims-index-invalid", "O4", "标引含有别的元素", "The tags hold another element", CLAIMS_TAG,
     swap("</lv:Claims>", "<lv:Other/></lv:Claims>"), "claims-index-invalid"),
    ("attachment-twice", "O4", "照面数据列出两次", "The claims are attached twice", ATTACHMENTS,
     swap("</ofd:Attachments>", '<ofd:Attachment ID="again" Name="again"><ofd:FileLoc>'
          "/Doc_0/Attachs/claims.json</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"),
     "attachment-twice"),
    ("attachment-unexpected", "O4", "附件列表夹带别的文件", "Another file is attached besides",
     ATTACHMENTS, swap("</ofd:Attachments>", '<ofd:Attachment ID="more" Name="more"><ofd:FileLoc>'
          "/Doc_0/Res/emblem.png</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"),
     "attachment-unexpected"),
    ("page-size-invalid", "O4", "页面尺寸不是数", "The size of the page is no number", DOCUMENT,
     swap("0 0 210 150", "0 0 NaN 150"), "page-size-invalid"),
)  # fmt: skip


# --- XML that is not read at all ------------------------------------------------------------------


def _unreadable(bench: Workbench) -> Iterator[Mutant]:
    for name, zh, en, path, change, code in _NOT_READ:
        text = bench.genuine[path].decode()
        data = bench.changed({path: change(text) if callable(change) else change})
        reason = Reason("reader-limit" if "too-" in code else "document-unreadable", code)
        yield Mutant(name, "O3", "ofd", zh, en, data, UNSEALED, (reason,))


def _laughs(text: str) -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
    )
    return text.replace("?>", f"?><!DOCTYPE x [{entities}]>", 1).encode()


def _deep(text: str) -> bytes:
    return text.replace("<ofd:Pages>", "<ofd:x>" * 100 + "</ofd:x>" * 100 + "<ofd:Pages>").encode()


def _attributes(text: str) -> bytes:
    flood = " ".join(f'a{n}="{n}"' for n in range(200))
    return text.replace("<ofd:Pages>", f"<ofd:Pages {flood}>").encode()


_NOT_READ = (
    ("entity-bomb", "XML 实体炸弹", "A bomb of XML entities", MAIN, _laughs, "xml-doctype"),
    ("utf-16", "XML 改用 UTF-16", "An XML file in UTF-16", DOCUMENT,
     lambda t: t.encode("utf-16"), "xml-encoding"),
    ("xml-1.1", "XML 声明为 1.1 版", "An XML file of version 1.1", DOCUMENT,
     lambda t: t.replace('"1.0"', '"1.1"', 1).encode(), "xml-version"),
    ("stylesheet", "XML 含处理指令（样式表）", "An XML file has a processing instruction", DOCUMENT,
     lambda t: t.replace("?>", '?><?xml-stylesheet href="x"?>', 1).encode(),
     "xml-processing-instruction"),
    ("xml-broken", "XML 没有结束", "An XML file does not end", PAGE, lambda t: t[:-9].encode(),
     "xml-malformed"),
    ("xml-too-deep", "XML 嵌套一百层", "An XML file is a hundred levels deep", DOCUMENT, _deep,
     "xml-too-deep"),
    ("attribute-flood", "一个元素有两百个属性", "One element has two hundred attributes", DOCUMENT,
     _attributes, "xml-too-many-attributes"),
    ("no-main-file", "删去 OFD.xml", "OFD.xml was taken out", MAIN, lambda t: None,
     "ofd-no-main-file"),
    ("no-document", "OFD.xml 没有 DocBody", "OFD.xml has no DocBody", MAIN,
     lambda t: xml(f"<ofd:OFD {OFD}/>"), "ofd-no-document"),
    ("document-missing", "DocRoot 指向的文件不存在", "DocRoot names a file that is not there",
     DOCUMENT,
     lambda t: None, "ofd-document-missing"),
    ("root-unknown", "页面文件的根元素不是 Page", "The root element of a page is another", PAGE,
     lambda t: xml(f"<ofd:Pages {OFD}/>"), "ofd-root-unknown"),
    ("no-page", "文档没有页面", "The document has no page", DOCUMENT,
     lambda t: xml(f"<ofd:Document {OFD}/>"), "ofd-no-page"),
    ("signature-flood", "列出四十个签名", "Forty signatures are listed", SIGNATURES,
     lambda t: t.replace("<ofd:Signature ID", '<ofd:Signature ID="9"/>' * 40 + "<ofd:Signature ID")
     .encode(), "ofd-too-many-signatures"),
)  # fmt: skip

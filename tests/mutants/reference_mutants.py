"""Package mutants of Signature.xml and of the list of signatures (O5, O7): what a signature says it
is over, said so that two readers understand two things, or so that less is covered than it seems.

All but the first few are signed anew with the seal's own key: the digest of the description is
right, the signature holds, and only what the description says can be the reason.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from mutants.mutant import ALTERED, SEAL_KEY, Mutant, Reason
from mutants.workbench import (
    CLAIMS,
    CLAIMS_TAG,
    FONT,
    MAIN,
    PAGE,
    SEAL,
    SIGNATURE,
    SIGNATURES,
    TEMPLATE,
    VALUE,
    Change,
    Workbench,
    cut,
    swap,
)

from keys.sm3 import sm3

_AS_AGAINST_ODF = frozenset(
    {"key-in-description", "date-twice", "signature-method-unknown", "signature-method-twice"}
)
_ODD = "seal-encoding-irregular"
_SM3 = "1.2.156.10197.1.401"
_PAGE_REFERENCE = f'FileRef="{PAGE}"'
_METHOD = "<ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>"
_ZERO = base64.b64encode(bytes(32)).decode()
_FALSE = f'<ofd:Reference FileRef="{PAGE}"><ofd:CheckValue>{_ZERO}</ofd:CheckValue></ofd:Reference>'
_FALSE_INFO = f'<ofd:SignedInfo><ofd:References CheckMethod="{_SM3}">{_FALSE}</ofd:References>'
_DATE = "<ofd:SignatureDateTime>20200101000000Z</ofd:SignatureDateTime>"


def reference_mutants(bench: Workbench, rich: Workbench) -> Iterator[Mutant]:
    """Yield the mutants of a plain license, and of one with template and font."""
    yield from _unsigned(bench)
    for name, zh, en, change, reason in _DESCRIPTIONS:
        data = bench.sealed(describe=change)
        attack = "O7" if name in _AS_AGAINST_ODF else "O5"
        yield Mutant(name, attack, "ofd", zh, en, data, ALTERED, (reason,), SEAL_KEY)
    for name, zh, en, change, problem in _LISTS:
        data = bench.sealed(listing=change)
        yield Mutant(name, "O8", "ofd", zh, en, data, ALTERED, (problem,), SEAL_KEY)
    for name, left_out, zh, en in _LEFT_OUT:
        reason = Reason("entry-uncovered", left_out)
        if left_out == SIGNATURES:
            reason = Reason("last-seal-does-not-lock")
        data = rich.sealed(uncovered=[left_out])
        yield Mutant(f"uncovered-{name}", "O4", "ofd", zh, en, data, ALTERED, (reason,), SEAL_KEY)


def _unsigned(bench: Workbench) -> Iterator[Mutant]:
    """What anybody can do to the description and to what hangs on it."""
    yield Mutant(
        "digest-corrected", "O5", "ofd", "改动页面，并在 Signature.xml 中改正它的摘要",
        "The page was changed and its digest in Signature.xml corrected", _corrected(bench),
        ALTERED,
        (Reason("description-altered"),),
    )  # fmt: skip
    yield Mutant(
        "seal-file-changed", "O6", "ofd", "替换印章文件 Seal.esl", "Seal.esl was replaced",
        bench.changed({SEAL: bench.world.second.ses}), ALTERED, (Reason("reference-altered", SEAL),
        ),
    )  # fmt: skip
    yield Mutant(
        "value-removed", "O5", "ofd", "删去签名值", "SignedValue.dat was taken out",
        bench.changed({VALUE: None}), ALTERED, (Reason(_ODD, "signed-value-missing"),),
    )  # fmt: skip
    yield Mutant(
        "description-removed", "O8", "ofd", "删去 Signature.xml", "Signature.xml was taken out",
        bench.changed({SIGNATURE: None}), ALTERED,
        (Reason("seal-destroyed"), Reason("document-irregular", "signature-missing")),
    )  # fmt: skip
    yield Mutant(
        "list-removed", "O8", "ofd", "删去签名列表 Signatures.xml，其余保留",
        "Signatures.xml was taken out, all else left", bench.changed({SIGNATURES: None}), ALTERED,
        (Reason("seal-destroyed"), Reason("document-irregular", "signatures-missing")),
    )  # fmt: skip


def _corrected(bench: Workbench) -> bytes:
    page = bench.genuine[PAGE].replace("2034年".encode(), "2044年".encode())
    old = base64.b64encode(sm3(bench.genuine[PAGE]))
    described = bench.genuine[SIGNATURE].replace(old, base64.b64encode(sm3(page)))
    assert described != bench.genuine[SIGNATURE]
    return bench.changed({PAGE: page, SIGNATURE: described})


def _odd(problem: str) -> Reason:
    return Reason(_ODD, problem)


def _before_page(text: str) -> Change:
    """The change of the reference to the page."""
    return swap(_PAGE_REFERENCE, text)


def _digest_of_page(change: Change) -> Change:
    """The change of the digest that is given for the page."""
    pattern = re.compile(f"({re.escape(_PAGE_REFERENCE)}><ofd:CheckValue>)([^<]*)")

    def changed(text: str) -> str:
        found = pattern.search(text)
        assert found is not None
        return text[: found.start(2)] + change(found[2]) + text[found.end(2) :]

    return changed


def _all_references(text: str) -> str:
    return re.sub("<ofd:Reference .*</ofd:Reference>", "", text)


_DESCRIPTIONS: tuple[tuple[str, str, str, Change, Reason], ...] = (
    ("references-missing", "没有 References", "There are no References",
     cut("<ofd:References", "</ofd:References>"), _odd("references-missing")),
    ("references-empty", "References 为空", "The References are empty", _all_references,
     _odd("references-empty")),
    ("references-twice", "有两个 References，第一个含错误摘要",
     "There are two References, the first with a wrong digest",
     swap("<ofd:References ", f'<ofd:References CheckMethod="{_SM3}">{_FALSE}</ofd:References>'
          "<ofd:References "), _odd("references-twice")),
    ("signed-info-twice", "有两个 SignedInfo（签名包装）", "There are two SignedInfos (wrapping)",
     swap("<ofd:SignedInfo>", f"{_FALSE_INFO}</ofd:SignedInfo><ofd:SignedInfo>"),
     _odd("signed-info-twice")),
    ("signed-info-missing", "没有 SignedInfo", "There is no SignedInfo",
     cut("<ofd:SignedInfo>", "</ofd:SignedInfo>"), _odd("signed-info-missing")),
    ("reference-twice", "同一文件列出两次，一个摘要正确一个错误",
     "One entry is named twice, with a right and a wrong digest",
     swap("</ofd:References>", f"{_FALSE}</ofd:References>"), _odd("reference-twice")),
    ("reference-to-itself", "引用了签名描述文件自己", "The description names itself",
     swap("</ofd:References>", _FALSE.replace(PAGE, SIGNATURE) + "</ofd:References>"),
     _odd("reference-to-itself")),
    ("reference-to-its-value", "引用了自己的签名值", "The description names its own value",
     swap("</ofd:References>", _FALSE.replace(PAGE, VALUE) + "</ofd:References>"),
     Reason("reference-altered", VALUE)),
    ("reference-to-nothing", "引用了不存在的文件", "An entry is named that is not there",
     swap("</ofd:References>", _FALSE.replace(PAGE, "/Doc_0/none.xml") + "</ofd:References>"),
     Reason("reference-missing", "/Doc_0/none.xml")),
    ("reference-without-file", "Reference 没有 FileRef", "A Reference has no FileRef",
     _before_page(""), _odd("reference-without-file")),
    ("reference-relative", "FileRef 是相对路径", "A FileRef is relative",
     _before_page('FileRef="../../Pages/Page_0/Content.xml"'), _odd("reference-path-with-dots")),
    ("reference-from-the-root", "FileRef 没有开头的斜线", "A FileRef has no leading slash",
     _before_page(f'FileRef="{PAGE[1:]}"'), Reason("deviation-not-allowed", "reference-relative")),
    ("reference-outside", "FileRef 指向包外", "A FileRef leads out of the package",
     _before_page(f'FileRef="/../{PAGE[1:]}"'), _odd("reference-path-outside")),
    ("reference-by-case", "FileRef 大小写与条目不同", "A FileRef differs from its entry in case",
     _before_page(f'FileRef="{PAGE.lower()}"'), _odd("reference-path-case-differs")),
    ("reference-not-normal", "FileRef 含 ./", "A FileRef holds ./",
     _before_page(f'FileRef="/./{PAGE[1:]}"'), _odd("reference-path-not-normal")),
    ("reference-percent", "FileRef 用百分号编码", "A FileRef is percent-encoded",
     _before_page('FileRef="/Doc_0/Pages/Page_0/Content%2Exml"'), _odd("reference-path-invalid")),
    ("reference-own-method", "单个 Reference 另有 CheckMethod", "One Reference has its own method",
     _before_page(f'CheckMethod="MD5" {_PAGE_REFERENCE}'), _odd("reference-with-own-method")),
    ("check-value-missing", "Reference 没有 CheckValue", "A Reference has no CheckValue",
     swap(f"{_PAGE_REFERENCE}>", f"{_PAGE_REFERENCE}></ofd:Reference><ofd:Reference>"),
     _odd("check-value-missing")),
    ("check-value-twice", "Reference 有两个 CheckValue", "A Reference has two CheckValues",
     swap(f"{_PAGE_REFERENCE}>", f"{_PAGE_REFERENCE}><ofd:CheckValue>{_ZERO}</ofd:CheckValue>"),
     _odd("check-value-twice")),
    ("check-value-short", "CheckValue 只有二十字节", "A CheckValue has twenty bytes only",
     _digest_of_page(lambda _: base64.b64encode(bytes(20)).decode()), _odd("check-value-invalid")),
    ("check-value-commented", "CheckValue 中夹有注释", "A comment cuts a CheckValue",
     _digest_of_page(lambda value: f"{value[:9]}<!-- -->{value[9:]}"), _odd("comment-in-text")),
    ("check-value-with-element", "CheckValue 中夹有元素", "An element stands in a CheckValue",
     _digest_of_page(lambda value: f"{value}<ofd:CheckValue/>"), _odd("element-in-text")),
    ("check-method-md5", "CheckMethod 为 MD5", "CheckMethod is MD5",
     swap(f'CheckMethod="{_SM3}"', 'CheckMethod="MD5"'),
     Reason("check-method-not-accepted", "MD5")),
    ("check-method-sha1", "CheckMethod 为 SHA1", "CheckMethod is SHA1",
     swap(f'CheckMethod="{_SM3}"', 'CheckMethod="SHA1"'),
     Reason("check-method-not-accepted", "SHA1")),
    ("check-method-default", "没有 CheckMethod，按标准默认为 MD5",
     "There is no CheckMethod; the standard's default is MD5",
     swap(f' CheckMethod="{_SM3}"', ""), _odd("check-method-weak")),
    ("check-method-unknown", "CheckMethod 不是已知算法", "CheckMethod is none we know",
     swap(f'CheckMethod="{_SM3}"', 'CheckMethod="1.2.3"'), _odd("check-method-unknown")),
    ("foreign-reference", "其他命名空间的 Reference", "A Reference of another namespace",
     swap("</ofd:References>", '<x:Reference xmlns:x="urn:x" FileRef="/x"/></ofd:References>'),
     _odd("foreign-element")),
    ("key-in-description", "描述中夹带公钥（KeyInfo）",
     "The description brings its own key (KeyInfo)",
     swap("</ofd:SignedInfo>", "<ofd:KeyInfo>BAAA</ofd:KeyInfo></ofd:SignedInfo>"),
     _odd("element-unknown")),
    ("text-between", "元素之间有文字", "Text stands between the elements",
     swap("<ofd:References", "text<ofd:References"), _odd("text-between-elements")),
    ("signature-method-unknown", "SignatureMethod 不是 SM2", "SignatureMethod is not SM2",
     swap(_METHOD, _METHOD.replace(".501", ".999")), _odd("signature-method-unknown")),
    ("signature-method-twice", "有两个 SignatureMethod", "There are two SignatureMethods",
     swap(_METHOD, _METHOD * 2), _odd("signature-method-twice")),
    ("signature-method-missing", "没有 SignatureMethod", "There is no SignatureMethod",
     swap(_METHOD, ""), Reason("deviation-not-allowed", "signature-method-missing")),
    ("date-twice", "有两个签名时间", "There are two dates",
     swap("<ofd:SignatureDateTime>", f"{_DATE}<ofd:SignatureDateTime>"), _odd("date-twice")),
    ("date-invalid", "签名时间不是时间", "The date is none",
     swap("20260601040000Z", "20261301040000Z"), _odd("date-invalid")),
    ("value-named-twice", "有两个 SignedValue", "There are two SignedValues",
     swap("<ofd:SignedValue>", f"<ofd:SignedValue>{SEAL}</ofd:SignedValue><ofd:SignedValue>"),
     _odd("signed-value-twice")),
    ("seal-named-twice", "有两个 Seal 元素", "There are two Seal elements",
     swap("<ofd:Seal>", f"<ofd:Seal><ofd:BaseLoc>{PAGE}</ofd:BaseLoc></ofd:Seal><ofd:Seal>"),
     _odd("seal-twice")),
    ("seal-file-not-there", "印章文件的路径不存在", "The path of the seal file leads nowhere",
     swap(f"<ofd:BaseLoc>{SEAL}", "<ofd:BaseLoc>/Doc_0/none.esl"), _odd("seal-file-missing")),
    ("seal-file-not-named", "没有写明印章文件", "No seal file is named",
     cut("<ofd:Seal>", "</ofd:Seal>"), Reason("seal-file-missing")),
    ("stamp-missing", "印章没有在页面上显示", "The seal stands on no page",
     cut("<ofd:StampAnnot", "/>"), _odd("stamp-missing")),
    ("stamp-outside", "印章位于页面之外", "The seal stands outside the page",
     swap('Boundary="20 95', 'Boundary="220 95'), _odd("stamp-outside-page")),
    ("stamp-without-size", "印章大小为零", "The seal has no size",
     swap('42 42"', '0 42"'), _odd("stamp-box-invalid")),
    ("stamp-clipped-away", "印章被裁剪到什么也不显示", "The seal is clipped to nothing",
     swap('42 42"', '42 42" Clip="0 0 0 0"'), _odd("stamp-clip-invalid")),
    ("stamp-on-no-page", "印章所在页面不存在", "The seal stands on a page that is not there",
     swap('PageRef="1"', 'PageRef="9"'), _odd("stamp-page-unknown")),
)  # fmt: skip

_LISTED = f'<ofd:Signature ID="s001" Type="Seal" BaseLoc="{SIGNATURE}"/>'
_LISTS: tuple[tuple[str, str, str, Change, Reason], ...] = (
    ("listed-twice", "同一签名列出两次", "One signature is listed twice",
     swap(_LISTED, _LISTED + _LISTED.replace('"s001"', '"s002"')),
     Reason("document-irregular", "signature-path-twice")),
    ("listed-id-twice", "两个签名使用同一标识", "Two signatures have one id",
     swap(_LISTED, _LISTED + _LISTED.replace("Sign_0", "Sign_9")),
     Reason("document-irregular", "signature-id-twice")),
    ("listed-and-missing", "列出的签名不存在", "A signature is listed that is not there",
     swap(_LISTED, _LISTED + _LISTED.replace("Sign_0", "Sign_9").replace('"s001"', '"s002"')),
     Reason("document-irregular", "signature-missing")),
    ("listed-without-id", "签名没有标识", "A signature has no id", swap(' ID="s001"', ""),
     Reason("document-irregular", "signature-without-id")),
    ("listed-of-unknown-type", "签名类型不是 Seal 或 Sign", "The type is neither Seal nor Sign",
     swap('Type="Seal"', 'Type="Stamp"'), _odd("signature-type-unknown")),
    ("largest-id-twice", "有两个 MaxSignId", "There are two MaxSignIds",
     swap("<ofd:MaxSignId>", "<ofd:MaxSignId>9</ofd:MaxSignId><ofd:MaxSignId>"),
     Reason("document-irregular", "max-sign-id-twice")),
)  # fmt: skip

_LEFT_OUT = (
    ("page", PAGE, "签名没有列出页面内容", "The seal leaves out the page"),
    ("template", TEMPLATE, "签名没有列出模板页", "The seal leaves out the template"),
    ("main-file", MAIN, "签名没有列出 OFD.xml", "The seal leaves out OFD.xml"),
    ("font", FONT, "签名没有列出内嵌字体", "The seal leaves out the embedded font"),
    ("claims", CLAIMS, "签名没有列出照面数据", "The seal leaves out the claims"),
    ("tags", CLAIMS_TAG, "签名没有列出标引", "The seal leaves out the tags"),
    ("seal-file", SEAL, "签名没有列出印章文件", "The seal leaves out its seal file"),
    (
        "list",
        SIGNATURES,
        "最后一个印章没有列出签名列表",
        "The last seal leaves out the list of signatures",
    ),
)

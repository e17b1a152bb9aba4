"""Words for what the API tells about seals in codes: why something was refused, what was done.

A refusal's sentence names every cause its kind may have; the page says the one that it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from api.problems.table import TABLE
from license_vault.seals.life import ACT_NAMES, STATE_NAMES

Words = tuple[str, str]

_CERTIFICATE: Mapping[str, Words] = {
    "certificate-unreadable": (
        "证书文件无法读取。请上传 PEM，或每个文件一张 DER 证书。",
        "The certificates cannot be read: bring PEM, or one DER certificate a file.",
    ),
    "certificate-other-seal": (
        "证书不是这枚印章的：证书名称 (CN) 应为印章编码。",
        "The certificate is another seal's: its name (CN) must be the seal code.",
    ),
    "certificate-other-owner": (
        "证书上的单位不是印章所有者。",
        "The certificate names another owner.",
    ),
    "certificate-usage": (
        "证书不能用于签名。",
        "The certificate is not one to sign with.",
    ),
    "certificate-period": (
        "证书链中有证书不在有效期内。",
        "A certificate of the chain is out of its period.",
    ),
    "certificate-untrusted": (
        "证书链不通向本地区信任的印章根证书。请一并上传签发机构的证书。",
        "The chain leads to no root trusted for seals here. Bring the issuers' certificates too.",
    ),
    "chain": ("证书链前后不相连。", "The certificates do not follow from each other."),
    "opinions-differ": (
        "两套国密实现对证书签名的结论不一致。请联系运维人员。",
        "Two implementations of SM2 judge the certificates differently. Contact the operators.",
    ),
    "key-missing": (
        "本节点没有这枚印章的密钥。请先生成证书请求。",
        "The seal has no key here. Ask for its certificate first.",
    ),
    "key-other": (
        "证书不属于这枚印章的密钥：它是为另一个证书请求签发的。",
        "The certificate is not of this seal's key: it was issued to another request.",
    ),
}
_APPLYING: Mapping[str, Words] = {
    "code": ("印章编码应为 14 位数字。", "The seal code has 14 digits."),
    "kind": (
        "个人名章只能属于自然人，其他印章不能属于自然人。",
        "A personal seal is a natural person's, and no other seal is.",
    ),
    "name": (
        "印章名称为空、过长或有不能登记的字符。",
        "The name is empty, too long, or has characters no record may have.",
    ),
    "basis": (
        "依据为空、过长或有不能登记的字符。",
        "The basis is empty, too long, or has characters no record may have.",
    ),
    "number": (
        "备案号为空、过长或有不能登记的字符。",
        "The number is empty, too long, or has characters no record may have.",
    ),
    "owner": ("所有者不符。", "The owner does not fit."),
    "picture-size": ("印模尺寸须为整毫米。", "The picture's size is in whole millimetres."),
    "grant-of-a-holder": (
        "持证主体自己的印章不能授权他人。",
        "A holder's own seal is granted to nobody.",
    ),
}
_SETTING: Mapping[str, Words] = {
    "unreadable": ("文件无法读取，或已损坏。", "The document cannot be read, or is damaged."),
    "unsound": (
        "文件结构有问题，盖章后也无法核验。",
        "It is unsound: sealed, it would not verify.",
    ),
    "form": ("只能盖在 PDF 或 OFD 文件上。", "Only PDF and OFD documents are sealed."),
    "sealed-already": ("文件上已有印章。", "There is a seal on it already."),
    "a-license": (
        "这是证照文件；证照只由制证盖章。",
        "It is a license; issuing seals those.",
    ),
    "placement": (
        "盖章位置不在页面内，或没有这一页。",
        "The place is off the page, or there is no such page.",
    ),
    "encrypted": ("文件已加密。", "The document is encrypted."),
    "not-a-pdf": ("不是可以盖章的 PDF。", "It is no PDF that can be sealed."),
    "page-without-size": ("这一页没有尺寸。", "The page has no size."),
    "not-made": (
        "印章还没有按 GB/T 38540 制作。",
        "The seal was not made to GB/T 38540 yet.",
    ),
    "seal-period": ("印章不在有效期内。", "The seal is out of its period."),
    "seal-other-certificate": (
        "印章中的证书不是现在的证书。",
        "The seal names another certificate than its present one.",
    ),
    "seal-unreadable": ("印章数据无法读取。", "The seal's data cannot be read."),
    "certificate-missing": ("没有证书。", "There is no certificate."),
    "certificate-unpublished": (
        "制章者的证书还没有发布给核验方。",
        "Verifiers are not told of the maker's certificate yet.",
    ),
    "expired": ("同意已过期。", "The consent has expired."),
    "used": ("同意已经用过。", "The consent was used."),
    "other-document": ("同意针对的是另一份文件。", "The consent is for another document."),
}
_STATES: Mapping[str, Words] = {
    state.value: (f"印章现为“{zh}”。", f"The seal is {en}.")
    for state, (zh, en) in STATE_NAMES.items()
}
REASONS: Mapping[str, Words] = MappingProxyType(
    {**_APPLYING, **_CERTIFICATE, **_SETTING, **_STATES}
)
"""Why, by the ``reason`` of a problem or of a refusal in the audit."""

FIELDS: Mapping[str, Words] = MappingProxyType(
    {
        "/code": ("印章编码", "Seal code"),
        "/name": ("印章名称", "Name of the seal"),
        "/organisation_code": ("所有者的统一社会信用代码", "Credit code of the owner"),
        "/authority_code": ("发证机关的统一社会信用代码", "Credit code of the authority"),
        "/basis": ("依据", "Basis"),
        "/number": ("备案号", "Number"),
        "/certificates": ("证书链", "Certificate chain"),
        "/picture/shape": ("形状", "Shape"),
        "/picture/ring_text": ("环形文字", "Text along the ring"),
        "/picture/lower_text": ("下方文字", "Text below"),
        "/picture/width_mm": ("直径或宽度", "Diameter or width"),
        "/picture/height_mm": ("高度", "Height"),
        "/picture/png": ("图片", "Picture"),
        "/file": ("文件", "Document"),
        "/page": ("页", "Page"),
        "/x_mm": ("距左边", "From the left"),
        "/y_mm": ("距上边", "From the top"),
        "/purpose": ("用途", "Purpose"),
    }
)
"""What the fields of the forms are called, by the JSON pointer of a problem."""

DETAILS: Mapping[str, Words] = MappingProxyType(
    {
        "basis": ("依据", "Basis"),
        "number": ("备案号", "Number"),
        "authority": ("发证机关", "Authority"),
        "type": ("证照", "Licenses"),
        "certificate": ("证书序列号", "Serial of the certificate"),
        "ses_sm3": ("印章数据 SM3", "SM3 of the seal's data"),
        "key": ("密钥", "Key"),
        "form": ("格式", "Form"),
        "document_sm3": ("文件 SM3", "SM3 of the document"),
        "result_sm3": ("用印后 SM3", "SM3 when sealed"),
        "signed_sm3": ("所签内容 SM3", "SM3 of what was signed"),
        "consent": ("同意", "Consent"),
        "operator": ("操作人", "Operator"),
    }
)
"""What the details of an audit entry are called."""

_TWO_PEOPLE: Mapping[str, Words] = {
    "approve": (
        "您提出了这项申请，须由另一名印章管理员批准。",
        "You applied for it: another manager approves it.",
    ),
    "reject": (
        "您提出了这项申请，须由另一名印章管理员决定。",
        "You applied for it: another manager decides.",
    ),
    "make": (
        "您下达了重新制作，须由另一名印章管理员制作。",
        "You ordered that it be made anew: another manager makes it.",
    ),
}
_BY_KIND: Mapping[str, Words] = {
    "idempotency-key-reused": (
        "这份表单已经提交过一次。如仍要办理，请再提交一次。",
        "This form was sent before. If you want it done once more, send it again.",
    ),
    "seal-picture-refused": (
        "由文字绘制的印模须有环形文字（最多 30 字），圆形直径 30–60 毫米；上传的须为透明底 PNG，"
        "不超过 512 KiB、2000×2000 像素，长宽比与毫米数一致。",
        "One drawn from texts has text along its ring, at most 30 characters, a round one is 30 to "
        "60 mm across; an uploaded one is a PNG with transparency of at most 512 KiB and "
        "2000 × 2000 pixels, its sides as the millimetres say.",
    ),
}
_REFUSALS = {error.__name__: kind for error, kind in TABLE.items()}
_NO_SENTENCE = ("error", "reason", "current", "step", "role", "holds", "code")


def why(problem: Mapping[str, Any]) -> Words | None:
    """Return why it was refused in plain words; None where its own sentence says it."""
    code = str(problem.get("code"))
    if code == "seal-state":
        return _state_words(str(problem.get("current")), str(problem.get("act")))
    if code == "same-person":
        return _TWO_PEOPLE.get(str(problem.get("step")))
    return _BY_KIND.get(code) or REASONS.get(str(problem.get("reason")))


def _state_words(current: str, act: str) -> Words:
    state = {one.value: words for one, words in STATE_NAMES.items()}.get(current, (current,) * 2)
    done = {one.value: words for one, words in ACT_NAMES.items()}.get(act, (act,) * 2)
    return (
        f"印章现为“{state[0]}”，不能办理“{done[0]}”。",
        f"The seal is {state[1]}; it cannot be {done[1]}.",
    )


def refusal_of(details: Mapping[str, str]) -> Words | None:
    """Return why an act in the audit was refused; None where it was not."""
    kind = _REFUSALS.get(details.get("error", ""))
    if kind is None:
        return None
    reason = REASONS.get(details.get("reason", ""))
    if reason is not None:
        return f"{kind.title_zh}：{reason[0]}", f"{kind.title_en}: {reason[1]}"
    return kind.title_zh, kind.title_en


def details_of(details: Mapping[str, str]) -> tuple[tuple[Words, str], ...]:
    """Return an entry's details, each with its name, without what its refusal says in words."""
    known = refusal_of(details) is not None
    left = {k: v for k, v in details.items() if not (known and k in _NO_SENTENCE)}
    return tuple((DETAILS.get(name, (name, name)), value) for name, value in left.items())


def actor_words(actor: str) -> Words:
    """Return who acted: officers by their name, holders and programs as what they are."""
    kind, _, name = actor.partition(":")
    match kind:
        case "officer":
            return name, name
        case "holder":
            return f"持证主体 {name}", f"holder {name}"
        case "client":
            return f"程序 {name}", f"program {name}"
    return actor, actor

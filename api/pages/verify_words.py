"""What a verification did not look at, and what everybody does next, in words of both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.pages.verify_lines import Words, deciding

_NOT_CHECKED: Final[Mapping[str, Words]] = {
    "qr-code": {
        "zh": "照面二维码图形是否与文件数据一致",
        "en": "whether the QR code drawn on the face says what the file says",
    },
    "seal-picture": {
        "zh": "印模是否就是该单位备案的印模",
        "en": "whether the picture of the seal is the one its owner uses",
    },
    "page-beyond-the-index": {
        "zh": "照面上未作标记之处的文字和图形",
        "en": "text and pictures of the page outside the places that are marked",
    },
    "seal-register": {
        "zh": "印章备案登记簿此后是否暂停或注销了该印章",
        "en": "whether the register of seals has suspended or cancelled the seal since",
    },
    "second-opinion": {
        "zh": "另一套密码实现的复核",
        "en": "a second implementation of the cryptography",
    },
    "presented-file": {
        "zh": "出示人手中的文件或纸件：这里核验的是证照库存档的文件",
        "en": "the file or paper in the presenter's hand: what was verified is the file on record",
    },
    "status-before-the-list": {
        "zh": "状态列表签发之前曾否暂扣",
        "en": "whether it was suspended before the status list was signed",
    },
    "status-marks": {
        "zh": "附条件、异议等标注",
        "en": "marks such as conditions or disputes",
    },
    "seal": {"zh": "印章签名", "en": "the seal's signature"},
    "seal-data": {"zh": "电子印章数据", "en": "the data of the electronic seal"},
    "certificate": {"zh": "签章证书", "en": "the certificate of the seal"},
    "chain": {"zh": "证书链", "en": "the chain of certificates"},
    "time": {"zh": "签章时间", "en": "the time of sealing"},
    "revocation": {"zh": "证书撤销情况", "en": "whether certificates were revoked"},
    "authority": {"zh": "签章权限", "en": "the right to seal"},
    "status": {"zh": "证照状态", "en": "the state of the license"},
    "log": {"zh": "签发日志", "en": "the issue log"},
    "content": {"zh": "照面内容", "en": "the content of the face"},
    "integrity": {"zh": "文件完整性", "en": "the integrity of the file"},
    "references": {"zh": "文件条目摘要", "en": "the digests of the entries"},
    "coverage": {"zh": "印章覆盖范围", "en": "what the seal covers"},
}
_NOTHING_MORE: Final[Words] = {
    "zh": "核验方可据此办理，无需再做什么",
    "en": "Rely on it; nothing more to do",
}
_SEAL: Final[Words] = {
    "zh": "请出示加盖了印章的证照文件，一并核验",
    "en": "Presenter: show the license that was sealed with it, to be verified",
}
_COPY: Final[Words] = {
    "zh": "核验方：只用于所写用途，过期作废",
    "en": "Verifier: only for the purpose it states, until it expires",
}
_ASK: Final[Words] = {
    "zh": "持证主体：向发证机关询问",
    "en": "Holder: ask the issuing authority",
}
_BY_DECISION: Final[Mapping[str, Words]] = {
    "waived": {"zh": "窗口：凭本结果受理，免交纸质件", "en": "Window: accept it; no paper needed"},
    "to_submit": {"zh": "申请人：补交材料", "en": "Applicant: submit the document"},
    "manual": {"zh": "窗口人员：人工核验", "en": "Clerk at the window: check by hand"},
}


def not_checked_words(code: str) -> Words:
    """Return what a code of ``not_checked`` means; an unknown one stands for itself."""
    return _NOT_CHECKED.get(code, {"zh": code, "en": code})


def next_words(report: Mapping[str, Any]) -> Words:
    """Return who acts next, from decision, verdict and the check that decided."""
    cause = deciding(report)
    if cause is not None:
        who: Words = cause["who_acts"]
        return who
    decision = report.get("decision")
    if decision is not None:
        return _BY_DECISION[decision["outcome"]]
    if report["verdict"] == "valid" and "license" in report and report["license"] is None:
        return _SEAL
    settled = {"valid": _NOTHING_MORE, "valid_copy": _COPY}
    return settled.get(report["verdict"], _ASK)

"""Certificate chains that commands are given: refused in both languages, with what to do."""

from __future__ import annotations

from datetime import datetime

from api.errors import CommandRefusedError
from keys.certificate import Certificate
from license_vault.seals import certificate_chain
from license_vault.trust.errors import ChainRefusedError

_SENTENCES = {
    "unreadable": ("证书无法读取。", "A certificate cannot be read."),
    "link": (
        "证书 {subject} 不是由链中的上级签发。",
        "The certificate {subject} is not issued by the next one of the chain.",
    ),
    "period": (
        "证书 {subject} 不在有效期内。",
        "The certificate {subject} is out of its period.",
    ),
    "opinions-differ": (
        "两个 SM2 实现对证书 {subject} 的结论不一致，不予采用；请报告安全管理员。",
        "Two SM2 implementations disagree about the certificate {subject}; tell the security "
        "administrator.",
    ),
}


def checked_chain(
    encoded: tuple[bytes, ...], anchor: bytes, at: datetime
) -> tuple[Certificate, ...]:
    """Return a chain whose every link holds, up to the anchor, the certificate first.

    Raises:
        CommandRefusedError: a certificate, a link or a period is wrong, or the second SM2
            implementation disagrees.
    """
    try:
        return certificate_chain.checked_chain(encoded, anchor, at)
    except ChainRefusedError as error:
        zh, en = _SENTENCES[error.reason]
        raise CommandRefusedError(
            zh.format(subject=error.subject), en.format(subject=error.subject)
        ) from error

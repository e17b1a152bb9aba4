"""The people of the demo: as whom one can log in, what they do, and what the provider says of them.

All are invented. Approval and seals need two people each, so there are two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from examples.people import Person
from examples.requests_to_issue import ENTERPRISE, REPRESENTATIVE
from examples.setting_up import authority

FAMILY = Person("欧阳明玥", "111", "310114199003072841")


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to log in as; names and duties are Chinese, English."""

    login: str
    name: tuple[str, str]
    about: tuple[str, str]
    to: str
    claims: dict[str, Any]

    @property
    def shown(self) -> dict[str, Any]:
        """Return what the start page shows."""
        return {
            "login": self.login,
            "name": dict(zip(("zh", "en"), self.name, strict=True)),
            "about": dict(zip(("zh", "en"), self.about, strict=True)),
            "to": self.to,
        }


def _holder(person: Person) -> dict[str, Any]:
    return {
        "roles": ["license-holder"],
        "name": person.name,
        "document_type": person.document_type,
        "document_number": person.document_number,
    }


def _officer(*roles: str) -> dict[str, Any]:
    return {"roles": list(roles), "organisation": authority()["code"]}


def demo_people() -> tuple[DemoPerson, ...]:
    """Return everybody, in the order in which a newcomer meets them."""
    return (
        DemoPerson(
            "representative",
            ("赵翊辰：持证人、企业法定代表人", "Zhao Yichen: holder and legal representative"),
            (
                "有本人的身份证，并代表一家企业：可切换，可亮证、制作加注件、提出异议。",
                "Has an identity card and represents an enterprise: switch, show, copy, dispute.",
            ),
            "/my",
            _holder(REPRESENTATIVE),
        ),
        DemoPerson(
            "family",
            ("欧阳明玥：持证人", "Ouyang Mingyue: holder"),
            (
                "有身份证、二级建造师证、孩子的生育登记。",
                "Has an identity card, a constructor's registration, a birth registration.",
            ),
            "/my",
            _holder(FAMILY),
        ),
        DemoPerson(
            "enterprise",
            ("上海示例长风数字科技：企业", "Changfeng Digital: an enterprise"),
            (
                "以企业身份登录，委托他人代办，申请企业印章。",
                "Logs in as itself, lets others act, applies for its seal.",
            ),
            "/my",
            _holder(ENTERPRISE),
        ),
        DemoPerson(
            "clerk",
            ("窗口人员", "Clerk at the window"),
            (
                "扫码、核验外省证照、归档回执。",
                "Scans codes, verifies other regions' licenses, files receipts.",
            ),
            "/window",
            _officer("license-officer"),
        ),
        DemoPerson(
            "shen",
            ("沈工：审批人员", "Shen: approval officer"),
            (
                "受理办件、作出决定（以本人私钥签名，见 demo/officer-shen.key）、制证。",
                "Handles cases, decides (signs with the key in demo/officer-shen.key), issues.",
            ),
            "/console",
            _officer("approval-officer"),
        ),
        DemoPerson(
            "anna",
            ("安娜：印章管理员", "Anna: seal manager"),
            (
                "申请、制作、备案、停用印章；不能批准自己的申请。",
                "Applies for, makes, files and stops seals; never approves her own.",
            ),
            "/console",
            _officer("seal-manager"),
        ),
        DemoPerson(
            "bert",
            ("柏特：第二位印章管理员", "Bert: the second seal manager"),
            ("批准他人的印章申请。", "Approves what others applied for."),
            "/console",
            _officer("seal-manager"),
        ),
        DemoPerson(
            "carla",
            ("卡拉：印章审计员", "Carla: seal auditor"),
            ("查看每一次用印与每一次拒绝。", "Sees every use of a seal and every refusal."),
            "/console",
            _officer("seal-auditor"),
        ),
        DemoPerson(
            "safety-one",
            ("安全管理员甲", "Security administrator, first"),
            (
                "凭函件指纹核准伙伴地区的信任名单。",
                "Approves partner regions' trust lists by the letter's fingerprint.",
            ),
            "/console",
            _officer("security-administrator"),
        ),
        DemoPerson(
            "safety-two",
            ("安全管理员乙", "Security administrator, second"),
            (
                "第二人核准：两人所录一致方才生效。",
                "The second to approve: it counts when both typed the same.",
            ),
            "/console",
            _officer("security-administrator"),
        ),
    )

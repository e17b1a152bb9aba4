"""Kinds of problems with seals: applying, making, granting, setting; and with signed approvals."""

from __future__ import annotations

from api.problems.kind import ProblemKind

SEAL_KINDS = (
    # --- seals and their life ---
    ProblemKind(
        "seal-not-permitted",
        403,
        "无权使用该印章",
        "The seal may not be used for this",
        "没有对该机关、证照类型与客户端的用印授权。",
        "There is no grant for this authority, license type and client.",
    ),
    ProblemKind(
        "seal-unusable",
        409,
        "印章不可用",
        "The seal cannot be used",
        "该印章已停用、正在重制或已注销，印章或其证书不在有效期内，或与密钥不符。",
        "The seal is not in use, it or its certificate is out of its period, or it is not for "
        "its key.",
        ("reason",),
    ),
    ProblemKind(
        "seal-not-found",
        404,
        "没有此印章",
        "There is no such seal",
        "没有此印章，或者不对当前调用者开放。",
        "There is no such seal, or none that you may see.",
    ),
    ProblemKind(
        "seal-exists",
        409,
        "印章已存在",
        "There is such a seal already",
        "该印章编码已有印章或申请。",
        "A seal with this code exists or was applied for.",
    ),
    ProblemKind(
        "seal-refused",
        422,
        "印章资料不合规",
        "What was brought for the seal does not fit",
        "印章编码、所有者、证书、密钥或文字不合规或互不相符 ({reason})。",
        "Code, owner, certificate, key or text of the seal do not fit together ({reason}).",
        ("reason",),
    ),
    ProblemKind(
        "seal-picture-refused",
        422,
        "印模不合规",
        "The seal's picture is not accepted",
        "印模须为规定尺寸内可绘制的图样，或带透明通道的 PNG（不超过 512 KiB、2000×2000 像素）。",
        "It must be a picture we can draw in its size, or a PNG with transparency "
        "(at most 512 KiB and 2000 × 2000 pixels).",
        ("code",),
    ),
    ProblemKind(
        "seal-state",
        409,
        "印章现状不允许此操作",
        "The seal's state does not allow this",
        "印章现为“{current}”，不能办理“{act}”。",
        "The seal is {current}; the act {act} is not possible now.",
        ("current", "act"),
    ),
    ProblemKind(
        "seal-maker-unusable",
        409,
        "暂不能制章",
        "No seal can be made now",
        "制章者的证书或密钥不可用 ({reason})。请联系运维人员。",
        "Certificate or key of the seal maker cannot be used ({reason}). Contact the operators.",
        ("reason",),
    ),
    # --- who may do what with seals ---
    ProblemKind(
        "seal-role-missing",
        403,
        "没有此印章岗位",
        "You do not have this seal role",
        "需要印章岗位 {role}（manage 管理、use 使用、audit 审计）。",
        "This needs the seal role {role} (manage, use or audit).",
        ("role",),
    ),
    ProblemKind(
        "seal-roles-conflict",
        403,
        "一人只能担任一种印章岗位",
        "One person has at most one seal role",
        "管理、使用、审计不得由一人兼任；现有岗位为 {holds}。",
        "Manage, use and audit are never one person; the role held is {holds}.",
        ("holds", "role"),
    ),
    ProblemKind(
        "same-person",
        403,
        "同一人不能办理两个环节",
        "One person cannot do both steps",
        "申请与批准、要求重制与制作、审查与核准须由不同的人办理；环节 {step}。",
        "Apply and approve, order and make, review and check are done by two people; step {step}.",
        ("step",),
    ),
    # --- a holder's own seal, and documents ---
    ProblemKind(
        "seal-consent-missing",
        403,
        "未经持有人同意",
        "The holder has not consented",
        "持有人自己的印章每次使用都须经持有人同意。",
        "A holder's own seal is set only with the holder's consent for this one use.",
    ),
    ProblemKind(
        "seal-consent-unusable",
        409,
        "同意不适用",
        "The consent does not allow this",
        "该同意不存在、已过期、已使用，或针对另一文件 ({reason})。",
        "The consent is unknown, expired, used, or for another document ({reason}).",
        ("reason",),
    ),
    ProblemKind(
        "document-refused",
        422,
        "不能在此文件上用印",
        "This document is not sealed here",
        "文件无法读取、已盖章、是证照，或盖章位置不在页面内 ({reason})。",
        "The document cannot be read, is sealed, is a license, or the place is off its page "
        "({reason}).",
        ("reason",),
    ),
    # --- signed approvals ---
    ProblemKind(
        "approval-missing",
        422,
        "缺少审批签名",
        "A signed approval is missing",
        "事项 {item_code} 须有环节 {step} 的审批签名。",
        "The item {item_code} needs a signed approval of the step {step}.",
        ("item_code", "step"),
    ),
    ProblemKind(
        "approval-invalid",
        422,
        "审批签名无效",
        "A signed approval does not count",
        "{officer_id} 的审批签名不成立 ({reason})。",
        "The signed approval of {officer_id} does not count ({reason}).",
        ("officer_id", "reason"),
    ),
    ProblemKind(
        "item-not-registered",
        422,
        "事项未登记",
        "The item is not registered",
        "本系统只受理已登记事项的制证请求，并须有审批签名。",
        "Only requests of registered items, with their signed approvals, are answered here.",
        ("item_code",),
    ),
)

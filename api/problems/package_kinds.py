"""Kinds of problems with issuing several at once: evidence, conditions, parts, packages."""

from __future__ import annotations

from api.problems.kind import ProblemKind

PACKAGE_KINDS = (
    ProblemKind(
        "evidence-refused",
        422,
        "不能作为佐证材料",
        "This cannot be taken as evidence",
        "只接受完整的 JPEG、PNG 或 PDF 文件，文件末尾之后不得有其他内容 ({code})。",
        "Only a whole JPEG, PNG or PDF is taken, with nothing behind its end ({code}).",
        ("code",),
    ),
    ProblemKind(
        "evidence-too-large",
        413,
        "佐证材料太大",
        "The evidence is too large",
        "佐证材料最多 {limit} 字节。",
        "A file of evidence has at most {limit} bytes.",
        ("limit",),
    ),
    ProblemKind(
        "evidence-not-found",
        404,
        "没有此佐证材料",
        "There is no such evidence",
        "没有此佐证材料，或者不对当前调用者开放。",
        "There is no such evidence, or none that you may see.",
    ),
    ProblemKind(
        "condition-not-found",
        404,
        "没有此项条件",
        "There is no such condition",
        "该证照没有第 {position} 项条件。",
        "The license has no condition number {position}.",
        ("position",),
    ),
    ProblemKind(
        "condition-fulfilled",
        409,
        "条件已履行",
        "The condition is fulfilled already",
        "第 {position} 项条件先前已登记为履行。",
        "Condition number {position} was recorded as fulfilled before.",
        ("position",),
    ),
    ProblemKind(
        "no-duplicates",
        409,
        "没有有效的副本",
        "There are no duplicates in force",
        "该证照没有有效的副本，不能成套校验；请对单本证照办理。",
        "No 副本 of this license is in force, so there is no set to revalidate; do it to the "
        "license alone.",
    ),
    ProblemKind(
        "part-not-found",
        404,
        "没有此分项",
        "There is no such part",
        "该证照没有第 {position} 个分项，或者该分项不由当前调用者的机关主管。",
        "The license has no part number {position}, or none that your authority answers for.",
        ("position",),
    ),
    ProblemKind(
        "package-not-found",
        404,
        "没有此一件事申请",
        "There is no such package",
        "没有此一件事申请，或者不对当前调用者开放。",
        "There is no such package, or none that you may see.",
    ),
)

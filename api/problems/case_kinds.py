"""The problems of items, cases and their forms."""

from __future__ import annotations

from api.problems.kind import ProblemKind

CASE_KINDS = (
    ProblemKind(
        "item-not-found",
        404,
        "没有此事项",
        "There is no such item",
        "没有此事项，或尚未配置其所需证照与表单。",
        "There is no such item, or what it needs was not put yet.",
    ),
    ProblemKind(
        "case-not-found",
        404,
        "没有此办件",
        "There is no such case",
        "没有此办件，或您无权查看。",
        "There is no such case, or none that you may see.",
    ),
    ProblemKind(
        "case-exists",
        409,
        "办件编号已存在",
        "There is a case of this number already",
        "本机构已有此编号的办件 {handle}。",
        "Your organisation has a case of this number: {handle}.",
        ("handle",),
    ),
    ProblemKind(
        "case-state",
        409,
        "办件现状不允许此操作",
        "The case's state does not allow this",
        "办件现为“{current}”。",
        "The case is {current}.",
        ("current",),
    ),
    ProblemKind(
        "case-without-license",
        409,
        "准予的办件尚未制证",
        "The approved case has no license yet",
        "准予的办件须先制发证照方可办结；尚缺证照类型 {missing}。",
        "A case decided 准予 closes only with its license; lacking are the types {missing}.",
        ("missing",),
    ),
    ProblemKind(
        "case-document-not-found",
        404,
        "办件中没有此文件",
        "The case has no such file",
        "此办件中没有此文件。",
        "There is no such file in this case.",
    ),
    ProblemKind(
        "sealed-form-refused",
        422,
        "加盖印章的表单不属于本办件",
        "The sealed form does not belong to this case",
        "文件不是本办件表单由申请人本人印章在本系统用印所得 ({reason})。",
        "The file is no sheet of this case with the applicant's own seal, set here ({reason}).",
        ("reason",),
    ),
)

"""What each figure is called and what it counts of what, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from license_vault.figures.daily import FigureName


@dataclass(frozen=True, slots=True)
class FigureWords:
    """Title, and what is counted (``part``) of what (``whole``), each as {"zh", "en"}."""

    title: dict[str, str]
    part: dict[str, str]
    whole: dict[str, str]


def _words(title: tuple[str, str], part: tuple[str, str], whole: tuple[str, str]) -> FigureWords:
    return FigureWords(*({"zh": zh, "en": en} for zh, en in (title, part, whole)))


FIGURE_WORDS = {
    FigureName.SIGNED: _words(
        ("签发率", "Issuing rate"),
        ("已用印并入库的证照", "licenses sealed and kept"),
        ("当日应签发的证照", "licenses to be issued that day"),
    ),
    FigureName.COLLECTED_SAME_DAY: _words(
        ("当日归集率", "Same-day collection rate"),
        ("当日被上级目录接收的证照", "licenses the upper directory accepted that day"),
        ("当日签发的证照", "licenses issued that day"),
    ),
    FigureName.PAPER_WAIVED: _words(
        ("免交率", "No-paper rate"),
        ("凭电子证照免交的材料", "documents met by electronic licenses"),
        ("办件所需的材料", "documents that cases need"),
    ),
    FigureName.PRESENTED: _words(
        ("亮证量", "Presentations"),
        ("已被扫码读取的亮证码", "codes read at a window"),
        ("持证人出示的亮证码", "codes that holders made"),
    ),
    FigureName.DISPUTES_IN_TIME: _words(
        ("异议按期办结率", "Disputes answered in time"),
        ("按期办结的异议", "disputes answered by their last day"),
        ("当日办结或到期的异议", "disputes answered or due that day"),
    ),
    FigureName.CANARY: _words(
        ("巡检通过率", "Canary runs passed"),
        ("签名并核验成功的巡检", "runs that signed and verified"),
        ("全部巡检", "all runs"),
    ),
}

"""Write the report from findings: verdict, marks, the first sentence, masked license facts.

Personal data is kept out as far as the reader can do without: of a natural person the first
character of the name and the last four of the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from license_vault.license import LONG_TERM, CopyKind, Holder, HolderKind
from license_vault.license_metadata import Claims, content_id
from verification.case import Case
from verification.copy_report import as_copy, copy_sentence
from verification.evidence import DocumentForm, Evidence, StatusKind
from verification.explanations import Effect, Reason, Sentence, fill, reason
from verification.findings import Finding
from verification.log_judgement import log_summary
from verification.policy import Policy
from verification.report import (
    Check,
    DocumentSummary,
    LicenseSummary,
    Outcome,
    SealSummary,
    StatusListSummary,
    Technical,
    TrustSummary,
    Verdict,
    VerificationReport,
)
from verification.revocation import Moments
from verification.status_files import readable_status_head, tells_marks

# The worst first: what a verdict is made of.
_PRECEDENCE = (
    (Effect.UNSEALED, Verdict.UNSEALED),
    (Effect.ALTERED, Verdict.ALTERED),
    # What was sealed is not known: before asking who sealed it.
    (Effect.UNCOVERED, Verdict.INDETERMINATE),
    (Effect.UNTRUSTED, Verdict.UNTRUSTED),
    (Effect.INDETERMINATE, Verdict.INDETERMINATE),
    (Effect.NOT_IN_FORCE, Verdict.NOT_IN_FORCE),
)
_OUTCOMES = {
    Effect.PASSED: Outcome.PASSED,
    Effect.MARK: Outcome.PASSED,
    Effect.NOTE: Outcome.NOT_CHECKED,
    Effect.INDETERMINATE: Outcome.INDETERMINATE,
    Effect.UNCOVERED: Outcome.INDETERMINATE,
}
_CHECK_ORDER = (
    "references",
    "coverage",
    "integrity",
    "seal",
    "seal-data",
    "certificate",
    "chain",
    "time",
    "revocation",
    "authority",
    "status",
    "log",
    "content",
    "manifest",
    "copy",
    "receipt",
    "qr",
)
_VERDICT_WORDS = {
    Verdict.VALID: Sentence("有效", "Valid"),
    Verdict.NOT_IN_FORCE: Sentence("不在有效状态", "Not in force"),
    Verdict.INDETERMINATE: Sentence("暂无法判定", "Cannot be determined"),
    Verdict.ALTERED: Sentence("无效，已被改动", "Altered"),
    Verdict.UNTRUSTED: Sentence("不可信", "Not trusted"),
    Verdict.UNSEALED: Sentence("没有可核验的印章", "No seal that can be verified"),
}
# The one thing that is verified and is no license: never said to be "valid" and no more.
_GENUINE_SEAL = Sentence(
    "电子印章属实，在有效期内；这是印章，不是证照。",
    "The seal is genuine and in its period. It is a seal, not a license.",
)
_STATES = {
    "not-yet-in-force": Sentence("未生效", "not yet in force"),
    "sealed-after-as-of": Sentence("未生效", "not yet in force"),
    "copy-expired": Sentence("加注件过期", "copy expired"),
    "copy-not-yet-made": Sentence("加注件尚未制作", "copy not yet made"),
    "suspended": Sentence("暂扣", "suspended"),
    "suspended-until": Sentence("暂扣至 {detail}", "suspended until {detail}"),
    "expired": Sentence("过期", "expired"),
    "lapsed": Sentence("失效", "lapsed"),
    "superseded": Sentence("被替代", "superseded"),
    "cancelled": Sentence("注销", "cancelled"),
    "revoked": Sentence("吊销", "revoked"),
    "rescinded": Sentence("撤销", "rescinded"),
    "transferred": Sentence("转出", "transferred"),
    "not-in-force": Sentence("原因未取得", "the reason is not at hand"),
}
# An ended license is told by its end, not by a date that would have come anyway.
_STATE_ORDER = (
    "revoked",
    "rescinded",
    "cancelled",
    "superseded",
    "lapsed",
    "transferred",
    "suspended-until",
    "suspended",
    "expired",
    "not-yet-in-force",
    "not-in-force",
    "sealed-after-as-of",
    "copy-expired",
    "copy-not-yet-made",
)
_MARKS = {
    "cms-without-seal": Sentence(
        "签名而无 GB/T 38540 电子印章", "signature without a GB/T 38540 seal"
    ),
    "content-partly-uncovered": Sentence("内容部分未覆盖", "content partly uncovered"),
    "made-from-records": Sentence("存量补制", "made from older records"),
    "conditional": Sentence("附条件", "conditional"),
    "disputed": Sentence("异议中", "under dispute"),
    "renewal-pending": Sentence("延续审批中", "renewal pending"),
}
# What is told in its own words, and is one of the states.
_STATE_OF = {"sealed-after-as-of": "not-yet-in-force", "suspended-until": "suspended"}
# After its last day a license whose renewal is waited for is told so in these words.
_OVERDUE = "renewal-pending-after-expiry"
_OVERDUE_WORDS = Sentence(
    "到期，延续审批中（行政许可法 50）", "expired, renewal pending (行政许可法, art. 50)"
)
_MARK_OF = {_OVERDUE: "renewal-pending"}
# EN 319 102-1, table 5: these are failures; every other sub-indication leaves it open.
_FAILURES = frozenset(
    {"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED", "EXPIRED", "NOT_YET_VALID"}
)
# What no verification here looks at; told every time.
_NEVER_CHECKED = {
    DocumentForm.PDF: ("qr-code", "seal-picture", "page-beyond-the-index"),
    DocumentForm.OFD: ("qr-code", "seal-picture", "page-beyond-the-index", "seal-register"),
    DocumentForm.JSON: (),
    DocumentForm.ESL: ("seal-picture", "seal-register"),
}


def write_report(
    evidence: Evidence,
    policy: Policy,
    moments: Moments,
    found: Sequence[Finding],
    seals: tuple[SealSummary, ...],
    claims: Claims | None,
) -> VerificationReport:
    """Return the report of a judgement."""
    verdict = _verdict(found)
    shows_license = claims is not None and verdict not in (Verdict.ALTERED, Verdict.UNSEALED)
    state = _state(found) if shows_license or _is_registered(evidence, verdict) else None
    marks = _marks(evidence, found) if shows_license else ()
    document, trust = evidence.document, evidence.trust
    return VerificationReport(
        verdict=verdict,
        state=state,
        marks=marks,
        sentence=_GENUINE_SEAL
        if verdict is Verdict.VALID and document.form is DocumentForm.ESL
        else _sentence(verdict, state, marks, found),
        as_of=moments.as_of,
        verified_at=moments.verified_at,
        policy=policy.name,
        document=DocumentSummary(document.form, document.sm3, document.sha256, document.size),
        license=_license(claims) if shows_license and claims is not None else None,
        checks=tuple(_check(entry) for entry in sorted(found, key=_place)),
        seals=seals,
        not_checked=_not_checked(evidence, found),
        technical=_technical(verdict, found),
        trust=None if trust is None else TrustSummary(trust.region, trust.issued_at),
        status_list=_status_list(evidence, found),
        content_id=_content_id(evidence) if shows_license else None,
        deviations=_deviations(found),
        log=log_summary(evidence, found),
    )


def _is_registered(evidence: Evidence, verdict: Verdict) -> bool:
    """Say whether a state is told by the register of a node, even if the file names no license."""
    told = evidence.status is not None and evidence.status.kind is StatusKind.REGISTER
    return told and verdict not in (Verdict.ALTERED, Verdict.UNSEALED)


def write_copy_report(case: Case, found: Sequence[Finding]) -> VerificationReport:
    """Return the report about a purpose-bound copy: never that of a license.

    What a copy says of itself is shown where the library's signature of it was found good.
    """
    report = write_report(case.evidence, case.policy, case.moments, found, (), None)
    believed = any(entry.code == "copy-signed" for entry in found)
    record = case.copy if believed and report.verdict not in _NOT_SHOWN else None
    if record is None:
        return replace(report, sentence=as_copy(report.sentence))
    state, marks = _state(found), _marks(case.evidence, found)
    if report.verdict is Verdict.VALID:
        sentence = copy_sentence(record, tuple(_MARKS[mark] for mark in marks))
        return replace(
            report, verdict=Verdict.VALID_COPY, sentence=sentence, marks=marks, copy=record
        )
    sentence = as_copy(_sentence(report.verdict, state, marks, found))
    return replace(report, state=state, marks=marks, sentence=sentence, copy=record)


_NOT_SHOWN = (Verdict.ALTERED, Verdict.UNSEALED, Verdict.UNTRUSTED)


def conclude(found: Sequence[Finding]) -> tuple[Verdict, Sentence, tuple[Check, ...]]:
    """Return verdict, first sentence and lines of what was found about anything but a license."""
    verdict = _verdict(found)
    lines = tuple(_check(entry) for entry in sorted(found, key=_place))
    return verdict, _sentence(verdict, None, (), found), lines


def _content_id(evidence: Evidence) -> str | None:
    parsed = evidence.document.parsed
    return None if parsed is None or parsed.claims is None else content_id(parsed.claims)


def _deviations(found: Sequence[Finding]) -> tuple[str, ...]:
    """Return what others write otherwise, of the document and of all seals, each once."""
    codes = ("vendor-deviation", "deviation-not-allowed")
    named = (entry.values["detail"] for entry in found if entry.code in codes)
    return tuple(dict.fromkeys(named))


def _verdict(found: Sequence[Finding]) -> Verdict:
    effects = {entry.effect for entry in found}
    for effect, verdict in _PRECEDENCE:
        if effect in effects:
            return verdict
    return Verdict.VALID


def _place(entry: Finding) -> int:
    return _CHECK_ORDER.index(entry.check)


def _check(entry: Finding) -> Check:
    why = reason(entry.code)
    return Check(
        check=why.check,
        outcome=_OUTCOMES.get(why.effect, Outcome.FAILED),
        code=why.code,
        values=entry.values,
        sentence=fill(why.sentence, entry.values),
        how=why.how,
        known_at=entry.known_at,
        who_acts=why.who_acts,
        clause=why.clause,
        seal=entry.seal,
    )


def _state(found: Sequence[Finding]) -> str | None:
    codes = {entry.code for entry in found}
    state = next((code for code in _STATE_ORDER if code in codes), None)
    return None if state is None else _STATE_OF.get(state, state)


def marks_in(found: Sequence[Finding]) -> tuple[str, ...]:
    """Return the marks that findings give a license, by their codes."""
    marks = (entry.code for entry in found if entry.effect is Effect.MARK)
    return tuple(dict.fromkeys(_MARK_OF.get(code, code) for code in marks))


def _marks(evidence: Evidence, found: Sequence[Finding]) -> tuple[str, ...]:
    codes = marks_in(found)
    told = evidence.status.marks if evidence.status is not None else ()
    return tuple(dict.fromkeys([*(mark for mark in told if mark in _MARKS), *codes]))


def _sentence(
    verdict: Verdict, state: str | None, marks: tuple[str, ...], found: Sequence[Finding]
) -> Sentence:
    words = _VERDICT_WORDS[verdict]
    if verdict is Verdict.VALID:
        marked = with_marks(words, marks, found)
        return Sentence(f"{marked.zh}。", f"{marked.en}.")
    cause = _cause(verdict, state, found)
    because = fill(reason(cause.code).sentence, cause.values)
    if verdict is Verdict.NOT_IN_FORCE and state is not None:
        known = state if cause.code not in _STATE_OF else cause.code
        said = fill(_STATES[known], cause.values)
        words = Sentence(f"{words.zh}：{said.zh}", f"{words.en}: {said.en}")
        return Sentence(f"{words.zh}。{because.zh}。", f"{words.en}. {because.en}.")
    return Sentence(f"{words.zh}：{because.zh}。", f"{words.en}: {because.en}.")


def with_marks(words: Sentence, marks: Sequence[str], found: Sequence[Finding]) -> Sentence:
    """Return words about a license in force, its marks behind them in brackets."""
    overdue = any(entry.code == _OVERDUE for entry in found)
    words_of = {**_MARKS, "renewal-pending": _OVERDUE_WORDS} if overdue else _MARKS
    told = [words_of[mark] for mark in marks]
    if not told:
        return words
    zh, en = "；".join(mark.zh for mark in told), "; ".join(mark.en for mark in told)
    return Sentence(f"{words.zh}（{zh}）", f"{words.en} ({en})")


def _cause(verdict: Verdict, state: str | None, found: Sequence[Finding]) -> Finding:
    """Return the finding that the first sentence names: of the verdict, first in check order."""
    found_effects = {entry.effect for entry in found}
    effect = next(
        effect for effect, meaning in _PRECEDENCE if meaning is verdict and effect in found_effects
    )
    causes = sorted((entry for entry in found if entry.effect is effect), key=_place)
    return next((e for e in causes if _STATE_OF.get(e.code, e.code) == state), causes[0])


def _technical(verdict: Verdict, found: Sequence[Finding]) -> Technical:
    """Name the conclusion as EN 319 102-1 does; the state of a license is not its business."""
    if verdict in (Verdict.VALID, Verdict.NOT_IN_FORCE):
        return Technical("TOTAL_PASSED", None)
    cause: Reason = reason(_cause(verdict, None, found).code)
    if cause.code == "no-seal":
        return Technical("NO_SEAL_FOUND", None)
    sub = cause.sub_indication
    return Technical("TOTAL_FAILED" if sub in _FAILURES else "INDETERMINATE", sub)


def _not_checked(evidence: Evidence, found: Sequence[Finding]) -> tuple[str, ...]:
    skipped = [entry.check for entry in found if entry.effect is Effect.NOTE]
    document = evidence.document
    alone = document.form is DocumentForm.ESL
    opinions = document.maker_opinions if alone else document.second_opinions
    asked = bool(opinions) and all(opinion is not None for opinion in opinions)
    late = ["status-before-the-list"] if any(f.code == "in-force-later" for f in found) else []
    extra = [*late, *_marks_unknown(evidence, found), *([] if asked else ["second-opinion"])]
    return tuple(dict.fromkeys([*skipped, *extra, *_NEVER_CHECKED[document.form]]))


def _marks_unknown(evidence: Evidence, found: Sequence[Finding]) -> list[str]:
    """Say that a plane alone tells nothing of the marks of a license in force."""
    status = evidence.status
    if status is None or status.kind is not StatusKind.SIGNED_LIST or tells_marks(status):
        return []
    in_force = any(entry.code in {"in-force", "in-force-later"} for entry in found)
    return ["status-marks"] if in_force else []


def _status_list(evidence: Evidence, found: Sequence[Finding]) -> StatusListSummary | None:
    status = evidence.status
    answered = any(entry.check == "status" and entry.known_at is not None for entry in found)
    if status is None or status.kind is not StatusKind.SIGNED_LIST or not answered:
        return None
    entry = readable_status_head(status.signed_list or b"")
    if isinstance(entry, str):
        return None
    return StatusListSummary(entry.uri, str(entry.sequence), entry.issued_at, entry.next_update)


def _license(claims: Claims) -> LicenseSummary:
    until = claims.valid_until.isoformat() if claims.valid_until is not None else LONG_TERM
    numbers = {holder.document_number for holder in claims.holders}
    number = _masked_number(claims.number) if claims.number in numbers else claims.number
    return LicenseSummary(
        identifier=claims.identifier,
        type_code=claims.type_code,
        type_name=claims.type_name,
        number=number,
        authority_code=claims.authority.code,
        authority_name=claims.authority.name,
        holders=tuple(_masked(holder) for holder in claims.holders),
        copy=_copy(claims),
        valid_from=claims.valid_from.isoformat(),
        valid_until=until,
    )


def _copy(claims: Claims) -> str:
    copy = claims.copy
    return (
        str(copy.kind)
        if copy.kind is CopyKind.ORIGINAL
        else f"{copy.kind} {copy.ordinal}/{copy.of}"
    )


def _masked(holder: Holder) -> str:
    """Return a holder for the report: organisations are public, persons are not."""
    number = _masked_number(holder.document_number)
    if holder.kind is HolderKind.NATURAL_PERSON:
        return f"{holder.name[:1]}* {number}"
    return f"{holder.name} {number}"


def _masked_number(number: str) -> str:
    return f"*{number[-4:]}" if len(number) > 8 else "*"

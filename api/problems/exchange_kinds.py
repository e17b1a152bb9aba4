"""Kinds of problems with requests and answers between regions."""

from __future__ import annotations

from api.problems.kind import ProblemKind

EXCHANGE_KINDS = (
    ProblemKind(
        "exchange-malformed",
        400,
        "交换请求无法解读",
        "This is no exchange request",
        "请求须为规范形式的签名 JSON ({code})。",
        "It must be a signed request in its one canonical form ({code}).",
        ("code",),
    ),
    ProblemKind(
        "exchange-signer-refused",
        403,
        "交换请求的签名人未被认可",
        "The signer may not speak for that region",
        "签名人不是 {region} 已接受信任名单中的证照库，或签名不成立 ({reason})。",
        "The signer is not the license library of {region} by its accepted trust list, or the "
        "signature does not hold ({reason}).",
        ("region", "reason"),
    ),
    ProblemKind(
        "exchange-other-region",
        421,
        "交换请求不是发给本地区的",
        "The request is for another region",
        "请求发给 {region}，不是本地区。",
        "The request is for {region}, which is not this one.",
        ("region",),
    ),
    ProblemKind(
        "exchange-stale",
        422,
        "交换请求已过时效",
        "The request is not of this moment",
        "请求须在签署后 {seconds} 秒内送达；请校准时钟并重新签署。",
        "A request must arrive within {seconds} seconds of its signing; set the clock and sign it "
        "anew.",
        ("seconds",),
    ),
    ProblemKind(
        "exchange-replayed",
        422,
        "交换请求重复",
        "The request came before",
        "同一请求或同一 exchange_id 已用过 ({reason})；再次询问须重新签署，内容不变。",
        "This request, or its exchange_id, was used before ({reason}); to ask again sign the same "
        "question anew.",
        ("reason",),
    ),
    ProblemKind(
        "exchange-operation-unknown",
        422,
        "没有此交换操作",
        "There is no such operation",
        "docs/exchange.md 列出了全部操作。",
        "All operations are in docs/exchange.md.",
    ),
    ProblemKind(
        "exchange-not-shared",
        403,
        "共享目录未列入此项用途",
        "The sharing catalogue does not list this use",
        "本地区共享目录不允许事项 {item_code} 对证照类型 {type_code} 使用操作 {operation}。",
        "This region's sharing catalogue does not let item {item_code} use {operation} on license "
        "type {type_code}.",
        ("operation", "type_code", "item_code"),
    ),
    ProblemKind(
        "exchange-body-invalid",
        422,
        "交换请求内容不合规",
        "The body is not what the operation takes",
        "{place} 有误 ({reason})。",
        "{place} is wrong ({reason}).",
        ("place", "reason"),
    ),
    ProblemKind(
        "exchange-quota-exceeded",
        429,
        "交换配额已用完",
        "The quota of this operation is used up",
        "操作 {operation} 每 {window} 秒 {limit} 次的配额已用完，请在 {retry_after} 秒后再试。",
        "The quota of {limit} in {window} seconds for {operation} is used up; ask again in "
        "{retry_after} seconds.",
        ("operation", "limit", "window", "retry_after"),
    ),
    ProblemKind(
        "partner-unreachable",
        503,
        "伙伴地区暂时联系不上",
        "The partner region does not answer",
        "{region} 未答复 ({reason})；问题已留存，可用同一 Idempotency-Key 再次询问。",
        "{region} did not answer ({reason}); the question is kept: ask again with the same "
        "Idempotency-Key.",
        ("region", "reason", "exchange_id"),
    ),
    ProblemKind(
        "partner-refused",
        409,
        "伙伴地区未受理",
        "The partner region refused",
        "{region} 未受理该请求 ({reason})。",
        "{region} refused the request ({reason}).",
        ("region", "reason", "exchange_id"),
    ),
    ProblemKind(
        "partner-answer-refused",
        409,
        "伙伴地区的答复未被采信",
        "The partner's answer is not believed",
        "{region} 的答复未通过检查 ({reason})，内容未被使用，已告警。",
        "The answer of {region} did not pass the checks ({reason}); nothing of it was used, and "
        "an alarm was raised.",
        ("region", "reason", "exchange_id"),
    ),
    ProblemKind(
        "exchange-not-found",
        404,
        "没有此次交换",
        "There is no such exchange",
        "没有此次交换，或者不对当前调用者开放。",
        "There is no such exchange, or none that you may see.",
    ),
    ProblemKind(
        "partner-dispute-not-found",
        404,
        "没有此跨地区异议",
        "There is no such dispute at a partner",
        "没有此异议，或者不对当前调用者开放。",
        "There is no such dispute, or none that you may see.",
    ),
)

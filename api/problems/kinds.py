"""Every kind of problem the service answers with: slug, status and sentences in two languages.

Slugs are stable: programs branch on them. A sentence may name values that the
caller may see, in braces; ``api.problems.table`` says which error is which kind.
"""

from __future__ import annotations

from api.problems.access_kinds import ACCESS_KINDS
from api.problems.bulk_kinds import BULK_KINDS
from api.problems.case_kinds import CASE_KINDS
from api.problems.event_kinds import EVENT_KINDS
from api.problems.exchange_kinds import EXCHANGE_KINDS
from api.problems.holding_kinds import HOLDING_KINDS
from api.problems.issue_log_kinds import ISSUE_LOG_KINDS
from api.problems.kind import ProblemKind
from api.problems.lifecycle_kinds import LIFECYCLE_KINDS
from api.problems.package_kinds import PACKAGE_KINDS
from api.problems.partner_kinds import PARTNER_KINDS
from api.problems.presenting_kinds import PRESENTING_KINDS
from api.problems.seal_kinds import SEAL_KINDS
from api.problems.sharing_kinds import SHARING_KINDS
from api.problems.status_kinds import STATUS_KINDS
from api.problems.trust_kinds import TRUST_KINDS

__all__ = ["INTERNAL", "KINDS", "ProblemKind"]

INTERNAL = ProblemKind(
    "internal",
    500,
    "服务内部错误",
    "Something went wrong on our side",
    "请求未完成。请凭 request_id 联系运维人员。",
    "The request was not completed. Give the request_id to the operators.",
)

_KINDS = (
    INTERNAL,
    # --- who is asking ---
    ProblemKind(
        "unauthenticated",
        401,
        "未通过身份认证",
        "You are not authenticated",
        "没有凭证，或者凭证无效、已过期。请重新取得访问令牌。",
        "There is no credential, or it is wrong or expired. Get a new access token.",
    ),
    ProblemKind(
        "invalid-token-request",
        400,
        "令牌请求不合规",
        "This is not a token request we answer",
        "只受理 client_credentials 方式的令牌请求 ({error})。",
        "Only client_credentials token requests are answered ({error}).",
        ("error",),
    ),
    ProblemKind(
        "client-refused",
        401,
        "客户端身份未通过",
        "The client is not accepted",
        "客户端标识或密钥不对，或该客户端已停用。",
        "Client id or secret is wrong, or the client was disabled.",
        ("error",),
    ),
    ProblemKind(
        "forbidden",
        403,
        "没有此项权限",
        "You may not do this",
        "需要权限 {scope}。请向本机构的安全管理员申请。",
        "This needs the scope {scope}. Ask the security administrator of your organisation.",
        ("scope",),
    ),
    ProblemKind(
        "form-refused",
        403,
        "页面已过期",
        "This page is out of date",
        "表单不是本次登录所打开的页面上的。请回到该页，重新打开后再提交；没有任何事项被办理。",
        "The form is not of a page of this session. Open that page again and send it from there; "
        "nothing was done.",
    ),
    ProblemKind(
        "scope-missing",
        403,
        "没有此证照类型的权限",
        "You may not do this with this license type",
        "需要对证照类型 {type_code} 的 {action} 权限。",
        "This needs the right to {action} for license type {type_code}.",
        ("action", "type_code"),
    ),
    ProblemKind(
        "authority-not-yours",
        403,
        "不能代该机关办理",
        "You do not act for this authority",
        "该发证机关不在本客户端所属机构及其下级之内。",
        "The issuing authority is not within the organisation that this client belongs to.",
    ),
    # --- the shape of a request ---
    ProblemKind(
        "invalid-request",
        422,
        "请求内容有误",
        "Something in the request is wrong",
        "errors 列出全部有误之处；未写入任何数据。",
        "The member errors lists every place; nothing was written.",
    ),
    ProblemKind(
        "unreadable-request",
        400,
        "请求无法解读",
        "The request cannot be read",
        "请求体不是本接口要求的格式（JSON 或表单），或嵌套过深。",
        "The body is not the JSON or the form that this route takes, or is nested too deep.",
    ),
    ProblemKind(
        "request-too-large",
        413,
        "请求太大",
        "The request is too large",
        "请求体超过本服务的上限。",
        "The body is larger than this service takes.",
        ("limit_bytes",),
    ),
    ProblemKind(
        "media-type-not-supported",
        415,
        "不支持的内容类型",
        "This media type is not supported",
        "请按接口说明设置 Content-Type。",
        "Set Content-Type as the description of this route says.",
    ),
    ProblemKind(
        "method-not-allowed",
        405,
        "不支持的请求方法",
        "This method is not allowed here",
        "此地址不支持该请求方法。",
        "This address does not take that method.",
    ),
    ProblemKind(
        "page-not-found",
        404,
        "没有此内容",
        "There is nothing here",
        "此地址没有内容，或者不对当前调用者开放。",
        "There is nothing at this address, or nothing that you may see.",
    ),
    ProblemKind(
        "idempotency-key-required",
        400,
        "缺少 Idempotency-Key",
        "An Idempotency-Key is required",
        "会改变数据的请求须带 Idempotency-Key 请求头：1 至 255 个可见 ASCII 字符。",
        "A request that changes something needs an Idempotency-Key header: "
        "1 to 255 visible ASCII characters.",
    ),
    ProblemKind(
        "idempotency-key-reused",
        422,
        "Idempotency-Key 已用于另一请求",
        "This Idempotency-Key belongs to another request",
        "同一个键曾与不同的内容一起提交。新的请求请换新键。",
        "The same key came with another body before. Use a new key for a new request.",
    ),
    ProblemKind(
        "request-in-progress",
        409,
        "同一请求正在办理",
        "The same request is being worked on",
        "请稍后以同一个键和同一内容再次提交。",
        "Send it again a little later, with the same key and the same body.",
        ("identifier",),
    ),
    # --- licenses ---
    ProblemKind(
        "license-not-found",
        404,
        "没有此证照",
        "There is no such license",
        "没有此证照，或者不对当前调用者开放。",
        "There is no such license, or none that you may see.",
    ),
    ProblemKind(
        "form-not-available",
        404,
        "此证照没有该形式的文件",
        "The license has no such form",
        "此证照没有 {form} 形式的文件；证照详情列出已有的形式。",
        "The license has no file of the form {form}; its description lists those it has.",
        ("form",),
    ),
    ProblemKind(
        "not-acceptable",
        406,
        "没有可接受的形式",
        "There is no form that you accept",
        "Accept 所列类型均没有；现有：{available}。",
        "There is none of the types in Accept; there is {available}.",
        ("available",),
    ),
    ProblemKind(
        "license-exists",
        409,
        "证照已存在",
        "There is such a license already",
        "该证照编号与份次已有一份有效或正在制作的证照。",
        "A license with this number and copy is in force or being made.",
        ("identifier",),
    ),
    ProblemKind(
        "case-already-issued",
        409,
        "该办件已制证",
        "This case has its license already",
        "同一办件、证照类型、份次与持证主体已用另一个 Idempotency-Key 制证。",
        "This case, type, copy and holder was issued with another Idempotency-Key.",
        ("identifier",),
    ),
    ProblemKind(
        "license-void",
        422,
        "制证未成",
        "The license could not be made",
        "制作中出现不可恢复的问题，证照作废；请改正后以新的键重新提交。",
        "Making it met a permanent problem and it is void; put it right and use a new key.",
        ("identifier",),
    ),
    ProblemKind(
        "transition-not-allowed",
        409,
        "证照现状不允许此操作",
        "The license's status does not allow this",
        "证照现为“{current}”，不能变为“{wanted}”。",
        "The license is {current}; it cannot become {wanted}.",
        ("current", "wanted"),
    ),
    ProblemKind(
        "effective-date-invalid",
        422,
        "生效日期不合规",
        "The change cannot take effect then",
        "不能自 {effective_from} 起生效：新版本不早于今天，并在其有效期内；"
        "其他办理不早于证照生效，也不晚于今天。",
        "This cannot take effect on {effective_from}: a new version begins today or later, within "
        "its own period; anything else not before the license did, and not in the future.",
        ("effective_from",),
    ),
    ProblemKind(
        "license-type-not-found",
        404,
        "没有此证照类型",
        "There is no such license type",
        "目录中没有此证照类型代码或版本。",
        "The catalogue has no such license type code or version.",
    ),
    ProblemKind(
        "license-type-not-published",
        422,
        "该证照类型未发布",
        "The license type is not published",
        "证照类型 {code} {version} 为“{state}”，只有已发布的类型可以制证。",
        "License type {code} {version} is {state}; only published types issue.",
        ("code", "version", "state"),
    ),
    ProblemKind(
        "identifier-invalid",
        422,
        "证照标识不合规",
        "This is not a license identifier",
        "证照标识不符合 GB/T 36904 ({reason})。",
        "The identifier is not one of GB/T 36904 ({reason}).",
        ("reason",),
    ),
    ProblemKind(
        "check-digit-wrong",
        422,
        "号码有误",
        "A code is wrong",
        "{kind} 未通过校验 ({reason})。",
        "The {kind} does not pass its check ({reason}).",
        ("kind", "reason"),
    ),
    ProblemKind(
        "face-overflow",
        422,
        "照面放不下",
        "A value does not fit on the face",
        "字段 {field} 的内容在照面上放不下。",
        "The value of {field} does not fit on the license's face.",
        ("field",),
    ),
    ProblemKind(
        "glyph-missing",
        422,
        "字库缺字",
        "A character is in no installed font",
        "字段 {field} 中的字符不在已安装的字库中，请安装 {package}。",
        "A character in {field} is in no installed font; install {package}.",
        ("field", "package"),
    ),
    ProblemKind(
        "character-not-settable",
        422,
        "字符无法排版",
        "A character cannot be set",
        "字段 {field} 含有不能排在照面上的字符（控制符、组合符、连字或空白字母）。",
        "{field} has a character no face is set with: a control, mark, ligature or filler.",
        ("field",),
    ),
    *SEAL_KINDS,
    *BULK_KINDS,
    *CASE_KINDS,
    *LIFECYCLE_KINDS,
    *PACKAGE_KINDS,
    *ACCESS_KINDS,
    *EVENT_KINDS,
    *PARTNER_KINDS,
    *STATUS_KINDS,
    *ISSUE_LOG_KINDS,
    *TRUST_KINDS,
    *PRESENTING_KINDS,
    # --- holders ---
    ProblemKind(
        "holder-not-found",
        404,
        "没有此持证主体",
        "There is no such holder",
        "没有此持证主体，或者不对当前调用者开放。",
        "There is no such holder, or none that you may see.",
    ),
    *SHARING_KINDS,
    *HOLDING_KINDS,
    *EXCHANGE_KINDS,
    # --- verifying ---
    ProblemKind(
        "check-code-mismatch",
        404,
        "证照标识与查验码不匹配",
        "Identifier and check code do not match",
        "没有这样的证照标识与查验码组合。请核对证照照面上印的两项。",
        "No license has this identifier with this check code. Compare both with the face.",
    ),
    ProblemKind(
        "document-too-large",
        413,
        "文件太大",
        "The document is too large",
        "文件超过本服务核验的上限。",
        "The file is larger than this service verifies.",
        ("limit",),
    ),
    ProblemKind(
        "unreadable-document",
        422,
        "不是可核验的文件",
        "This is not a document we can verify",
        "文件为空，或不是 PDF、OFD、JSON 或印章文件。",
        "The file is empty, or neither a PDF nor an OFD, a JSON or a seal.",
    ),
    # --- what we stand on ---
    ProblemKind(
        "temporarily-unavailable",
        503,
        "暂时无法办理",
        "Temporarily unavailable",
        "所依赖的部分（密钥、时间戳、存储、数据库或解析进程）暂时不可用；请稍后重试。",
        "Something we stand on (keys, time-stamps, store, database or parser) is not "
        "available now; try again later.",
    ),
    ProblemKind(
        "output-refused",
        500,
        "制成的证照未通过自检",
        "Our own output did not pass the final check",
        "制成的文件未通过出具前核验，未存入、未生效；已记录，请联系运维人员。",
        "The sealed file did not pass the check before hand-over; it was neither kept "
        "nor put in force. Contact the operators.",
    ),
)

KINDS = {kind.slug: kind for kind in _KINDS}

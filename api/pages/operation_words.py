"""Words about the API that its routes do not say of themselves: areas, and Chinese sentences."""

from __future__ import annotations

Words = tuple[str, str]
"""Chinese, English."""

AREAS: dict[str, Words] = {
    "verification": ("核验", "Verification"),
    "licenses": ("证照：制证、查询、下载", "Licenses: issue, find, download"),
    "lifecycle": ("证照的一生", "The life of a license"),
    "packages": ("一件事成组制证", "Packages"),
    "items": ("事项", "Items"),
    "cases": ("办件", "Cases"),
    "evidence": ("佐证材料", "Evidence"),
    "vaults": ("持证主体的证照夹", "A holder's vault"),
    "presenting": ("亮证", "Presenting"),
    "copies": ("加注件", "Purpose-bound copies"),
    "disputes": ("异议", "Disputes"),
    "devices": ("自助终端", "Devices"),
    "seals": ("电子印章", "Seals"),
    "jobs": ("批量作业", "Bulk jobs"),
    "access": ("用证授权", "Access"),
    "webhooks": ("事件通知", "Webhooks"),
    "directory": ("归集", "The upper directory"),
    "license types": ("证照类型目录", "License types"),
    "trust": ("信任名单、状态列表、签发日志", "Trust lists, status lists, issue log"),
    "partners": ("伙伴地区", "Partner regions"),
    "exchange": ("地区间交换", "Exchange between regions"),
    "sharing": ("共享目录与用证清单", "Sharing catalogue and use list"),
    "authentication": ("身份认证", "Authentication"),
    "schemas": ("JSON 模式", "JSON Schemas"),
    "figures": ("运行指标", "Figures"),
    "operations": ("运行状态", "Operations"),
}

_KEY_ZH = "1 至 255 个可见 ASCII 字符，每办一件事用一个，永久保留；同键同内容得到同一答复。"
_USE_ZH = (
    "五要素与用途：含 operator、item_name、item_code、case_number、purpose 的 JSON 对象的 "
    "base64url，每项 1 至 200 字。"
)

_USE_EN = (
    "What the read is for: base64url of a JSON object with operator, item_name, item_code, "
    "case_number and purpose, each a text of 1 to 200 characters."
)

NAMES: dict[str, Words] = {
    "idempotency-key": (_KEY_ZH, ""),
    "license-use": (_USE_ZH, _USE_EN),
    "acting-for": ("所代理的持证主体的句柄（凭授权或法定代表人登记）。", ""),
    "limit": ("每页条数，最多 100", ""),
    "after": ("上一页的 next", ""),
    "as_of": ("带时区的时刻，或日期（指该日终了，+08:00）", ""),
    "form": ("pdf、ofd 或 json；不填则依 Accept，再则 pdf", ""),
    "format": ("png 或 svg", "png or svg"),
    "identifier": ("证照标识（GB/T 36904）", "license identifier (GB/T 36904)"),
    "handle": ("持证主体句柄，见 /v1/holders/me", "the holder's handle, see /v1/holders/me"),
    "case": ("办件的内部编号", "the name of the case here"),
    "document": ("办件材料的编号", "the name of the file in the case"),
    "code": ("编码（事项、印章、类型或打印件）", "code of the item, seal, type or print"),
    "number": ("编号", "its number"),
    "name": ("名称", "its name"),
    "region": ("行政区划代码（GB/T 2260）", "code of the region (GB/T 2260)"),
    "position": ("第几项，从 1 起", ""),
    "verb": ("办理动作", "what is done"),
    "version": ("版本，如 v1；不填则最新", ""),
    "sequence": ("第几期", ""),
    "since": ("手中那一期的序号", ""),
    "state": ("按状态筛选", "only those in this state"),
    "status": ("按状态筛选", "only those of this status"),
    "type_code": ("证照类型代码", "code of the license type"),
    "shard": ("状态列表的名称，见 /v1/status-lists", "name of the list, see /v1/status-lists"),
    "content_id": ("内容标识：数据的 SM3", "SM3 of the claims"),
    "copy_id": ("加注件的编号", "number of the copy"),
    "evidence_id": ("佐证材料的编号", "number of the evidence"),
    "exchange_id": ("交换的编号", "number of the exchange"),
    "mandate_id": ("授权的编号", "number of the mandate"),
    "package_id": ("一件事的编号", "number of the package"),
    "presentation_id": ("亮证的编号", "number of the presentation"),
    "receipt_id": ("回执编号", "number of the receipt"),
    "reference": ("异议的编号", "reference of the dispute"),
    "message": ("request 或 answer", "request or answer"),
    "level": ("树的层", "level of the tree"),
    "size": ("日志的条数", "number of entries"),
    "file_name": ("文件名", "name of the file"),
}

LOGIN_OPTIONAL = frozenset({"verify", "verify_batch"})
"""Operations that know who asks where they are told, and answer without it."""

"""An example of a request to issue, for the OpenAPI document; equals one in ``examples/``."""

from __future__ import annotations

from typing import Any

ISSUE_EXAMPLE: dict[str, Any] = {
    "type_code": "11310000MBDEM00076002",
    "type_version": "v1",
    "authority_code": "11310114MBDEM0015F",
    "case_number": "JD-2026-GGCS-000456",
    "item_code": "演示事项-公共场所卫生许可",
    "number": "沪嘉卫公证字〔2026〕第000456号",
    "holders": [
        {
            "kind": "legal_person",
            "name": "上海䶮汀沐浴服务有限公司（演示）",
            "document_type": "001",
            "document_number": "91310114MADEM0038G",
        }
    ],
    "issued_on": "2026-03-19",
    "valid_from": "2026-03-19",
    "valid_until": "2030-03-18",
    "fields": {
        "legal_representative": "王𬱖",
        "address": "上海市嘉定区演示镇示例街 8 弄 2 号底层",
        "licensed_items": ["公共浴室", "美容店"],
    },
    "basis": "《公共场所卫生管理条例》第四条",
}

"""Requests to issue that the steps send: the examples in this folder, with other values."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from examples.node import EXAMPLES
from examples.people import Person

ENTERPRISE = Person("上海示例长风数字科技有限公司（演示）", "001", "91310114MADEM0046B")
REPRESENTATIVE = Person("赵翊辰", "111", "310114198503091235")

_numbers = count(1)


def today() -> date:
    """Return the civil day at +08:00."""
    return (datetime.now(UTC) + timedelta(hours=8)).date()


def example(name: str, **changes: object) -> dict[str, Any]:
    """Return an example's request."""
    body = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return {**body, **changes}


def hygiene(**changes: object) -> dict[str, Any]:
    """Return a request for a hygiene license with a number and a case of its own."""
    number = next(_numbers)
    body = example(
        "public-place-hygiene",
        number=f"沪嘉卫公证字〔2026〕第8{number:05d}号",
        case_number=f"JD-2026-GGCS-8{number:05d}",
    )
    del body["item_code"]
    return {**body, **changes}


def identity_card(person: Person) -> dict[str, Any]:
    """Return a request for the identity card of the demo."""
    return example(
        "identity-card",
        case_number="JD-2026-SFZ-000513",
        number=person.document_number,
        holders=[person.as_holder],
        fields={
            "gender": "男",
            "ethnicity": "汉",
            "birth_date": "1985-03-09",
            "address": "上海市嘉定区演示镇样例路 18 号 301 室",
        },
    )

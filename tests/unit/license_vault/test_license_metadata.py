"""Claims v1 and v2: one content has exactly one form, and what breaks a rule is named."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from license_vault.errors import ClaimsInvalidError
from license_vault.license import (
    MADE_FROM_RECORDS,
    Condition,
    CopyDesignation,
    CopyKind,
    Holder,
    HolderKind,
    IssuingAuthority,
    LicenseContent,
    LicensePart,
    PartAuthority,
)
from license_vault.license_identifier import compose
from license_vault.license_metadata import (
    canonical,
    claims_of,
    content_id,
    printed_values,
    read_claims,
    xmp_elements,
)

IDENTIFIER = compose("11310000MBDEM00076003", "11310114MBDEM0015F", "0123456789ABCDEF")
CONTENT = LicenseContent(
    identifier=IDENTIFIER.text,
    type_code=IDENTIFIER.type_code,
    type_version="v1",
    type_name="营业执照",
    authority=IssuingAuthority("11310114MBDEM0015F", "上海市嘉定区行政审批局（演示）", "310114"),
    holders=(
        Holder(HolderKind.LEGAL_PERSON, "䶮汀公司（演示）", "001", "91310114MADEM0046B"),
        Holder(HolderKind.NATURAL_PERSON, "王𬱖", "111", "310114199003072841"),
    ),
    copy=CopyDesignation(CopyKind.DUPLICATE, 2, 3),
    number="14000000202603200789",
    issued_on=date(2026, 3, 20),
    valid_from=date(2026, 3, 20),
    valid_until=None,
    fields={"items": ("宾馆", "茶座"), "plan": {"area": "120"}, "established_on": "2026-03-01"},
    seals=1,
    status_uri="https://vault.example/status/1",
    status_index=42,
    salt=bytes(range(16)),
)
# Frozen: these bytes and this digest are what files already sealed hold. Never "update" them.
FROZEN_ID = "d4900b7478434f12270139f7140d3f0bec0aa9e30e85b1e839e28c1a721aed3a"
BUREAU = PartAuthority("11310114MBDEM0015F", "嘉定区消防救援支队（演示）")
CONTENT_2 = replace(
    CONTENT,
    identifier=IDENTIFIER.next_version().text,
    predecessor=IDENTIFIER.text,
    making=MADE_FROM_RECORDS,
    conditions=(Condition("补交消防验收意见", date(2026, 6, 30)),),
    parts=(
        LicensePart("fire", "消防安全检查", "X-1", BUREAU, date(2026, 3, 20), None),
        LicensePart("food", "食品经营", "Y-2", BUREAU, date(2026, 3, 20), date(2031, 3, 19)),
    ),
)
FROZEN_ID_2 = "026b39792f66dd923bae4fdf1796fed0895397dd7f831865315c499bdf460e61"


def change(path: str, value: object, content: LicenseContent = CONTENT) -> bytes:
    """Return the claims' bytes with one member changed, written as RFC 8785 would."""
    claims: Any = copy.deepcopy(claims_of(content))
    *parents, last = path.split("/")
    inner = claims
    for name in parents:
        inner = inner[int(name) if isinstance(inner, list) else name]
    inner[last] = value
    return json.dumps(claims, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def test_what_is_written_is_read_again() -> None:
    assert read_claims(canonical(claims_of(CONTENT))) == CONTENT


def test_the_content_id_of_claims_v1_never_changes() -> None:
    assert content_id(canonical(claims_of(CONTENT))) == FROZEN_ID


def test_other_salt_is_another_content_id() -> None:
    other = replace(CONTENT, salt=bytes(16))
    assert content_id(canonical(claims_of(other))) != content_id(canonical(claims_of(CONTENT)))


def test_claims_hold_no_numbers_and_no_content_id() -> None:
    data = canonical(claims_of(CONTENT))

    def fail(text: str) -> None:
        raise AssertionError(text)

    claims = json.loads(data, parse_int=fail, parse_float=fail, parse_constant=fail)
    assert "content_id" not in claims
    assert "seal" not in claims


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer"),
    [
        ("schema", "license-vault/claims/3", "unknown-schema", "/schema"),
        ("schema", "license-vault/claims/2", "schema-not-needed", "/schema"),
        ("predecessor", IDENTIFIER.text, "unknown-member", "/predecessor"),
        ("extra", "x", "unknown-member", "/extra"),
        ("number", "", "empty", "/number"),
        ("number", 7, "number", ""),
        ("number", None, "wrong-type", "/number"),
        ("number", True, "wrong-type", "/number"),
        ("number", "x" * 129, "too-long", "/number"),
        ("number", "1\u202e2", "bidi-control", "/number"),
        ("number", "e\u0301", "not-nfc", "/number"),
        ("identifier", IDENTIFIER.text[:-1] + "!", "identifier-invalid", "/identifier"),
        ("type/code", "11310000MBDEM00076001", "identifier-disagrees", "/type/code"),
        ("type/version", "1", "wrong-format", "/type/version"),
        ("authority/code", "11310000MBDEM00076", "identifier-disagrees", "/authority/code"),
        ("authority/region", "上海", "wrong-format", "/authority/region"),
        ("holders", [], "empty", "/holders"),
        ("holders/0/kind", "robot", "unknown-choice", "/holders/0/kind"),
        ("holders/1/document_type", "001", "document-type", "/holders/1/document_type"),
        ("holders/1/document_type", "777", "document-type", "/holders/1/document_type"),
        ("copy/ordinal", "4", "copy-out-of-range", "/copy/ordinal"),
        ("copy/ordinal", "02", "wrong-format", "/copy/ordinal"),
        ("copy/ordinal", "0", "out-of-range", "/copy/ordinal"),
        ("copy/kind", "正本", "copy-out-of-range", "/copy/of"),
        ("issued_on", "2026-02-30", "no-such-day", "/issued_on"),
        ("issued_on", "20260320", "wrong-format", "/issued_on"),
        ("valid_until", "2026-03-19", "dates-out-of-order", "/valid_until"),
        ("fields/Big", "x", "field-name", "/fields"),
        ("fields/items", [], "empty", "/fields/items"),
        ("fields/plan", {}, "empty", "/fields/plan"),
        ("fields/plan", {"a": {"b": {"c": {"d": "x"}}}}, "too-deep", "/fields/plan/a/b/c"),
        ("status_list/uri", "ftp://x", "wrong-format", "/status_list/uri"),
        ("status_list/index", "-1", "wrong-format", "/status_list/index"),
        ("salt", "short", "wrong-format", "/salt"),
        ("salt", "AAECAwQFBgcICQoLDA0ODx", "wrong-format", "/salt"),
    ],
)
def test_a_broken_rule_is_named_with_its_place(
    path: str, value: object, code: str, pointer: str
) -> None:
    with pytest.raises(ClaimsInvalidError) as caught:
        read_claims(change(path, value))
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def test_what_only_v2_can_say_is_written_as_v2_and_read_again() -> None:
    assert claims_of(CONTENT)["schema"] == "license-vault/claims/1"
    assert claims_of(CONTENT_2)["schema"] == "license-vault/claims/2"
    assert read_claims(canonical(claims_of(CONTENT_2))) == CONTENT_2
    for member in ("predecessor", "making", "conditions", "parts"):
        alone = replace(CONTENT, **{member: getattr(CONTENT_2, member)})
        if member == "predecessor":
            alone = replace(alone, identifier=CONTENT_2.identifier)
        claims = claims_of(alone)
        assert claims.keys() - claims_of(CONTENT).keys() == {member}
        assert read_claims(canonical(claims)) == alone


def test_the_content_id_of_claims_v2_never_changes() -> None:
    assert content_id(canonical(claims_of(CONTENT_2))) == FROZEN_ID_2


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer"),
    [
        ("schema", "license-vault/claims/1", "unknown-member", "/conditions"),
        ("predecessor", "1.2", "identifier-invalid", "/predecessor"),
        ("predecessor", CONTENT_2.identifier, "predecessor-not-earlier", "/predecessor"),
        ("predecessor", None, "wrong-type", "/predecessor"),
        ("making", "", "empty", "/making"),
        ("making", "补录", "unknown-choice", "/making"),
        ("conditions", [], "empty", "/conditions"),
        ("conditions", [{"text": "x", "due": "2026-06-30"}] * 21, "too-many", "/conditions"),
        ("conditions/0/due", "长期", "wrong-format", "/conditions/0/due"),
        ("conditions/0/due", "2026-06-31", "no-such-day", "/conditions/0/due"),
        ("conditions/0/text", "x" * 201, "too-long", "/conditions/0/text"),
        ("conditions/0/met", "yes", "unknown-member", "/conditions/0/met"),
        ("parts", [], "empty", "/parts"),
        ("parts/1/code", "fire", "duplicate-part", "/parts/1/code"),
        ("parts/0/authority", "消防", "wrong-type", "/parts/0/authority"),
        ("parts/0/authority/code", "1", "wrong-format", "/parts/0/authority/code"),
        ("parts/0/valid_until", "2026-03-19", "dates-out-of-order", "/parts/0/valid_until"),
        ("parts/0/valid_from", "长期", "wrong-format", "/parts/0/valid_from"),
    ],
)
def test_a_broken_rule_of_v2_is_named_with_its_place(
    path: str, value: object, code: str, pointer: str
) -> None:
    with pytest.raises(ClaimsInvalidError) as caught:
        read_claims(change(path, value, CONTENT_2))
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def test_notes_are_sentences_and_parts_have_their_own_paths() -> None:
    values = printed_values(CONTENT_2)
    # Frozen with the schema: what sealed pages show is compared with these words.
    assert values["making"] == "存量补制：依原有登记信息制作，颁发日期为原证照的颁发日期"
    assert values["conditions.0"] == "附条件：补交消防验收意见（期限至2026年06月30日）"
    assert values["predecessor"] == f"原证照标识：{IDENTIFIER.text}"
    assert values["parts"] == "消防安全检查、食品经营"
    assert values["parts.1.authority"] == BUREAU.name
    assert values["parts.1.validity"] == "2026年03月20日至2031年03月19日"
    assert values["parts.0.validity"] == "2026年03月20日至长期"
    assert not any(
        key.startswith(("making", "cond", "pre", "parts")) for key in printed_values(CONTENT)
    )


def test_a_missing_member_is_named() -> None:
    claims = claims_of(CONTENT)
    del claims["salt"]
    with pytest.raises(ClaimsInvalidError) as caught:
        canonical(claims)
    assert (caught.value.code, caught.value.pointer) == ("missing-member", "/salt")


WAYS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("not-canonical", lambda data: data + b"\n"),
    ("not-canonical", lambda data: b" " + data),
    ("not-canonical", lambda data: data.replace(b'"number"', b'"n\\u0075mber"')),
    ("not-canonical", lambda data: json.dumps(json.loads(data)).encode()),
    ("duplicate-key", lambda data: data.replace(b'"number"', b'"number":"1","number"')),
    ("duplicate-key", lambda data: data.replace(b'"number"', b'"n\\u0075mber":"1","number"')),
    ("not-json", lambda data: data[:-1]),
    ("not-json", lambda _: b""),
    ("not-json", lambda data: b"\xef\xbb\xbf" + data),
    ("not-utf-8", lambda data: data + b"\xff"),
    ("too-large", lambda data: data + b" " * 65536),
    ("too-deep", lambda _: b"[" * 60000),
    ("wrong-type", lambda _: b"[]"),
    ("wrong-type", lambda _: b'"x"'),
    ("number", lambda _: b"NaN"),
    ("lone-surrogate", lambda data: data.replace(b'"14000000', b'"\\ud842')),
]


@pytest.mark.parametrize(("code", "way"), WAYS)
def test_other_bytes_than_the_canonical_ones_are_refused(
    code: str, way: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(ClaimsInvalidError) as caught:
        read_claims(way(canonical(claims_of(CONTENT))))
    assert caught.value.code == code


def test_claims_over_64_kib_are_not_written() -> None:
    fields = {f"f{i}": "漢" * 4000 for i in range(6)}
    with pytest.raises(ClaimsInvalidError) as caught:
        canonical(claims_of(replace(CONTENT, fields=fields)))
    assert caught.value.code == "too-large"


def test_metadata_has_the_short_names_and_joins_holders() -> None:
    elements = xmp_elements(CONTENT, "ab" * 32)
    assert elements["CZZT"] == "䶮汀公司（演示）^王𬱖"
    assert elements["CZZTDM"] == "91310114MADEM0046B^310114199003072841"
    assert elements["CZZTDMLX"] == "统一社会信用代码^公民身份号码"
    assert elements["CZZTDMLXDM"] == "001^111"
    assert elements["ZZYXQJZRQ"] == "长期"
    assert elements["KZ_items"] == "宾馆^茶座"
    assert elements["KZ_plan"] == '{"area":"120"}'
    assert elements["contentId"] == "ab" * 32
    wanted = "ZZBS ZZMC ZZLXDM ZZBH ZZBFJG ZZBFJGDM ZZBFRQ CZZT CZZTDM CZZTDMLX CZZTDMLXDM"
    assert set(wanted.split()) | {"ZZYXQQSRQ", "ZZYXQJZRQ"} <= elements.keys()


def test_a_face_prints_dates_lists_and_copies_in_one_form() -> None:
    values = printed_values(CONTENT)
    assert values["valid_from"] == "2026年03月20日"
    assert values["validity"] == "2026年03月20日至长期"
    assert values["copy"] == "副本 3-2"
    assert values["holders.name"] == "䶮汀公司（演示）、王𬱖"
    assert values["fields.items"] == "宾馆、茶座"
    assert values["fields.items.1"] == "茶座"
    assert values["fields.plan.area"] == "120"
    assert values["fields.established_on"] == "2026年03月01日"

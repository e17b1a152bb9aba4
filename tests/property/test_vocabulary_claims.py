"""Claims, identifiers and requests under any input: round trips hold, only named errors leave."""

import json
import unicodedata
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from effort import examples
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from license_vault.check_digits import (
    check_citizen_id,
    check_organisation_code,
    check_uscc,
    uscc_check_character,
)
from license_vault.errors import (
    CheckDigitError,
    ClaimsInvalidError,
    FieldInvalidError,
    IdentifierInvalidError,
    LicenseTypeUnknownError,
)
from license_vault.face.license_text import text_problem
from license_vault.issuing.license_request import read_request, request_digest
from license_vault.license import (
    MADE_FROM_RECORDS,
    ORGANISATION_DOCUMENTS,
    PERSON_DOCUMENTS,
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
from license_vault.license_identifier import compose, new_serial, parse
from license_vault.license_metadata import (
    canonical,
    claims_of,
    content_id,
    printed_values,
    read_claims,
    xmp_elements,
)
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue

CATALOGUE = Catalogue([SHIPPED_TYPES])
TODAY = date(2026, 11, 21)
AUTHORITY = "11310114MBDEM0015F"
EXAMPLES = Path(__file__).parents[2] / "examples"
BODIES = [
    json.loads(path.read_text("utf-8"))
    for path in sorted(EXAMPLES.glob("*.json"))
    if path.name != "authority.json"
]

texts = (
    st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: text_problem(text) is None)
)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
lists = st.lists(texts, min_size=1, max_size=3).map(tuple)
objects = st.dictionaries(keys, texts | lists, min_size=1, max_size=3)
values = texts | lists | objects | st.lists(objects, min_size=1, max_size=2).map(tuple)
days = st.dates(date(1949, 10, 1), date(2100, 1, 1))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def holders(draw: st.DrawFn) -> Holder:
    kind = draw(st.sampled_from(HolderKind))
    natural = kind is HolderKind.NATURAL_PERSON
    documents = PERSON_DOCUMENTS if natural else ORGANISATION_DOCUMENTS
    return Holder(kind, draw(texts), draw(st.sampled_from(sorted(documents))), draw(texts))


@st.composite
def contents(draw: st.DrawFn) -> LicenseContent:
    code = draw(st.sampled_from(CATALOGUE.codes()))
    identifier = compose(code, AUTHORITY, new_serial(draw(st.binary(min_size=16, max_size=16))))
    of = draw(st.integers(1, 9))
    duplicate = CopyDesignation(CopyKind.DUPLICATE, draw(st.integers(1, of)), of)
    first = draw(days)
    earlier = st.just(compose(code, AUTHORITY, "0" * 15).text)
    last = st.integers(0, 9999).map(lambda n: first + timedelta(days=n))
    return LicenseContent(
        identifier=identifier.text,
        type_code=code,
        type_version="v1",
        type_name=draw(texts),
        authority=IssuingAuthority(AUTHORITY, draw(texts), "310114"),
        holders=tuple(draw(st.lists(holders(), min_size=1, max_size=3))),
        copy=draw(st.sampled_from([CopyDesignation(CopyKind.ORIGINAL), duplicate])),
        number=draw(texts),
        issued_on=draw(days),
        valid_from=first,
        valid_until=draw(st.none() | last),
        fields=draw(st.dictionaries(keys, values, max_size=4)),
        seals=draw(st.integers(1, 20)),
        status_uri="https://vault.example/status/7",
        status_index=draw(st.integers(0, 2**53 - 1)),
        salt=draw(st.binary(min_size=16, max_size=16)),
        predecessor=draw(st.none() | earlier),
        making=draw(st.sampled_from(["", MADE_FROM_RECORDS])),
        conditions=tuple(draw(st.lists(st.builds(Condition, texts, days), max_size=2))),
        parts=tuple(draw(st.lists(parts(), max_size=2, unique_by=lambda part: part.code))),
    )


@st.composite
def parts(draw: st.DrawFn) -> LicensePart:
    authority = PartAuthority(AUTHORITY, draw(texts))
    first = draw(days)
    until = draw(st.none() | st.just(first))
    return LicensePart(draw(texts), draw(texts), draw(texts), authority, first, until)


@given(content=contents())
@settings(max_examples=examples(80), deadline=None)
def test_every_content_has_one_form_that_is_read_back(content: LicenseContent) -> None:
    data = canonical(claims_of(content))
    assert read_claims(data) == content
    assert canonical(claims_of(read_claims(data))) == data
    elements = xmp_elements(content, content_id(data))
    assert all(elements.values())
    assert all(printed_values(content).values())


@given(content=contents(), position=st.integers(0, 100_000), value=st.integers(0, 255))
@settings(max_examples=examples(100), deadline=None)
def test_a_changed_byte_is_refused_or_says_something_else(
    content: LicenseContent, position: int, value: int
) -> None:
    data = canonical(claims_of(content))
    place = position % len(data)
    changed = data[:place] + bytes((value,)) + data[place + 1 :]
    assume(changed != data)
    try:
        other = read_claims(changed)
    except ClaimsInvalidError:
        return
    assert other != content
    assert content_id(changed) != content_id(data)


@given(data=st.binary(max_size=300))
@settings(max_examples=examples(300), deadline=None)
def test_reading_any_bytes_raises_nothing_unnamed(data: bytes) -> None:
    with suppress(ClaimsInvalidError):
        read_claims(data)


@given(value=json_values)
@settings(max_examples=examples(300), deadline=None)
def test_reading_any_json_raises_nothing_unnamed(value: object) -> None:
    data = json.dumps(value).encode()
    with suppress(ClaimsInvalidError):
        read_claims(data)


@given(content=contents(), path=st.integers(0, 10_000), value=json_values)
@settings(max_examples=examples(100), deadline=None)
def test_any_value_in_any_place_of_claims_raises_nothing_unnamed(
    content: LicenseContent, path: int, value: object
) -> None:
    claims = claims_of(content)
    replace_somewhere(claims, path, value)
    data = json.dumps(claims, sort_keys=True, separators=(",", ":")).encode()
    with suppress(ClaimsInvalidError):
        read_claims(data)


def replace_somewhere(node: Any, path: int, value: object) -> None:
    """Put a value in one place of a nested object, chosen by a number."""
    names = list(node) if isinstance(node, dict) else list(range(len(node)))
    name = names[path % len(names)]
    inner = node[name]
    if isinstance(inner, dict | list) and inner and path % 3:
        replace_somewhere(inner, path // len(names), value)
    else:
        node[name] = value


@given(body=json_values)
@settings(max_examples=examples(200), deadline=None)
def test_any_request_body_raises_only_named_errors(body: object) -> None:
    with pytest.raises((FieldInvalidError, LicenseTypeUnknownError)):
        read_request(body, CATALOGUE.for_issuing, TODAY)


@given(body=st.sampled_from(BODIES), path=st.integers(0, 10_000), value=json_values)
@settings(max_examples=examples(300), deadline=None)
def test_any_value_in_any_place_of_a_request_raises_only_named_errors(
    body: dict[str, Any], path: int, value: object
) -> None:
    changed = json.loads(json.dumps(body))
    replace_somewhere(changed, path, value)
    pointers: list[str] = []
    try:
        read_request(changed, CATALOGUE.for_issuing, TODAY)
    except FieldInvalidError as error:
        pointers = [problem.pointer for problem in error.problems]
    except LicenseTypeUnknownError:
        return
    assert all(pointer == "" or pointer.startswith("/") for pointer in pointers)
    assert all(text_problem(pointer) is None for pointer in pointers)


@given(body=json_values)
@settings(max_examples=examples(200), deadline=None)
def test_the_digest_of_any_body_is_a_digest_or_a_named_error(body: object) -> None:
    with suppress(FieldInvalidError):
        assert len(request_digest(body)) == 64


@given(text=st.text(max_size=90))
@settings(max_examples=examples(200), deadline=None)
def test_any_text_is_an_identifier_or_a_named_error(text: str) -> None:
    with suppress(IdentifierInvalidError):
        assert parse(text).text == text


@given(serial=st.binary(min_size=16, max_size=16), version=st.integers(1, 999))
@settings(max_examples=examples(100), deadline=None)
def test_one_wrong_character_in_an_identifier_is_found(serial: bytes, version: int) -> None:
    # MOD 37,36 finds every single substitution; here each place of the serial is tried.
    identifier = compose(CATALOGUE.codes()[0], AUTHORITY, new_serial(serial), version)
    text = identifier.text
    start = text.index(f".{identifier.serial}.") + 1
    for place in range(start, start + 16):
        other = "0" if text[place] != "0" else "1"
        with pytest.raises(IdentifierInvalidError, match="check-character"):
            parse(text[:place] + other + text[place + 1 :])


@given(
    body=st.text("0123456789", min_size=6, max_size=6),
    tail=st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
    place=st.integers(0, 16),
    other=st.sampled_from("0123456789"),
)
@settings(max_examples=examples(150), deadline=None)
def test_one_wrong_character_in_a_uscc_is_found(
    body: str, tail: str, place: int, other: str
) -> None:
    code = f"91{body}{tail}"
    code += uscc_check_character(code)
    check_uscc(code)
    assume(code[place] != other)
    with pytest.raises(CheckDigitError):
        check_uscc(code[:place] + other + code[place + 1 :])


@given(text=st.text(max_size=20))
@settings(max_examples=examples(200), deadline=None)
def test_any_text_is_a_code_or_a_named_error(text: str) -> None:
    for check in (check_uscc, check_citizen_id, check_organisation_code):
        with suppress(CheckDigitError):
            check(text)

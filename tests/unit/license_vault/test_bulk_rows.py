"""Rows are read one at a time, each problem stays with its row, and reading goes on anywhere."""

import json
from io import BytesIO

import pytest

from license_vault.bulk.errors import InputUnreadableError
from license_vault.bulk.row_issuing import issue_body
from license_vault.bulk.rows import MAXIMUM_ROW_BYTES, InputRow, Layout, layout_of, read_rows


def read(data: bytes, layout: Layout, start: int = 0, after: int = 0) -> list[InputRow]:
    return list(read_rows(BytesIO(data), layout, start, after))


NDJSON = b'\xef\xbb\xbf{"a": "1"}\n\n{"a": "\xe8\xaf\x81"}\r\n{"a": "3"}'
CSV = (
    "\ufeffnumber,holders.0.name,holders.0.kind,fields.items,valid_until\r\n"
    'N1,"演示,一",legal_person,"[""x"",""y""]",长期\r\n'
    "\r\n"
    'N2,"two\nlines",legal_person,,2030-01-01\r\n'
).encode()


def test_ndjson_gives_objects_by_number() -> None:
    rows = read(NDJSON, Layout.NDJSON)
    assert [(row.number, row.body) for row in rows] == [
        (1, {"a": "1"}),
        (2, {"a": "证"}),
        (3, {"a": "3"}),
    ]
    assert rows[-1].end == len(NDJSON)


def test_csv_gives_nested_objects() -> None:
    first, second = read(CSV, Layout.CSV)
    assert first.body == {
        "number": "N1",
        "holders": [{"name": "演示,一", "kind": "legal_person"}],
        "fields": {"items": ["x", "y"]},
        "valid_until": "长期",
    }
    assert second.body is not None
    assert second.body["holders"][0]["name"] == "two\nlines"
    assert "fields" not in second.body


@pytest.mark.parametrize(("data", "layout"), [(NDJSON, Layout.NDJSON), (CSV, Layout.CSV)])
def test_reading_goes_on_behind_any_row(data: bytes, layout: Layout) -> None:
    rows = read(data, layout)
    for row in rows:
        rest = read(data, layout, row.end, row.number)
        assert rest == rows[row.number :]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"[1]", "row-not-object"),
        (b"{", "row-not-json"),
        (b'{"a":1,"a":2}', "row-double-member"),
        (b'{"a":"\xff"}', "row-not-utf-8"),
        (b"[" * 100_000, "row-not-json"),
        (rb'{"a":"\ud800"}', "row-not-json"),
        (b'{"a":NaN}', "row-not-json"),
        (b'{"a":1e999}', "row-not-json"),
        (b'{"a":"' + b"x" * MAXIMUM_ROW_BYTES + b'"}', "row-too-long"),
        (b'{"a":"' + b"x" * 3 * MAXIMUM_ROW_BYTES + b'"}', "row-too-long"),
    ],
)
def test_a_bad_line_is_one_bad_row(line: bytes, problem: str) -> None:
    rows = read(b'{"n":"1"}\n' + line + b'\n{"n":"3"}\n', Layout.NDJSON)
    assert [(row.number, row.problem) for row in rows] == [(1, None), (2, problem), (3, None)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a", "row-other-columns"),
        ("a,b,c,d", "row-other-columns"),
        ("a,[1,b", "row-not-json"),
        ('a,"[1",b', "row-not-json"),
        (r'a,"[""\udc00""]",b', "row-not-json"),
    ],
)
def test_a_bad_line_of_a_table_is_one_bad_row(line: str, problem: str) -> None:
    rows = read(f"x,y,z\n1,2,3\n{line}\n4,5,6\n".encode(), Layout.CSV)
    assert [(row.number, row.problem) for row in rows] == [(1, None), (2, problem), (3, None)]


LONG = f'"{"法" * MAXIMUM_ROW_BYTES},"'


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"a,b,{LONG}", "row-too-long"),
        (f'{LONG},"b",c', "row-too-long"),
        (f"a,b,{'x' * MAXIMUM_ROW_BYTES}", "row-too-long"),
        ('a,b,"c', "row-not-csv"),
        ('a,"b,c', "row-not-csv"),
        ('a,"b"b,c', "row-not-csv"),
    ],
)
def test_a_quote_that_is_not_closed_takes_no_other_row_with_it(line: str, problem: str) -> None:
    data = f'x,y,z\n1,2,3\n{line}\n4,5,"6\n6"\n7,8,9\n'.encode()
    rows = read(data, Layout.CSV)
    assert [(row.number, row.problem) for row in rows] == [
        (1, None),
        (2, problem),
        (3, None),
        (4, None),
    ]
    assert [row.body for row in rows[2:]] == [
        {"x": "4", "y": "5", "z": "6\n6"},
        {"x": "7", "y": "8", "z": "9"},
    ]
    for row in rows:
        assert read(data, Layout.CSV, row.end, row.number) == rows[row.number :]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "header-missing"),
        ("a,a", "header-double"),
        ("a,", "header-unknown"),
        ("a..b,c", "header-unknown"),
        ('a,"b', "header-missing"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(header: str, code: str) -> None:
    with pytest.raises(InputUnreadableError) as refused:
        read(f"{header}\n1,2\n".encode() if header else b"", Layout.CSV)
    assert refused.value.code == code


def test_paths_that_cross_refuse_the_row() -> None:
    (row,) = read(b"a,a.b\n1,2\n", Layout.CSV)
    assert row.problem == "row-other-columns"


def test_files_say_how_they_are_written() -> None:
    assert layout_of("x.NDJSON") is layout_of("x.jsonl") is Layout.NDJSON
    assert layout_of("a/b.csv") is Layout.CSV
    with pytest.raises(InputUnreadableError):
        layout_of("x.xlsx")


def test_stock_has_a_case_named_after_its_number_and_counts_from_tables() -> None:
    body = {"number": "〔2020〕1 号", "copy": {"kind": "副本", "ordinal": "2", "of": "3"}}
    request = issue_body({"basis": "存量补制", "number": "no"}, body)
    assert request["number"] == body["number"]
    assert request["basis"] == "存量补制"
    assert request["copy"] == {"kind": "副本", "ordinal": 2, "of": 3}
    assert request["case_number"] == issue_body({}, dict(body))["case_number"]
    assert request["case_number"].startswith("存量-")
    assert issue_body({}, {**body, "case_number": "C"})["case_number"] == "C"
    assert "case_number" not in issue_body({}, {})
    assert json.dumps(request)

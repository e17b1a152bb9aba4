"""The catalogue: lazy, by folder names; every error of an operator's file named with its line."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from license_vault.check_digits import uscc_check_character
from license_vault.errors import (
    LicenseTypeBrokenError,
    LicenseTypeNotPublishedError,
    LicenseTypeUnknownError,
)
from license_vault.license import CopyKind
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue, CatalogueProblem
from license_vault.license_types.license_type import CodeStatus, FieldKind, TypeState

CONSTRUCTOR = "11100000000013338W001"
OWNER = "11310000MBDEM00076"
MEDICAL = f"{OWNER}001"
COMPOSITE = f"{OWNER}008"
CODE = f"{OWNER}009"
HISTORY = """history:
  - {state: draft, by: 甲, at: 2026-01-01}
  - {state: reviewed, by: 乙, at: 2026-01-02}
  - {state: published, by: 丙, at: 2026-01-03}
"""
TYPE = f"""code: {CODE}
version: v1
name: {{zh: 演示许可证, en: Demonstration Permit}}
state: published
{HISTORY}code_status: provisional
code_source: a demonstration
defining_authority: {{code: {OWNER}, name: 演示定义机构, level: 省部级}}
holder: {{category: 法人, kinds: [legal_person], document_types: ["001"], maximum: 1}}
validity_range: [3年, 长期]
issuing_levels: [区县级]
related_items:
  - {{code: "", name: 演示事项}}
number: {{pattern: '[0-9]{{6}}', example: "000123", source: a demonstration}}
copies: {{kinds: [正本], duplicates: 0}}
seals: 1
labels:
  holder: {{zh: 名称, en: Name}}
  number: {{zh: 编号, en: Number}}
  validity: {{zh: 有效期, en: Validity}}
  issued_on: {{zh: 发证日期, en: Date of issue}}
  authority: {{zh: 发证机关, en: Authority}}
fields:
  - key: address
    name: {{zh: 地址, en: Address}}
    kind: long_text
    required: yes
    max_length: 120
    personal: no
    source: a demonstration
"""


def write(top: Path, text: str = TYPE, code: str = CODE, version: str = "v1") -> Path:
    """Write a type's file into a catalogue directory."""
    folder = top / code / version
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "type.yaml"
    path.write_text(text, "utf-8")
    return path


def problems_of(top: Path) -> list[CatalogueProblem]:
    """Return the problems of type files; faces have their own tests."""
    return [p for p in Catalogue([top]).check() if p.code != "face-missing"]


# --- the shipped types ---------------------------------------------------------------------


def test_the_shipped_types_have_no_problem_in_their_definition() -> None:
    assert problems_of(SHIPPED_TYPES) == []


def test_nine_types_are_shipped_and_published() -> None:
    catalogue = Catalogue([SHIPPED_TYPES])
    names = {catalogue.for_issuing(code).name_zh for code in catalogue.codes()}
    assert names == {
        "医疗机构执业许可证",
        "公共场所卫生许可证",
        "营业执照",
        "中华人民共和国二级建造师注册证书",
        "食品经营许可证",
        "城镇污水排入排水管网许可证",
        "生育登记服务卡",
        "居民身份证（演示）",
        "行业综合许可证",
    }


def test_a_new_version_of_a_type_stands_beside_the_old_one() -> None:
    catalogue = Catalogue([SHIPPED_TYPES])
    assert catalogue.versions(MEDICAL) == ("v1", "v2")
    old, new = (catalogue.get(MEDICAL, version) for version in ("v1", "v2"))
    assert old.field("revalidations") is None
    assert old.duplicate_face is None
    assert new.face_of(CopyKind.DUPLICATE).name == "face-duplicate.yaml"
    assert new.face_of(CopyKind.ORIGINAL) == new.face


def test_records_and_parts_are_what_the_file_says() -> None:
    catalogue = Catalogue([SHIPPED_TYPES])
    spec = catalogue.get(MEDICAL).field("revalidations")
    assert spec is not None
    assert [column.key for column in spec.columns] == ["year", "result", "by", "on"]
    assert spec.columns[3].kind is FieldKind.DATE
    parts = catalogue.get(COMPOSITE).parts
    assert parts is not None
    assert parts.maximum == 9
    assert parts.kind("hygiene") is not None
    assert parts.kind("nothing") is None
    assert catalogue.get(CONSTRUCTOR).parts is None


def test_every_field_of_a_shipped_type_cites_its_source() -> None:
    catalogue = Catalogue([SHIPPED_TYPES])
    for code in catalogue.codes():
        assert all(len(spec.source) > 10 for spec in catalogue.get(code).fields)


def test_a_code_that_no_register_shows_is_provisional() -> None:
    catalogue = Catalogue([SHIPPED_TYPES])
    for code in catalogue.codes():
        ours = code.startswith(OWNER)
        assert (catalogue.get(code).code_status is CodeStatus.PROVISIONAL) == ours


def test_a_type_says_what_its_file_says() -> None:
    constructor = Catalogue([SHIPPED_TYPES]).get(CONSTRUCTOR, "v1")
    assert constructor.state is TypeState.PUBLISHED
    assert constructor.holder.maximum == 1
    professions = constructor.field("registered_professions")
    assert professions is not None
    assert (professions.kind, professions.required, professions.max_items) == (
        FieldKind.LIST,
        True,
        6,
    )
    assert constructor.field("nothing") is None
    assert constructor.labels["holder"] == ("姓名", "Name")


# --- lazy ----------------------------------------------------------------------------------

_watched: list[tuple[str, list[str]]] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _watched:
        prefix, opened = _watched[-1]
        if str(arguments[0]).startswith(prefix):
            opened.append(str(arguments[0]))


sys.addaudithook(_audit)


@contextmanager
def files_opened(top: Path) -> Iterator[list[str]]:
    """Gather the files below a directory that anybody in this process opens."""
    opened: list[str] = []
    _watched.append((str(top), opened))
    try:
        yield opened
    finally:
        _watched.pop()


def test_4567_types_are_listed_without_opening_a_file(tmp_path: Path) -> None:
    wanted = set()
    for number in range(4567):
        owner, sequence = divmod(number, 1000)
        body = f"11310000MBDEM{owner:04d}"
        code = f"{body}{uscc_check_character(body)}{sequence:03d}"
        write(tmp_path, TYPE.replace(CODE, code).replace(OWNER, code[:18]), code)
        wanted.add(code)
    catalogue = Catalogue([tmp_path])

    with files_opened(tmp_path) as opened:
        codes = catalogue.codes()
    assert set(codes) == wanted
    assert opened == []

    with files_opened(tmp_path) as opened:
        asked = [catalogue.for_issuing(code).code for code in (codes[7], codes[4000], codes[7])]
    assert asked == [codes[7], codes[4000], codes[7]]
    assert len(opened) == 2


def test_a_changed_file_is_read_again_without_a_restart(tmp_path: Path) -> None:
    write(tmp_path)
    catalogue = Catalogue([tmp_path])
    assert catalogue.for_issuing(CODE).state is TypeState.PUBLISHED
    withdrawn = "  - {state: withdrawn, by: 丁, at: 2026-02-01}\ncode_status"
    text = TYPE.replace("state: published\nhistory", "state: withdrawn\nhistory")
    write(tmp_path, text.replace("code_status", withdrawn, 1))
    with pytest.raises(LicenseTypeNotPublishedError) as caught:
        catalogue.for_issuing(CODE)
    assert caught.value.state == "withdrawn"


# --- versions and states -------------------------------------------------------------------


def drafted(version: str) -> str:
    """Return the type as a draft of another version."""
    text = TYPE.replace(HISTORY, "history:\n  - {state: draft, by: 甲, at: 2026-02-01}\n")
    return text.replace("state: published\n", "state: draft\n").replace(
        "version: v1", f"version: {version}"
    )


def test_the_newest_published_version_issues(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, TYPE.replace("version: v1", "version: v2"), version="v2")
    write(tmp_path, TYPE.replace("version: v1", "version: v10"), version="v10")
    write(tmp_path, drafted("v11"), version="v11")
    catalogue = Catalogue([tmp_path])
    assert catalogue.versions(CODE) == ("v1", "v2", "v10", "v11")
    assert catalogue.for_issuing(CODE).version == "v10"
    assert catalogue.get(CODE, "v11").state is TypeState.DRAFT


def test_a_draft_does_not_issue(tmp_path: Path) -> None:
    write(tmp_path, drafted("v1"))
    for version in ("v1", None):
        with pytest.raises(LicenseTypeNotPublishedError):
            Catalogue([tmp_path]).for_issuing(CODE, version)


@pytest.mark.parametrize("code", ["nothing", "../../etc", "", CODE[:-1] + "8", CODE + "/v1"])
def test_an_unknown_type_is_named_and_no_path_is_followed(tmp_path: Path, code: str) -> None:
    write(tmp_path)
    with pytest.raises(LicenseTypeUnknownError):
        Catalogue([tmp_path]).get(code)


@pytest.mark.parametrize("version", ["v2", "..", "v1/", ""])
def test_an_unknown_version_is_named(tmp_path: Path, version: str) -> None:
    write(tmp_path)
    with pytest.raises(LicenseTypeUnknownError):
        Catalogue([tmp_path]).get(CODE, version)


def test_a_broken_type_is_named_with_its_problems(tmp_path: Path) -> None:
    write(tmp_path, TYPE.replace("seals: 1", "seals: many"))
    with pytest.raises(LicenseTypeBrokenError) as caught:
        Catalogue([tmp_path]).get(CODE)
    assert "not-a-number" in caught.value.problems[0]


def test_a_second_directory_adds_types(tmp_path: Path) -> None:
    write(tmp_path)
    catalogue = Catalogue([SHIPPED_TYPES, tmp_path])
    assert CODE in catalogue.codes()
    assert catalogue.for_issuing(CODE).name_zh == "演示许可证"


# --- what check() names --------------------------------------------------------------------


def test_a_right_file_has_no_problem(tmp_path: Path) -> None:
    write(tmp_path)
    assert problems_of(tmp_path) == []


def line(text: str, word: str) -> int:
    """Return the line, from 1, on which a word first stands."""
    return text[: text.index(word)].count("\n") + 1


EDITS: list[tuple[str, str, str, str]] = [
    ("unknown-key", "seals: 1", "seals: 1\ncolour: red", "colour"),
    ("unknown-key", "personal: no", "personal: no\n    width: 3", "width"),
    ("missing-key", "seals: 1\n", "", "code:"),
    ("missing-key", "    kind: long_text\n", "", "- key: address"),
    ("missing-key", "  number: {zh: 编号, en: Number}\n", "", "holder: {zh"),
    ("duplicate-key", "seals: 1", "seals: 1\nseals: 2", "seals: 2"),
    ("wrong-kind", "seals: 1", "seals: [1]", "seals"),
    ("wrong-kind", "issuing_levels: [区县级]", "issuing_levels: 区县级", "issuing_levels"),
    ("wrong-kind", "name: {zh: 演示许可证, en: Demonstration Permit}", "name: x", "name: x"),
    ("not-a-number", "seals: 1", "seals: 0", "seals"),
    ("not-a-number", "max_length: 120", "max_length: -1", "max_length"),
    ("not-a-number", "max_length: 120", "max_length: 9999999999", "max_length"),
    ("unknown-choice", "kind: long_text", "kind: novel", "kind: novel"),
    ("unknown-choice", "required: yes", "required: maybe", "required"),
    ("unknown-choice", "issuing_levels: [区县级]", "issuing_levels: [村级]", "issuing_levels"),
    ("unknown-choice", "category: 法人", "category: 猫", "holder: {category"),
    ("bad-pattern", "'[0-9]{6}'", "'[0-9'", "number: {pattern"),
    ("example-does-not-match", '"000123"', '"00123"', "number: {pattern"),
    ("code-check-digit", f"code: {CODE}", "code: 11310000MBDEM00077009", "code:"),
    ("authority-code-check-digit", f"{{code: {OWNER}", "{code: 11310000MBDEM00077", "defining"),
    ("code-not-of-authority", f"{{code: {OWNER}", "{code: 11310114MBDEM0015F", "code:"),
    ("validity-range", "[3年, 长期]", "[三年]", "validity_range"),
    ("kinds-outside-category", "category: 法人", "category: 自然人", "holder: {category"),
    ("document-fits-no-kind", '["001"]', '["001", "111"]', "holder: {category"),
    ("duplicates-disagree", "duplicates: 0", "duplicates: 2", "copies"),
    ("history-order", "state: reviewed", "state: published", "history"),
    ("history-dates", "at: 2026-01-02", "at: 2025-01-02", "history"),
    ("state-disagrees", "state: published\n", "state: draft\n", "state: draft\n"),
    ("no-such-day", "at: 2026-01-02", "at: 2026-13-02", "by: 乙"),
    ("wrong-format", "key: address", "key: Address", "key: Address"),
    ("empty", "source: a demonstration\n", 'source: ""\n', 'source: ""'),
    ("anchor", "seals: 1", "seals: &s 1", "seals"),
    ("tag", "seals: 1", "seals: !x 1", "seals"),
    ("not-yaml", "seals: 1", "seals: [1", "labels"),
]


@pytest.mark.parametrize(("code", "old", "new", "place"), EDITS)
def test_an_error_is_named_with_file_and_line(
    tmp_path: Path, code: str, old: str, new: str, place: str
) -> None:
    text = TYPE.replace(old, new, 1)
    assert text != TYPE
    path = write(tmp_path, text)
    found = [(p.code, p.path, p.line) for p in problems_of(tmp_path)]
    assert (code, path, line(text, place)) in found


def test_problems_speak_chinese_and_english(tmp_path: Path) -> None:
    write(tmp_path, TYPE.replace("seals: 1", "seals: 0\ncolour: red"))
    for problem in problems_of(tmp_path):
        assert any("一" <= character <= "鿿" for character in problem.message_zh)
        assert problem.message_en.isascii()


def test_all_problems_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    text = TYPE
    for _, old, new, _ in EDITS[:2] + EDITS[9:11] + EDITS[12:14]:
        text = text.replace(old, new, 1)
    write(tmp_path, text)
    codes = [problem.code for problem in problems_of(tmp_path)]
    assert sorted(codes) == sorted(
        ["unknown-key"] * 2 + ["not-a-number"] * 2 + ["unknown-choice"] * 2
    )


def test_a_duplicate_field_is_named(tmp_path: Path) -> None:
    field = TYPE[TYPE.index("  - key: address") :]
    write(tmp_path, TYPE + field)
    assert [p.code for p in problems_of(tmp_path)] == ["duplicate-field"]


FOLDERS: list[tuple[str, Callable[[Path], object]]] = [
    ("folder-disagrees", lambda top: write(top, code=CODE[:-1] + "8")),
    ("folder-disagrees", lambda top: write(top, version="v2")),
    ("folder-not-a-code", lambda top: write(top, code="permits")),
    ("folder-not-a-version", lambda top: write(top, version="draft")),
    ("no-version", lambda top: (top / CODE).mkdir()),
    ("unreadable", lambda top: (top / CODE / "v1").mkdir(parents=True)),
    ("no-directory", lambda top: shutil.rmtree(top)),
    ("empty", lambda top: write(top, "# nothing\n")),
    ("not-a-table", lambda top: write(top, "- 1\n")),
    ("too-deep", lambda top: write(top, "a: " + "[" * 40 + "]" * 40)),
    ("too-deep", lambda top: write(top, "- " * 100_000)),
    ("too-large", lambda top: write(top, TYPE + "#" * 300_000)),
]


@pytest.mark.parametrize(("code", "make"), FOLDERS)
def test_folders_and_files_that_are_none_are_named(
    tmp_path: Path, code: str, make: Callable[[Path], object]
) -> None:
    make(tmp_path)
    assert code in [problem.code for problem in problems_of(tmp_path)]


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path: Path) -> None:
    write(tmp_path).write_bytes(TYPE.encode().replace(b"seals: 1", b"seals: \xff"))
    problem = problems_of(tmp_path)[0]
    assert (problem.code, problem.line) == ("not-utf-8", line(TYPE, "seals"))


def test_a_version_in_two_directories_is_a_duplicate(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name)
    found = [p for p in Catalogue([tmp_path / "a", tmp_path / "b"]).check()]
    assert [p.path for p in found if p.code == "duplicate-code"] == [
        tmp_path / "b" / CODE / "v1" / "type.yaml"
    ]

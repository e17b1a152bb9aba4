"""What a license type asks of the parts of a request: none, or some of its kinds. Pure."""

from license_vault.issuing.request_members import PARTS, RequestedPart
from license_vault.issuing.request_reading import (
    MISSING,
    RequestProblems,
    too_many,
    unknown_choice,
)
from license_vault.license_types.license_type import LicenseType


def check_composition(
    license_type: LicenseType,
    parts: tuple[RequestedPart, ...],
    problems: RequestProblems,
) -> None:
    """Note in which the parts of a request do not fit the type."""
    rule = license_type.parts
    if rule is None:
        if parts:
            zh, en = "该类型没有分项。", "Licenses of this type have no parts."
            problems.add(f"/{PARTS}", ("not-composite", zh, en))
        return
    if not parts:
        problems.add(f"/{PARTS}", MISSING)
    if len(parts) > rule.maximum:
        problems.add(f"/{PARTS}", too_many(rule.maximum))
    for i, part in enumerate(parts):
        kind = rule.kind(part.code)
        if kind is None:
            codes = [each.code for each in rule.kinds]
            problems.add(f"/{PARTS}/{i}/code", unknown_choice(codes))
        elif kind.name != part.name:
            zh, en = f"应为：{kind.name}。", f"This must be {kind.name}."
            problems.add(f"/{PARTS}/{i}/name", ("part-name", zh, en))

"""For whom somebody at a kiosk may show licenses that were taken in: by our type."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from license_vault.holding.mandates import EVERY_TYPE, PRESENT, Mandate
from license_vault.presenting.presenter import Presenter
from license_vault.registry.holders import HolderRecord

AT = datetime(2026, 11, 22, tzinfo=UTC)


def of(kind: type, **said: Any) -> Any:
    return kind(**{one.name: said.get(one.name) for one in fields(kind)})


def mandate(principal: str, *types: str) -> Mandate:
    told = {"type_codes": frozenset(types), "actions": frozenset({PRESENT}), "begins_at": AT}
    return of(Mandate, principal=principal, **told)


def test_a_mandate_covers_a_partners_license_by_the_type_that_it_is_here() -> None:
    person = of(HolderRecord, handle="person")
    mandates = (mandate("firm", "our-type"), mandate("other", EVERY_TYPE))
    presenter = Presenter(person, False, mandates)
    assert presenter.may_show_of(("person",), "any")
    assert presenter.may_show_of(("firm",), "our-type")
    assert not presenter.may_show_of(("firm",), "their-type")
    assert presenter.may_show_of(("other",), "any")
    assert not presenter.may_show_of(("stranger",), "our-type")
    # Who has no vault shows for principals alone, by the mandate's types.
    principal = Presenter(of(HolderRecord, handle="firm"), True, mandates)
    assert not principal.may_show_of(("firm",), "their-type")

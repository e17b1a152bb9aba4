"""Put into holders' journals which of their licenses a form was filled from, and what was seen."""

from collections.abc import Mapping
from dataclasses import replace

from license_vault.cases.prefill import FilledForm
from license_vault.holding.journal import VERIFIED, Journal, JournalAct, Journalled

_NO_FIELD = ("type",)


def record_used(
    journal: Journal, form: FilledForm, records: Mapping[str, Journalled], act: JournalAct
) -> None:
    """Record each license of a vault that meets a need, with its fields that the form shows.

    Of a partner region's that was decided about and does not count: that it was verified, and
    what was decided, as the result.

    Args:
        records: licenses of vaults, by identifier; what was brought is not among them.
        act: who, for what and when.
    """
    seen: dict[str, list[str]] = {}
    for met in form.needs:
        if met.license and met.license.identifier in records:
            seen.setdefault(met.license.identifier, [])
    for filled in form.fields:
        if filled.license and filled.license.identifier in seen:
            seen[filled.license.identifier].append(filled.path[1:].replace("/", "."))
    for identifier, fields in seen.items():
        paths = tuple(dict.fromkeys(fields)) or _NO_FIELD
        journal.record(records[identifier], replace(act, fields=paths))
    for identifier, outcome in _left_out(form).items():
        if identifier in records and identifier not in seen:
            told = replace(act, action=VERIFIED, fields=_NO_FIELD, result=outcome)
            journal.record(records[identifier], told)


def _left_out(form: FilledForm) -> dict[str, str]:
    """Return what was decided about licenses of vaults that do not count, by identifier."""
    return {
        one.identifier: str(one.decision["outcome"])
        for met in form.needs
        for one in met.decided
        if one.decision is not None and not one.counts and not one.document
    }

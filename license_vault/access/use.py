"""One use of licenses: by whom, for which item and case, for what purpose.

These are the five elements (五要素) that every call of the national and regional sharing
interfaces carries, and the purpose (用途). Pure: who may make use of what is asked in
``access.grants``.
"""

from dataclasses import dataclass, field

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Use:
    """The five elements and the purpose, each 1 to 200 characters.

    ``organisation`` is the code of the organisation that calls, ``operator`` its officer,
    program or device. Case number and purpose may tell of a person: never in a log.
    """

    organisation: str
    operator: str
    item_name: str
    item_code: str
    case_number: str = field(repr=False)
    purpose: str = field(repr=False)

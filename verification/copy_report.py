"""What a report says of a purpose-bound copy: the first sentence, and the record as JSON.

The words never leave open that this is a copy, for one user and one purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signing.sealed_json.copy_record import CopyRecord
from verification.explanations import Sentence
from verification.moments import shown


def copy_sentence(record: CopyRecord, marks: Sequence[Sentence]) -> Sentence:
    """Return the first sentence about a copy that counts; ``marks`` are its parent's."""
    until = shown(record.expires_at)
    task = record.item_name or record.purpose
    zh_marks = f"（证照{'；'.join(mark.zh for mark in marks)}）" if marks else ""
    en_marks = f" ({'; '.join(mark.en for mark in marks)})" if marks else ""
    zh = (
        f"有效的加注件{zh_marks}，仅供{record.user}办理{task}使用，有效期至 {until}；不是证照原件。"
    )
    en = (
        f"A valid purpose-bound copy{en_marks}, only for {record.user}, for {task}, until {until}; "
        "it is not the license itself."
    )
    return Sentence(zh, en)


def as_copy(sentence: Sentence) -> Sentence:
    """Return a sentence about a document that says it is a copy, with that word first."""
    return Sentence(f"加注件{sentence.zh}", f"Purpose-bound copy. {sentence.en}")


def copy_json(record: CopyRecord) -> dict[str, Any]:
    """Return what a copy says of itself as JSON values of a report."""
    parent = record.parent
    return {
        "copy_id": record.copy_id,
        "created_at": record.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires_at": record.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "user": record.user,
        "item": {"code": record.item_code, "name": record.item_name},
        "purpose": record.purpose,
        "parent": {
            "identifier": parent.identifier,
            "content_id": parent.content_id,
            "type": {"code": parent.type_code, "name": parent.type_name},
            "authority": {"code": parent.authority_code, "name": parent.authority_name},
        },
    }

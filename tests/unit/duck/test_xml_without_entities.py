"""XML that declares entities is not read: neither expanded nor looked up."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore.duck.native.documents import xml_as_json
from streamcore.duck.native.xml_trees import MalformedXml, parsed
from streamcore.errors import MalformedRecordException

SCHEMA = {"type": "struct", "fields": [{"name": "a", "type": "string", "nullable": True, "metadata": {}}]}
READING: dict[str, Any] = {"schema": SCHEMA, "attribute": "_", "value": "_VALUE", "null": ""}


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>',
    ],
)
def test_a_document_that_declares_entities_is_malformed(document: str) -> None:
    with pytest.raises(MalformedXml):
        parsed(document)


def test_a_malformed_element_has_no_fields() -> None:
    assert xml_as_json("<p><a>1</p>", **READING, fails=False) == "{}"


def test_a_malformed_element_fails_in_mode_failfast() -> None:
    with pytest.raises(MalformedRecordException, match="MALFORMED_RECORD_IN_PARSING"):
        xml_as_json("<p><a>1</p>", **READING, fails=True)

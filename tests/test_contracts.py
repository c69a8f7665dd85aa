"""The contract is declared once and hangs together; its document is printed from it."""

import pytest

from profiles import contracts, warehouse
from profiles.settings import ROOT

TABLES = list(contracts.TABLES.values())


def test_the_document_is_what_the_declaration_says() -> None:
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    assert text == contracts.described(), "run: stalking-profiles contract > docs/contract.md"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_and_column_is_described_and_its_names_exist(table: contracts.Table) -> None:
    assert table.about
    assert all(column.about for column in table.columns)
    assert len(set(table.names)) == len(table.names)
    assert not set(table.names) & set(contracts.LINEAGE)
    assert set(table.key) | set(table.unit) | ({table.date} if table.date else set()) <= set(table.names)
    assert table.parent is None or table.parent in contracts.TABLES
    assert set(table.unit) <= set(table.key)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_table_has_room_for_what_must_never_be_kept(table: contracts.Table) -> None:
    forbidden = (
        "name",
        "birth",
        "address",
        "postcode",
        "latitude",
        "longitude",
        "phone",
        "verbatim",
        "officer",
    )
    assert [name for name in table.names for word in forbidden if word in name] == []


@pytest.mark.parametrize("capability", contracts.CAPABILITIES.values(), ids=lambda item: item.name)
def test_every_capability_names_a_feed_and_its_columns(capability: contracts.Capability) -> None:
    assert set(capability.columns) <= set(contracts.TABLES[capability.feed].names)


@pytest.mark.parametrize(
    ("note", "is_personal"),
    [
        ("Ring 07700-900123", True),
        ("Ring +44 (0)1622 690690", True),
        ("as in 46/012345/26", True),
        ("as in 46/1234/26", True),
        ("case CR0012345", True),
        ("ask someone@example.org", True),
        ("office at ME159BZ", True),
        ("Reviewed on 30/06/2026", False),
        ("01-07-2026 - 31-12-2026", False),
        ("2025-01-01 - 2026-06-30", False),
        ("In force since 2025/26; 8/65 and 195/12", False),
        ("250000 pounds for 13 districts, second half of Q1 2027", False),
    ],
)
def test_a_person_or_a_case_is_told_from_days_and_numbers(note: str, is_personal: bool) -> None:
    test = "select regexp_matches(lower($note), $pattern)"
    con = warehouse.connect()
    found = con.execute(test, {"note": note, "pattern": contracts.PERSONAL}).fetchall()
    con.close()
    assert found == [(is_personal,)]

"""Single properties, read from the JSON text they are kept in."""

from datetime import UTC, datetime

from percorso.log import open_log
from percorso.log.properties import has_any, property_text
from percorso.log.schema import as_table
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

#: What would mean something in a JSON pointer or in a path.
ODD = 'a/b~c."d" $[0]'


def test_a_property_is_found_by_its_name_whatever_that_holds(workspace: Workspace) -> None:
    log = open_log(workspace)
    given = [{ODD: "one", "region": "east"}, {"a": {"b": "no"}, "region": "west"}, {"floor": "2"}]
    log.append(
        as_table(
            Interaction(
                id=str(number),
                at=datetime(2026, 1, 1, tzinfo=UTC),
                customer="user:1",
                kind="visit",
                source="test",
                touchpoint="Shop",
                properties=each,
            )
            for number, each in enumerate(given)
        )
    )
    rows = log.interactions().order_by("id")
    groups = [("region", "east"), ("region", "north"), ("floor", "2")]
    found = rows.select(
        odd=property_text(rows.properties, ODD), mine=has_any(rows.properties, groups)
    ).to_pyarrow()
    assert found["odd"].to_pylist() == ["one", None, None]
    assert [bool(each) for each in found["mine"].to_pylist()] == [True, False, True]

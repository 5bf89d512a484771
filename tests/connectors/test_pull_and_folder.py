"""JSON from a real server, a part at a time; and files of a watched folder."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.web import Answer, Asked, Web

from percorso import connectors, net
from percorso.connectors import ConnectorError, Fetched, SettingsError, Skip

HERE = net.Guard.parse("127.0.0.0/8")


def pull(url: str, state: Any = None, **given: Any) -> Fetched:
    chosen = connectors.read("pull", {"url": url} | given)
    return connectors.run(chosen, state or {}, source="Cassa", guard=HERE)


def test_a_list_is_read(web: Web) -> None:
    url = web.answer("/o", b'{"data": {"items": [{"id": 1}, {"id": 2, "x": {"y": 1}}]}}')
    got = pull(url, items="data.items", headers={"X-Shop": "9"}, secret_value="Bearer k")
    assert got.rows == ({"id": 1}, {"id": 2, "x": {"y": 1}})
    assert web.asked[0].headers["x-shop"] == "9"
    assert web.asked[0].headers["authorization"] == "Bearer k"
    assert got.more is False


def test_a_cursor_is_followed_and_kept(web: Web) -> None:
    parts = {"": ([1, 2], "b"), "b": ([3], "c"), "c": ([], "c")}

    def say(asked: Asked) -> Answer:
        ids, following = parts[asked.query.get("after", "")]
        body = {"items": [{"id": each} for each in ids], "next": following}
        assert asked.query["shop"] == "9"
        return Answer(body=msgspec.json.encode(body))

    url = web.answer("/o", say) + "?shop=9"
    chosen = {"items": "items", "paging": "cursor", "next": "next", "parameter": "after"}
    first = pull(url, **chosen)
    assert [each["id"] for each in first.rows] == [1, 2, 3]
    parts["c"] = ([4], "d")
    parts["d"] = ([], "d")
    assert [each["id"] for each in pull(url, first.state, **chosen).rows] == [4]


def test_the_greatest_value_is_where_it_goes_on(web: Web) -> None:
    rows = [{"n": 9, "at": "2026-03-09"}, {"n": 10, "at": "2026-03-10"}]

    def say(asked: Asked) -> Answer:
        since = asked.query.get("since", "")
        return Answer(body=msgspec.json.encode([each for each in rows if str(each["at"]) > since]))

    chosen = {"paging": "since", "next": "at", "parameter": "since"}
    first = pull(web.answer("/o", say), **chosen)
    assert first.state == {"cursor": "2026-03-10"}
    assert pull(web.url + "/o", first.state, **chosen).rows == ()
    numbers = pull(web.answer("/n", msgspec.json.encode(rows)), paging="since", next="n",
                   parameter="since")  # fmt: skip
    assert numbers.state == {"cursor": "10"}


def test_links_are_followed_on_the_same_server_alone(web: Web) -> None:
    here = Answer(body=b'[{"id": 1}]', headers={"Link": '</o2>; rel="next", </o9>; rel="last"'})
    url = web.answer("/o", here)
    web.answer("/o2", b'[{"id": 2}]')
    got = pull(url, paging="link")
    assert ([each["id"] for each in got.rows], got.state, got.more) == (
        [1, 2], {"cursor": ""}, False,
    )  # fmt: skip
    away = Answer(body=b'[{"id": 1}]', headers={"Link": '<http://example.org/>; rel="next"'})
    with pytest.raises(ConnectorError, match="another server"):
        pull(web.answer("/away", away), paging="link")


def test_an_endless_list_is_read_a_part_at_a_time(web: Web) -> None:
    def say(asked: Asked) -> Answer:
        number = int(asked.query.get("c", 0))
        return Answer(body=msgspec.json.encode({"i": [{"id": number}], "c": number + 1}))

    chosen = {"items": "i", "paging": "cursor", "next": "c", "parameter": "c"}
    first = pull(web.answer("/o", say), **chosen)
    assert (len(first.rows), first.more) == (20, True)
    assert pull(web.url + "/o", first.state, **chosen).rows[0] == {"id": 20}


def test_what_came_before_a_fault_is_good(web: Web) -> None:
    def say(asked: Asked) -> Answer:
        if asked.query.get("c") == "1":
            return Answer(500)
        return Answer(body=b'{"i": [{"id": 0}], "c": 1}')

    chosen = {"items": "i", "paging": "cursor", "next": "c", "parameter": "c"}
    got = pull(web.answer("/o", say), **chosen)
    assert (got.rows, got.state) == (({"id": 0},), {"cursor": "1"})
    assert "code 500" in str(got.trouble)
    with pytest.raises(ConnectorError, match="code 500"):
        pull(web.url + "/o", got.state, **chosen)


@pytest.mark.parametrize("body", [b"<html>", b'{"items": 7}', b"[1, 2]", b"[" * 100_000])
def test_what_is_no_list_of_objects_is_said(web: Web, body: bytes) -> None:
    with pytest.raises(ConnectorError):
        pull(web.answer("/o", body), items="")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"headers": {"Host": "x"}}, "headers"),
        ({"headers": {"X-A": "b\r\nX-C: d"}}, "headers"),
        ({"secret_value": "è"}, "headers"),
        ({"paging": "cursor"}, "next"),
        ({"paging": "sideways"}, "paging"),
        ({"url": "ftp://example.org/"}, "url"),
    ],
)
def test_settings_that_make_no_sense_are_named(given: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingsError) as failed:
        connectors.read("pull", {"url": "https://example.org/"} | given)
    assert failed.value.field == name


def look(folder: Path, state: Any = None, later: int = 0, **given: Any) -> Fetched:
    chosen = connectors.read("folder", {"path": str(folder)} | given)
    now = datetime.now(UTC) + timedelta(seconds=later)
    return connectors.run(chosen, state or {}, source="Cassa", now=now)


def test_a_file_is_taken_once_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("a\n1\n")
    first = look(tmp_path)
    assert (first.files, first.skipped) == ((), {Skip.UNSETTLED: 1})
    with (tmp_path / "orders.csv").open("a") as file:
        file.write("2\n")
    second = look(tmp_path, first.state)
    assert second.files == ()
    third = look(tmp_path, second.state)
    assert third.files == (tmp_path / "orders.csv",)
    assert look(tmp_path, third.state).unchanged
    time.sleep(0.01)
    with (tmp_path / "orders.csv").open("a") as file:
        file.write("3\n")
    assert look(tmp_path, third.state, later=60).files == (tmp_path / "orders.csv",)


def test_only_what_is_meant_is_taken(tmp_path: Path) -> None:
    for name in ("a.csv", "b.txt", ".hidden.csv", "c.csv.part", "empty.csv"):
        (tmp_path / name).write_text("" if name == "empty.csv" else "x\n1\n")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.csv")
    got = look(tmp_path, later=60, pattern="*.csv")
    assert [each.name for each in got.files] == ["a.csv"]


def test_a_file_that_comes_late_in_the_alphabet_is_taken_however_many_lie_there(
    tmp_path: Path,
) -> None:
    names = [f"orders-{day:05}.csv" for day in range(10_050)]
    for name in names[:-1]:
        (tmp_path / name).write_text("a\n1\n")
    got = look(tmp_path, later=60, together=True)
    assert len(got.files) == 10_049
    (tmp_path / names[-1]).write_text("a\n1\n")
    assert [each.name for each in look(tmp_path, got.state, later=60).files] == names[-1:]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConnectorError, match="cannot be read"):
        look(tmp_path / "nowhere")
    with pytest.raises(SettingsError):
        connectors.read("folder", {"path": "relative"})
    with pytest.raises(SettingsError):
        connectors.read("folder", {"path": "/x", "pattern": "../*"})

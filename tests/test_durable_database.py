"""Small SQLite files, opened for the first time by several at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from percorso.durable_database import changing

TABLES = "CREATE TABLE IF NOT EXISTS one (n INTEGER) STRICT;"


def test_of_several_that_make_a_file_each_finds_it_made(tmp_path: Path) -> None:
    at_once = 4
    begin = threading.Barrier(at_once)

    def add(file: Path) -> None:
        begin.wait(30)
        with changing(file, "one", TABLES) as database:
            database.execute("INSERT INTO one VALUES (1)")

    with ThreadPoolExecutor(at_once) as pool:
        for number in range(25):
            file = tmp_path / f"{number}.sqlite"
            list(pool.map(add, [file] * at_once))
            with changing(file, "one", TABLES) as database:
                assert database.execute("SELECT count(*) FROM one").fetchone() == (at_once,)
                assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)

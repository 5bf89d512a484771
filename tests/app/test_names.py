"""Names of files as strangers send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from percorso.app.intake.names import LONGEST, apart, safe_name


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("orders.csv", "orders.csv"),
        ("Ordini 2026 è pronto.xlsx", "Ordini 2026 è pronto.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\orders.csv", "orders.csv"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("con.csv", "file_con.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("what?.csv", "what_.csv"),
    ],
)
def test_known_tricks(given_name: str, safe: str) -> None:
    assert safe_name(given_name) == safe


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_name("è" * 300 + ".xes.gz")
    assert name.endswith("è.xes.gz")
    assert len(name.encode()) <= LONGEST


@given(st.text(max_size=400))
def test_any_name_is_one_plain_file(given_name: str) -> None:
    name = safe_name(given_name)
    assert 0 < len(name.encode()) <= LONGEST + 5
    assert not set(name) & set('/\\\0\n\r<>:"|?*')
    assert not name.startswith(".")
    assert safe_name(name) == name


def test_same_names_are_told_apart() -> None:
    assert apart(["a.csv", "A.csv", "a.csv", "b.xes.gz", "b.xes.gz"]) == [
        "a.csv",
        "A (2).csv",
        "a (3).csv",
        "b.xes.gz",
        "b (2).xes.gz",
    ]

"""Probable joins: Italian names and addresses, what is asked, and the waterfall."""

import pytest
from tests.identity.known import profile, tell, together

from percorso import identity
from percorso.identity import normal
from percorso.log import Log


def _shop(log: Log, *people: dict[str, str]) -> identity.Resolved:
    """Tell of people beside enough others that names say something."""
    others = [
        profile(
            f"other:{n}", nome=given, cognome=family, street=f"Via {family} {n}", cap=f"2{n:04}"
        )
        for n, (given, family) in enumerate(
            (given, family)
            for given in ("Carla", "Dario", "Elena", "Fabio", "Greta", "Ivano")
            for family in ("Bassi", "Cerri", "Dolci", "Erba", "Fumi", "Grossi", "Lanza", "Muti")
        )
    ]
    told = [profile(f"user:{n}", **person) for n, person in enumerate(people, start=1)]
    tell(log, *others, *told)
    return identity.resolve(log)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Giuseppe Rossetti"}, {"name": "Beppe Rossetti"}),
        ({"name": "Giuseppe Rossetti"}, {"name": "ROSSETTI GIUSEPPE"}),
        ({"nome": "Niccolò", "cognome": "D'Angelo"}, {"nome": "Niccolo", "cognome": "Dangelo"}),
        ({"nome": "Rossetti", "cognome": "Pino"}, {"nome": "Giuseppe", "cognome": "Rossetti"}),
        ({"nome": "Giusepe", "cognome": "Rosseti"}, {"nome": "Giuseppe", "cognome": "Rossetti"}),
    ],
)
def test_one_person_at_one_address_is_joined(
    log: Log, one: dict[str, str], other: dict[str, str]
) -> None:
    there = {"street": "V.le Monza n. 12 b", "cap": "20126", "phone": "333 1234568"}
    here = {"street": "Viale Monza, 12/B", "cap": "20126", "birthday": "1980-03-31"}
    found = _shop(log, one | here, other | there | {"birthday": "31/03/1980"})
    assert found.joined == 1
    assert together(log) == {frozenset({"user:1", "user:2"})}
    [join] = identity.explain(log, "user:2")
    assert join.kind == "probable"
    assert join.strength > 0.95


def test_somebody_who_moved_is_found_by_telephone_and_day_of_birth(log: Log) -> None:
    # The family names differ by a letter, so the telephone alone does not join them by itself.
    found = _shop(
        log,
        {"name": "Giuseppe Rosseti", "street": "Via Roma 1", "cap": "20121", "dob": "1980-03-31"},
        {"name": "Pino Rossetti", "street": "Via Po 9", "cap": "10121", "dob": "1980-03-31"},
    )
    assert found.joined == 1


@pytest.mark.parametrize("name", ["Anna Rossetti", "Giuseppina Rossetti", "Mario Rossetti"])
def test_a_family_at_one_address_stays_apart(log: Log, name: str) -> None:
    home = {"street": "Viale Monza 12", "cap": "20126", "phone": "02 29401234"}
    found = _shop(log, {"name": "Giuseppe Rossetti"} | home, {"name": name} | home)
    assert (found.joined, found.to_ask) == (0, 0)


def test_father_and_son_of_one_name_are_not_joined_without_asking(log: Log) -> None:
    home = {"name": "Giuseppe Rossetti", "street": "Viale Monza 12", "cap": "20126"}
    found = _shop(log, home | {"dob": "1950-03-31"}, home | {"dob": "1982-11-02"})
    assert found.joined == 0


def test_namesakes_far_from_each_other_are_two(log: Log) -> None:
    found = _shop(
        log,
        {"name": "Giuseppe Rossetti", "street": "Viale Monza 12", "cap": "20126"},
        {"name": "Giuseppe Rossetti", "street": "Via Etnea 3", "cap": "95131"},
    )
    assert (found.joined, found.to_ask) == (0, 0)


def test_the_waterfall_adds_up_to_the_probability(log: Log) -> None:
    _shop(
        log,
        {"name": "Giuseppe Rossetti", "street": "Viale Monza 12", "cap": "20126"},
        {"name": "Beppe Rossetti", "street": "viale monza, 12", "cap": "20126"},
    )
    weights = identity.waterfall(log, ("user:2", "user:1"))
    assert [each.field for each in weights] == ["prior", "name", "address"]
    assert (weights[1].one, weights[1].other) == ("beppe rossetti", "giuseppe rossetti")
    odds = 2 ** sum(each.weight for each in weights)
    pairs = [*log.identity.joins(), *log.identity.questions()]
    assert odds / (1 + odds) == pytest.approx(pairs[0].strength, abs=1e-3)
    assert identity.waterfall(log, ("user:1", "other:3")) == ()


def test_what_is_not_sure_is_asked(log: Log) -> None:
    (log.workspace.path / "identity.toml").write_text(
        "join_above = 1.0\nask_above = 0.3\n", encoding="utf-8"
    )
    home = {"street": "Viale Monza 12", "cap": "20126"}
    found = _shop(log, {"name": "Giuseppe Rosseti"} | home, {"name": "Beppe Rossettti"} | home)
    assert (found.joined, found.to_ask) == (0, 1)
    [question] = identity.pairs_to_ask(log)
    assert (question.one, question.other) == ("user:1", "user:2")
    assert 0.3 <= question.strength < 1


def test_new_facts_are_compared_with_all_that_is_known(log: Log) -> None:
    _shop(log, {"name": "Giuseppe Rossetti", "street": "Viale Monza 12", "cap": "20126"})
    tell(
        log,
        profile("user:9", name="Rossetti Beppe", street="V.le Monza 12", cap="20126"),
    )
    assert identity.resolve(log).joined == 1
    assert together(log) == {frozenset({"user:1", "user:9"})}
    again = identity.resolve(log, incremental=False)
    assert (again.joined, again.undone) == (0, 0)


def test_a_likeness_that_is_gone_is_taken_back(log: Log) -> None:
    home = {"street": "Viale Monza 12", "cap": "20126"}
    _shop(log, {"name": "Giuseppe Rossetti"} | home, {"name": "Beppe Rossetti"} | home)
    assert len(together(log)) == 1
    (log.workspace.path / "identity.toml").write_text("probable = false\n", encoding="utf-8")
    assert identity.resolve(log, incremental=False).undone == 1
    assert together(log) == set()


@pytest.mark.parametrize(
    ("given", "street"),
    [
        ("V.le Monza, 12/B", "monza|12b"),
        ("viale Monza n. 12 b", "monza|12b"),
        ("Via G. Garibaldi 5", "garibaldi|5"),
        ("via Giuseppe Garibaldi n°5", "garibaldi|5"),
        ("C.so Vittorio Emanuele II, 103", "vittorioemanueleii|103"),
        ("Via San Francesco, 8 int. 3", "sanfrancesco|8"),
        ("P.zza Duomo snc", "duomo|"),
        ("   ", None),
    ],
)
def test_streets_are_read_as_italians_write_them(given: str, street: str | None) -> None:
    assert normal.street(given) == street


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("Giuseppe Rossi", ("giuseppe", "rossi")),
        ("ROSSI GIUSEPPE", ("giuseppe", "rossi")),
        ("Sig.ra Anna Maria De Luca", ("anna maria", "deluca")),
        ("De Luca Anna", ("anna", "deluca")),
        ("Gentile Sig. Mario Gentile", ("mario", "gentile")),
        ("Gentile", (None, "gentile")),
        ("Rossi", (None, "rossi")),
        ("", (None, None)),
    ],
)
def test_whole_names_are_split(given: str, names: tuple[str | None, str | None]) -> None:
    assert normal.both_names(given) == names


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("RSSMRA85T10A562S", "RSSMRA85T10A562S"),  # the example of the revenue agency
        ("rss mra 85t10 a562s", "RSSMRA85T10A562S"),
        ("RSSMRA85T10A562X", None),
        ("RSSMRA85T10A56", None),
    ],
)
def test_a_fiscal_code_needs_its_check_letter(given: str, code: str | None) -> None:
    assert normal.fiscal_code(given) == code


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("333 123 4568", "+393331234568"),
        ("0039 3331234568", "+393331234568"),
        ("02 1234 5678", "+390212345678"),
        ("+44 20 7946 0018", "+442079460018"),
        ("12", None),
        ("telefono", None),
    ],
)
def test_telephones_become_e164(given: str, number: str | None) -> None:
    assert normal.phone(given, "IT") == number


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("Via 4 Novembre", "ivnovembre|"),
        ("via IV novembre, 12", "ivnovembre|12"),
        ("V. 4 Novembre n. 12", "ivnovembre|12"),
        ("P.zza 25 Aprile 3/b", "xxvaprile|3b"),
        ("Piazza XXV Aprile, 3 B", "xxvaprile|3b"),
        ("Via Roma 12 Milano", "roma|12"),
        ("Via dei Mille 4", "deimille|4"),
    ],
)
def test_a_number_in_a_streets_name_is_not_the_house(given: str, read: str) -> None:
    assert normal.street(given) == read


def test_the_streets_that_are_most_alike_are_compared(log: Log) -> None:
    person = {"name": "Giuseppe Rossetti", "birthday": "1980-03-31", "cap": "20126"}
    tell(log, profile("user:1", **person, street="Via Garibaldi 12"))
    # They live elsewhere by now: the latest street is another one.
    moved = person | {"street": "Via Torino 5", "cap": "20121"}
    tell(log, profile("user:1", minutes=90, **moved))
    _shop(log, {"email": "g@example.org"}, person | {"street": "Via Garibaldo 12"})
    [address] = [
        each for each in identity.waterfall(log, ("user:1", "user:2")) if each.field == "address"
    ]
    assert address.level == "the same street, spelled or numbered otherwise"


def test_short_names_are_counted_as_the_whole() -> None:
    for short in ("Beppe", "Pino", "Peppe", "Giuseppe Maria"):
        assert normal.given_key(normal.given_name(short) or "") == "giuseppe"
    assert normal.given_key("mario") != normal.given_key("maria")

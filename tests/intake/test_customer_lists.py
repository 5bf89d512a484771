"""A list of customers with what they agreed to: facts about them, and consents that count."""

from collections.abc import Callable
from pathlib import Path

from percorso import identity, intake
from percorso.log import Log
from percorso.privacy import consents

LIST = """Indirizzo e-mail;Nome;Cognome;Data consenso;Consenso sondaggi;Newsletter;Lingua;Città
ADA@example.org;Ada;Bianchi;01/11/2026 10:00;Sì;no;it;Milano
bob@example.org;Bob;;02/11/2026 10:00;NO;X;en-GB;Roma
eve@example.org;Eve;;02/11/2026 10:00;forse;;;Roma
dan@example.org;;;02/11/2026 10:00;;;;
"""


def test_who_agreed_may_be_asked_and_nobody_else(
    bring: Callable[..., intake.ImportResult], file: Callable[..., Path], log: Log
) -> None:
    result = bring(file("clienti.csv", LIST))
    assert result.added == 4 + 4
    assert len(result.skipped) == 1
    names = ("ada", "bob", "eve", "dan")
    people = [f"email:{each}@example.org" for each in names]
    assert [consents.may(log, each, "survey") for each in people] == [True, False, False, False]
    assert [consents.may(log, each, "marketing") for each in people] == [False, True, False, False]
    assert consents.who_may(log, people, "survey") == {people[0]}
    assert consents.who_may(log, people, "marketing") == {people[1]}
    assert consents.who_may(log, people, "service") == set(people)
    identity.resolve(log)
    ada = identity.called(log, people)[people[0]]
    assert (ada.name, ada.first_name, ada.email) == ("Ada Bianchi", "Ada", "ada@example.org")
    # The same list again adds nothing; a new word counts from its time on.
    assert bring(file("again.csv", LIST)).added == 0
    later = LIST.replace("01/11/2026 10:00;Sì", "05/11/2026 10:00;no")
    assert bring(file("later.csv", later)).added == 3
    assert not consents.who_may(log, people, "survey")

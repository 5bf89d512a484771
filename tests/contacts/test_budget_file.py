"""contacts.toml: what it may say, and what is said where it is wrong."""

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contacts.cases import budgets

from percorso import contacts
from percorso.contacts import Budget, ContactsError, Limit
from percorso.i18n import in_language


def test_without_a_file_the_budget_is_the_shipped_one_in_the_company_s_zone(workspace):
    assert contacts.load(workspace) == Budget(zone="Europe/Rome")
    assert contacts.read(contacts.text(workspace), "Europe/Rome") == Budget()


def test_what_is_saved_is_read_again(workspace):
    budget = contacts.save(
        workspace,
        """
        [person]
        total = { most = 3, days = 14 }
        survey = false
        [company]
        a_day = false
        an_hour = 100
        [calendar]
        quiet = ["21:30", 08:00:00]
        weekdays = ["saturday", "monday"]
        holidays = "IT-MI"
        closed = [2026-12-07, "2026-08-10/2026-08-23"]
        [service]
        free_of = []
        """,
    )
    assert contacts.load(workspace) == budget
    assert budget == Budget(
        total=Limit(3, 14),
        survey=None,
        a_day=None,
        an_hour=100,
        quiet_from=time(21, 30),
        quiet_until=time(8),
        weekdays=frozenset({0, 5}),
        holidays="IT-MI",
        closed=(
            (date(2026, 12, 7), date(2026, 12, 7)),
            (date(2026, 8, 10), date(2026, 8, 23)),
        ),
        service_free_of=frozenset(),
    )


@given(st.data())
def test_a_budget_is_the_same_after_it_was_written(data):
    budget = data.draw(budgets("Europe/Rome"))
    assert contacts.read(contacts.as_toml(budget), "Europe/Rome") == budget


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[persn]", "persn: 'persn' is not known. Did you mean “person”?"),
        ("person = 3", "person must be a table, such as [person], not 3."),
        ("[person]\nsurveys = 3", "person.surveys: 'surveys' is not known. Did you mean “survey”?"),
        ("[person]\ntotal = { most = 3, day = 2 }", "person.total.day: 'day' is not known. "
         "Did you mean “days”?"),
        ("[person]\ntotal = { most = 3 }", "person.total must have days, not {'most': 3}."),
        ("[person]\ntotal = { most = 0, days = 2 }",
         "person.total.most must be a whole number from 1 to 1000000, not 0."),
        ("[person]\ntotal = { most = true, days = 2 }",
         "person.total.most must be a whole number from 1 to 1000000, not True."),
        ("[person]\nsurvey = 3",
         "person.survey must be such as { most = 2, days = 30 }, or false for none, not 3."),
        ("[person]\nsame_survey = 0",
         "person.same_survey must be a whole number from 1 to 3650, not 0."),
        ("[company]\na_day = 1.5", "company.a_day must be a whole number from 1 to 1000000, not "
         "1.5."),
        ("[calendar]\nquiet = ['20:00', '24:00']",
         "calendar.quiet must be times of day such as 20:00, not '24:00'."),
        ("[calendar]\nquiet = ['20:00', '20:00']",
         "calendar.quiet must begin and end at different times, not ['20:00', '20:00']."),
        ("[calendar]\nquiet = '20:00'",
         "calendar.quiet must be such as [\"20:00\", \"09:00\"], or false for none, not '20:00'."),
        ("[calendar]\nweekdays = ['mondai']", "calendar.weekdays: 'mondai' is not known. "
         "Did you mean “monday”?"),
        ("[calendar]\nweekdays = []", "calendar.weekdays must hold at least one day, not []."),
        ("[calendar]\nholidays = 'it'", "calendar.holidays must be a country such as IT or IT-MI, "
         "or false for none, not 'it'. Did you mean “IT”?"),
        ("[calendar]\nholidays = 'IT-MX'", "calendar.holidays: 'IT-MX' is not known. "),
        ("[calendar]\nclosed = ['2026-02-30']", "calendar.closed must hold days such as "
         "2026-12-07, or stretches such as 2026-08-10/2026-08-23, not '2026-02-30'."),
        ("[calendar]\nclosed = ['2026-02-03/2026-02-01']",
         "calendar.closed must end after it begins, within a year, not '2026-02-03/2026-02-01'."),
        ("[service]\nfree_of = ['quiet_hour']", "service.free_of: 'quiet_hour' is not known. "
         "Did you mean “quiet_hours”?"),
        ("[person", "contacts.toml cannot be read: "),
        ("a = " + "[" * 20_000, "contacts.toml cannot be read: "),
        ("[company]\na_day = " + "9" * 5000, "contacts.toml cannot be read: "),
        ("[company]\na_day = 0x" + "f" * 9000, "company.a_day must be a whole number from 1 to "
         "1000000, not …."),
        ("[calendar]\nweekdays = [0x" + "f" * 9000 + "]", "calendar.weekdays: … is not known."),
        ("[calendar]\nholidays = 0x" + "f" * 9000, "calendar.holidays must be a country"),
        ("#" * 300_000, "contacts.toml has 300000 characters; at most 200000 are read."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(written, said):
    with pytest.raises(ContactsError) as error:
        contacts.read(written, "Europe/Rome")
    assert str(error.value).startswith("contacts.toml")
    assert said in str(error.value)


def test_what_is_wrong_is_not_saved_and_is_said_in_italian(workspace):
    contacts.save(workspace, "[company]\nan_hour = 7")
    with in_language("it"), pytest.raises(ContactsError, match="deve essere un numero intero"):
        contacts.save(workspace, "[company]\nan_hour = 0")
    assert contacts.load(workspace) == replace(Budget(), an_hour=7)


def test_a_file_of_another_encoding_is_named(workspace):
    workspace.contact_budget.write_bytes(b"# \xff")
    with pytest.raises(ContactsError, match=r"contacts\.toml cannot be read"):
        contacts.load(workspace)

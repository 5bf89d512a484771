"""The data page: files sent, looked at, imported; rows mended, put aside, taken out."""

import csv
import io
import os
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django import Settings as DjangoSettings

from percorso.app import company as served
from percorso.app.audit.models import Entry
from percorso.app.intake import actions, tasks
from percorso.app.intake.models import Import, Status
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

ANSWERS = """\
Data;Cliente;Voto NPS;Commento
01/03/2026 10:20;C-100;9;Gentilissimi
02/03/2026 11:00;C-101;3;Arrivata tardi
31/02/2026 12:00;C-102;7;
04/03/2026 17:40;C-104;10;=cmd|' /C calc'!A0
05/03/2026 08:00;C-105;11;Ottimo
"""


@pytest.fixture
def analyst(client_of: Callable[[str], Client]) -> Client:
    return client_of("analyst")


def send(client: Client, *files: tuple[str, str | bytes]) -> Import:
    sent = [
        SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
        for name, text in files
    ]
    answer = client.post(reverse("intake:upload"), {"files": sent})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.get(id=answer["Location"].rsplit("/", 1)[1])


def work(one: Import) -> Import:
    """Do what the worker would do for the import now."""
    {Status.READING: tasks.look, Status.QUEUED: tasks.run}[Status(one.status)].call(str(one.id))
    one.refresh_from_db()
    return one


def page(client: Client, one: Import) -> str:
    return client.get(reverse("intake:import", args=[one.id])).content.decode()


def confirm(client: Client, one: Import, **form: str) -> Import:
    client.post(reverse("intake:import", args=[one.id]), {"do": "import", **form})
    one.refresh_from_db()
    assert one.status == Status.QUEUED
    return one


def imported(client: Client, text: str = ANSWERS) -> Import:
    one = work(confirm(client, work(send(client, ("answers.csv", text)))))
    assert one.status == Status.DONE, one.error
    return one


def test_an_empty_company_is_told_how_to_begin(analyst: Client) -> None:
    shown = analyst.get("/data/").content.decode()
    assert "No data yet" in shown
    assert "Bring your first files" in shown


def test_a_viewer_is_told_who_can_bring_files(client_of: Callable[[str], Client]) -> None:
    shown = client_of("viewer").get("/data/").content.decode()
    assert "Your role lets you look" in shown
    assert 'type="file"' not in shown


def test_from_a_file_to_the_log(
    analyst: Client,
    company: Workspace,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    one = send(analyst, ("answers.csv", ANSWERS))
    assert [file["name"] for file in one.files] == ["answers.csv"]
    assert (company.uploads / str(one.id) / "answers.csv").read_text("utf-8") == ANSWERS
    assert list(company.temporary.glob("*.upload*")) == [], "moved, not copied"
    assert "Looking at the files" in page(analyst, one)

    shown = page(analyst, work(one))
    assert "Ready to import" in shown
    for found in ("semicolon", "UTF-8", "C-100", "1 Mar 2026, 10:20", "Survey answer"):
        assert found in shown, found
    assert served.log().summary().interactions == 0, "a preview stores nothing"

    confirm(analyst, one)
    assert "In line" in page(analyst, one)
    with django_capture_on_commit_callbacks(execute=True):
        work(one)
    assert (one.result["added"], one.result["quarantined"]) == (3, 2)
    assert "3 interactions added" in page(analyst, one)
    assert served.log().summary().interactions == 3
    assert not (company.uploads / str(one.id)).exists(), "the files go once they are in"

    listed = analyst.get("/data/").content.decode()
    assert "3 interactions of 3 customers" in listed
    assert "2 rows wait in quarantine" in listed
    assert listed.count("answers.csv") == 1, "one import, one line"
    trail = list(Entry.objects.order_by("id").values_list("action", flat=True))
    done = [each for each in trail if each.startswith("import") and each != "import.seen"]
    assert done == [
        "import.uploaded",
        "import.confirmed",
        "import.finished",
    ]


def test_a_preview_writes_amounts_and_times_as_the_reader_does(analyst: Client) -> None:
    text = "data;cliente;importo;valuta;evento\n01/03/2026 10:00;C-1;1234,5;EUR;Ordine\n"
    one = work(send(analyst, ("ordini.csv", text)))
    chosen = {"map.kind": "'order'", "map.amount": "importo", "map.at": "data"}
    analyst.post(reverse("intake:import", args=[one.id]), {"do": "look", **chosen})
    one.refresh_from_db()
    work(one)
    assert "1,234.50 EUR" in page(analyst, one)
    analyst.post(reverse("accounts:preferences"), {"language": "it"})
    shown = page(analyst, one)
    assert "1.234,50 EUR" in shown
    assert "1 mar 2026, 10:00" in shown


def test_a_plan_in_another_language_says_so_and_is_said_in_the_readers_at_one_press(
    analyst: Client, client_of: Callable[[str], Client]
) -> None:
    one = work(send(analyst, ("risposte.csv", ANSWERS)))
    colleague = client_of("cx_manager")
    colleague.post(reverse("accounts:preferences"), {"language": "it"})
    assert "is written in" not in page(analyst, one)
    shown = page(colleague, one)
    assert "Ciò che si è capito dei file è scritto in inglese." in shown
    assert 'lang="en">Encoding: <strong>' in shown
    press = re.search(r'<button name="do" value="(\w+)" formnovalidate>Riesamina, nella mia', shown)
    assert press
    colleague.post(reverse("intake:import", args=[one.id]), {"do": press.group(1)})
    one.refresh_from_db()
    work(one)
    shown = page(colleague, one)
    assert "Ciò che si è capito dei file" not in shown
    assert 'lang="it">Codifica: <strong>' in shown


def test_the_same_file_again_adds_nothing(analyst: Client) -> None:
    imported(analyst)
    again = imported(analyst)
    assert again.result["added"] == 0
    assert again.result["duplicates"] == 3
    assert "Nothing new in these files" in page(analyst, again)


def test_a_task_that_is_run_again_changes_nothing(analyst: Client) -> None:
    one = imported(analyst)
    before = (served.log().version, one.result)
    tasks.run.call(str(one.id))
    tasks.look.call(str(one.id))
    one.refresh_from_db()
    assert (served.log().version, one.result) == before
    # Cut off after the commit, before anybody was told: taken up again, nothing is stored twice.
    cut = work(send(analyst, ("answers.csv", ANSWERS)))
    confirm(analyst, cut)
    Import.objects.filter(id=cut.id).update(status=Status.RUNNING)
    tasks.run.call(str(cut.id))
    assert served.log().summary().interactions == 3


def test_guessed_columns_are_asked_about_and_can_be_changed(analyst: Client) -> None:
    text = "Quando,Tessera,Dove,Importo\n2026-03-01 10:00,C-1,Cassa,12.50\n2026-03-02,C-2,Web,8\n"
    one = work(send(analyst, ("visite.csv", text)))
    shown = page(analyst, one)
    assert 'name="map.customer"' in shown
    assert one.plan["questions"], "nothing is guessed silently"
    chosen = {
        "map.at": "Quando",
        "map.customer": "Tessera",
        "map.kind": "'visit'",
        "map.touchpoint": "Dove",
        "map.channel": "'store'",
    }
    analyst.post(reverse("intake:import", args=[one.id]), {"do": "look", **chosen})
    one.refresh_from_db()
    assert one.status == Status.READING
    assert one.mapping["kind"] == "'visit'"
    work(one)
    assert "Cassa" in page(analyst, one)
    done = work(confirm(analyst, one, **chosen))
    assert done.status == Status.DONE, done.error
    assert done.result["added"] == 2


def test_a_time_no_column_tells_can_be_written(analyst: Client) -> None:
    text = "id,nps,month_number\n" + "".join(f"{n},{n % 11},{n % 12}\n" for n in range(60))
    one = work(send(analyst, ("nps.csv", text.replace("month_number", "t"))))
    shown = page(analyst, one)
    # The page has a field for it, which cannot be left out, and does not speak as a terminal.
    field = re.search(r'<input id="map-at"[^>]*>', shown)
    assert field
    assert " required" in field[0]
    assert 'placeholder="2024-01 + {t} months"' in field[0]
    assert "--map" not in shown
    done = work(confirm(analyst, one, **{"map.at": "2017-01 + {t} months"}))
    assert done.status == Status.DONE, done.error
    assert done.result["added"] == 60


def test_what_cannot_be_imported_says_why_and_is_kept_or_thrown_away(
    analyst: Client,
    company: Workspace,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    one = work(send(analyst, ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0")))
    shown = page(analyst, one)
    assert one.status in (Status.FAILED, Status.READY)
    assert "picture.png" in shown
    assert 'role="alert"' in shown
    assert (company.uploads / str(one.id)).is_dir()
    with django_capture_on_commit_callbacks(execute=True):
        analyst.post(reverse("intake:import", args=[one.id]), {"do": "discard"})
    one.refresh_from_db()
    assert one.status == Status.DISCARDED
    assert not (company.uploads / str(one.id)).exists()
    assert "thrown away" in page(analyst, one)


def test_what_has_gone_on_is_not_confirmed_twice(analyst: Client) -> None:
    one = work(send(analyst, ("answers.csv", ANSWERS)))
    confirm(analyst, one)
    answer = analyst.post(reverse("intake:import", args=[one.id]), {"do": "import"}, follow=True)
    assert "gone on in the meantime" in answer.content.decode()
    missing = reverse("intake:import", args=[uuid.UUID(int=7)])
    assert analyst.get(missing).status_code == 404
    assert analyst.post(missing, {"do": "import"}).status_code == 404


def test_no_file_is_said(analyst: Client) -> None:
    answer = analyst.post(reverse("intake:upload"), {}, follow=True)
    assert "Choose at least one file" in answer.content.decode()


def test_hostile_names_stay_in_their_folder(analyst: Client, company: Workspace) -> None:
    one = send(
        analyst, ("../../evil.csv", ANSWERS), ("evil.csv", ANSWERS), ("<b>x</b>.csv", ANSWERS)
    )
    names = [file["name"] for file in one.files]
    assert names[:2] == ["evil.csv", "evil (2).csv"]
    assert {file.name for file in (company.uploads / str(one.id)).iterdir()} == set(names)
    assert "<b>x" not in page(analyst, one)


def test_too_much_is_refused_before_it_is_kept(
    analyst: Client, company: Workspace, settings: DjangoSettings
) -> None:
    settings.UPLOAD_LIMIT = 2000
    answer = analyst.post(
        reverse("intake:upload"), {"files": SimpleUploadedFile("big.csv", b"x" * 4000)}
    )
    assert answer.status_code == 413
    assert "more than the server takes" in answer.content.decode()
    assert not Import.objects.exists()
    assert not company.uploads.exists()


@pytest.mark.parametrize("role", [None, "viewer"])
def test_nobody_else_gets_a_byte_onto_the_disk(
    company: Workspace, client_of: Callable[[str], Client], role: str | None
) -> None:
    client = client_of(role) if role else Client()
    answer = client.post(
        reverse("intake:upload"), {"files": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")}
    )
    assert answer.status_code in (302, 403)
    assert list(company.temporary.iterdir()) == []
    assert not Import.objects.exists()


def test_files_nobody_confirms_go_after_a_week(analyst: Client, company: Workspace) -> None:
    cut, fresh = company.temporary / "a.upload.csv", company.temporary / "b.upload.csv"
    cut.touch()
    fresh.touch()
    os.utime(cut, (0, 0))
    old, new = (work(send(analyst, ("answers.csv", ANSWERS))) for _ in range(2))
    Import.objects.filter(id=old.id).update(made_at=old.made_at - actions.UNCONFIRMED_LASTS * 2)
    actions.discard_forgotten()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.status, new.status) == (Status.DISCARDED, Status.READY)
    assert (cut.exists(), fresh.exists()) == (False, True)


def groups(client: Client) -> list[int]:
    shown = client.get(reverse("intake:quarantine")).content.decode()
    return [int(number) for number in re.findall(r"/data/quarantine/group/(\d+)\"", shown)]


def rows(client: Client) -> list[int]:
    shown = (
        client.get(reverse("intake:group", args=[number])).content.decode()
        for number in groups(client)
    )
    return [int(n) for page in shown for n in re.findall(r"/data/quarantine/(\d+)\"", page)]


def test_a_row_is_mended(analyst: Client) -> None:
    imported(analyst)
    number = rows(analyst)[0]
    shown = analyst.get(reverse("intake:row", args=[number])).content.decode()
    assert "31/02/2026 12:00" in shown
    address = reverse("intake:row", args=[number])
    still = analyst.post(address, {"do": "mend", "raw.at": "30/02/2026 12:00"})
    assert still.status_code == 422
    assert "30/02/2026" in still.content.decode()
    done = analyst.post(address, {"do": "mend", "raw.at": "28/02/2026 12:00"}, follow=True)
    assert "The row is in the log now" in done.content.decode()
    assert served.log().summary().interactions == 4
    assert number not in rows(analyst)
    assert "mended" in analyst.get(address).content.decode()
    assert Entry.objects.filter(action="quarantine.mended").count() == 1


MANY = "Data;Cliente;Voto NPS\n" + "".join(f"0{n}/03/2026;C-{n};forse\n" for n in range(1, 8))


def test_rows_with_the_same_thing_wrong_are_one_line(analyst: Client) -> None:
    imported(analyst, MANY + "31/02/2026;C-8;5\n08/03/2026;C-9;9\n")
    shown = analyst.get(reverse("intake:quarantine")).content.decode()
    assert len(groups(analyst)) == 2
    assert "See the 7 rows" in shown
    assert "forse" in shown
    assert len(rows(analyst)) == 8


def test_a_group_is_put_aside_and_stays_listed(analyst: Client) -> None:
    imported(analyst, MANY + "31/02/2026;C-8;5\n08/03/2026;C-9;9\n")
    many = groups(analyst)[0]
    answer = analyst.post(reverse("intake:group", args=[many]), {"do": "discard"}, follow=True)
    assert "7 rows were discarded" in answer.content.decode()
    assert len(rows(analyst)) == 1
    aside = analyst.get(reverse("intake:group", args=[many]) + "?status=discarded").content.decode()
    assert "7 rows were discarded" in aside
    assert Entry.objects.get(action="quarantine.discarded").details == {"rows": 7}
    assert (
        "None of these rows waits"
        in analyst.get(reverse("intake:group", args=[many])).content.decode()
    )
    assert analyst.get(reverse("intake:row", args=[9999])).status_code == 404
    assert analyst.get(reverse("intake:group", args=[9999])).status_code == 404


def test_a_group_is_mended_with_one_value_in_the_background(analyst: Client) -> None:
    from django_tasks_db.models import DBTaskResult

    imported(analyst, MANY + "08/03/2026;C-9;9\n")
    [many] = groups(analyst)
    address = reverse("intake:group", args=[many])

    def tried(value: str) -> str:
        analyst.post(address, {"do": "retry", "value": value})
        analyst.post(address, {"do": "retry", "value": value})
        task = DBTaskResult.objects.get(task_path=tasks.retry.module_path, finished_at=None)
        assert "being tried again" in analyst.get(address).content.decode()
        task.claim("worker")
        task.set_successful(tasks.retry.call(*task.args_kwargs["args"]))
        return analyst.get(address).content.decode()

    assert "0 of 7 rows entered the log" in tried("")
    assert len(rows(analyst)) == 7
    before = served.log().version
    assert "7 of 7 rows entered the log" in tried("8")
    assert served.log().version == before + 1, "in one commit"
    assert served.log().summary().interactions == 8
    assert groups(analyst) == []
    assert [each.details for each in Entry.objects.filter(action="quarantine.retried")] == [
        {"rows": 7, "accepted": 7},
        {"rows": 7, "accepted": 0},
    ]


def test_after_a_mended_row_come_the_others_like_it(analyst: Client) -> None:
    imported(analyst, MANY + "08/03/2026;C-9;9\n")
    [many], first = groups(analyst), rows(analyst)[0]
    address = reverse("intake:row", args=[first])
    assert analyst.post(address, {"do": "discard"})["Location"] == reverse(
        "intake:group", args=[many]
    )


def test_the_quarantine_is_safe_to_open_in_a_spreadsheet(analyst: Client) -> None:
    imported(analyst, ANSWERS + "=HYPERLINK(A1);C-9;5;x\n")
    answer: Any = analyst.get(reverse("intake:export"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Disposition"] == 'attachment; filename="quarantine-waiting.csv"'
    table = list(csv.DictReader(io.StringIO(text)))
    assert {each["value"] for each in table} == {"31/02/2026 12:00", "11", "'=HYPERLINK(A1)"}
    assert Entry.objects.filter(action="quarantine.exported").exists()


def test_a_number_no_row_can_have_is_no_row(analyst: Client) -> None:
    imported(analyst)
    waiting = rows(analyst)
    assert analyst.get(reverse("intake:row", args=[10**25])).status_code == 404
    assert analyst.get(reverse("intake:group", args=[10**25])).status_code == 404
    assert rows(analyst) == waiting


def test_sources_say_where_the_data_came_from(analyst: Client) -> None:
    assert "No data yet" in analyst.get(reverse("intake:sources")).content.decode()
    imported(analyst)
    shown = analyst.get(reverse("intake:sources")).content.decode()
    assert ">3<" in shown


def test_the_answers_are_prepared_once_however_many_rows_are_mended(analyst: Client) -> None:
    from django_tasks_db.models import DBTaskResult

    tasks.refresh()
    tasks.refresh()
    assert DBTaskResult.objects.filter(task_path=tasks.warm.module_path).count() == 1
    imported(analyst)
    tasks.warm.call()


def test_the_page_speaks_the_language_of_who_sent_the_file(
    analyst: Client, company: Workspace
) -> None:
    analyst.post(reverse("accounts:preferences"), {"language": "it"})
    one = work(send(analyst, ("answers.csv", ANSWERS)))
    shown = page(analyst, one)
    assert "punto e virgola" in shown
    assert "Pronto per l’importazione" in shown


def test_the_quarantine_speaks_the_language_of_who_reads_it(
    analyst: Client, company: Workspace
) -> None:
    imported(analyst)
    english = analyst.get(reverse("intake:quarantine")).content.decode()
    assert "on nps must be a whole number from 0 to 10" in english
    analyst.post(reverse("accounts:preferences"), {"language": "it"})
    italian = analyst.get(reverse("intake:quarantine")).content.decode()
    assert "su nps deve essere un numero intero da 0 a 10" in italian
    assert "deve essere una data, scritta come nel resto della colonna" in italian
    assert "must" not in italian
    number = rows(analyst)[0]
    shown = analyst.get(reverse("intake:row", args=[number])).content.decode()
    assert "deve essere una data" in shown
    refused = analyst.post(
        reverse("intake:row", args=[number]), {"do": "mend", "raw.at": "30/02/2026"}
    )
    assert "Quando: deve essere una data" in refused.content.decode()
    answer: Any = analyst.get(reverse("intake:export"))
    assert "deve essere una data" in b"".join(answer.streaming_content).decode("utf-8-sig")


def test_the_recipes_are_offered_in_the_language_of_the_reader(analyst: Client) -> None:
    one = work(send(analyst, ("answers.csv", ANSWERS)))
    assert "Survey answers, one row a question" in page(analyst, one)
    analyst.post(reverse("accounts:preferences"), {"language": "it"})
    assert "Risposte ai sondaggi, una riga per domanda" in page(analyst, one)

"""What the page of thanks offers whoever was not well served: to be contacted."""

from dataclasses import replace

from django.http import QueryDict
from django.utils import timezone

from percorso.app import company
from percorso.app.surveys.answering import courses, known, ways
from percorso.app.surveys.answering.drawing import REACH, Reach
from percorso.app.surveys.answering.sheets import Sheet, unseal_after
from percorso.app.surveys.answering.steps import Finished
from percorso.app.surveys.answering.ways import Way
from percorso.app.surveys.contacting import promised
from percorso.app.surveys.errors import SpentError
from percorso.surveys import check_form
from percorso.surveys.model import Contact
from percorso.surveys.rows import SOURCE
from percorso.vocabulary import Interaction


def take(form: QueryDict) -> tuple[Finished, Way, Reach]:
    """Keep that somebody wants to be contacted; on the disk when this returns.

    Whoever was invited is known already, and need not say how. Returns what they had answered,
    their way, and what is wrong with how they want to be reached. Raises SpentError, and what the
    inbox raises.
    """
    after = unseal_after(form.get("after", ""))
    course = courses.course(after.survey, after.version)
    way = ways.by_key(after.way)
    if course is None or course.survey.anonymous or way.survey != after.survey:
        raise SpentError
    question = Contact(
        id=REACH, text={}, required=not way.reference, parts=("name", "email", "phone")
    )
    given = {name: form.getlist(name) for name in form}
    checked = check_form([question], given)
    sheet = Sheet(
        way=after.way,
        survey=after.survey,
        version=after.version,
        language=after.language,
        response=after.response,
    )
    offering = next((each for each in course.survey.endings if each.offers_contact), None)
    if offering is None:
        raise SpentError
    if checked.right:
        contact = checked.answers.get(REACH)
        known.send_also(_rows(way, sheet, contact if isinstance(contact, dict) else {}))
    return Finished(course.survey, sheet, {}, offering), way, Reach(given, checked)


def _rows(way: Way, sheet: Sheet, contact: dict[str, object]) -> list[Interaction]:
    """Return that somebody asks to be contacted, and that they were promised it."""
    now = timezone.now()
    properties: dict[str, object] = {
        **way.properties,
        "survey": sheet.survey,
        "response": sheet.response,
    }
    asked = Interaction(
        id=f"survey:{sheet.response}:call_back",
        at=now,
        received_at=now,
        customer=known.customer_of(way, sheet.response),
        kind="message",
        name=promised.NAME,
        source=SOURCE,
        touchpoint=way.touchpoint,
        channel=way.channel,
        language=sheet.language,
        about=f"survey:{sheet.survey}",
        properties={**properties, "contact": contact} if contact else properties,
    )
    promise = replace(
        asked,
        id=f"survey:{sheet.response}:contact_by",
        kind="promise",
        name=promised.PROMISE,
        direction="out",
        about=promised.about(sheet.response),
        due_at=promised.due(now, company.workspace().settings.zone_info),
        properties=properties,
    )
    return [asked, promise]

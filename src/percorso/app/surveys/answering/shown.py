"""The pages that customers see, put together: nothing of the company's own pages is on them."""

import secrets
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf.locale import LANG_INFO
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from percorso.app import company
from percorso.app.surveys.answering import drawing, ways
from percorso.app.surveys.answering.drawing import Reach
from percorso.app.surveys.answering.made_once import MadeOnce
from percorso.app.surveys.answering.rendering import render
from percorso.app.surveys.answering.sheets import After, seal, seal_after
from percorso.app.surveys.answering.steps import TEST, Finished, Page
from percorso.app.surveys.answering.ways import Way
from percorso.i18n import gettext as _
from percorso.surveys import Survey, fill, state

#: Languages that the pages' own words are in; around a survey in another they are English.
OWN: Final = ("it", "en")
#: Seconds after which a kiosk's page of thanks gives way to the next person, and one half filled in
#: that nobody goes on with.
THANKS_S: Final = 12
RESTS_S: Final = 180
#: Websites that may show a page where none is named.
_ANY: Final = ("https:", "http:")
#: In a page that is kept, where each has a seal of its own. No survey can say it: nobody knows it.
_GAP: Final = secrets.token_hex(16)
#: Before and after the gap.
_pages: Final = MadeOnce[tuple[str, str]](100)
_looks: Final = MadeOnce[str](200)
#: What stands around a page that is of no survey.
_BARE: Final = {"title": "", "company": "", "look": "", "logo": "", "logo_text": ""}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a page is shown, and how: the address it is sent to, at a kiosk, inside a website."""

    path: str
    kiosk: bool = False
    widget: bool = False
    test: bool = False
    csrf: str = ""
    look: str = ""

    @property
    def query(self) -> str:
        return "?kiosk" if self.kiosk else "?widget" if self.widget else ""

    @property
    def action(self) -> str:
        return self.path + self.query


def language_of(request: HttpRequest, survey: Survey, way: Way) -> str:
    """Return the language to begin in: asked for, of the invitation, of the browser."""
    wanted = [request.GET.get("lang", ""), way.language]
    accepted = request.headers.get("accept-language", "")[:500]
    wanted += [code for code, _weight in parse_accept_lang_header(accepted)]
    for each in wanted:
        bare = each.partition("-")[0].lower()
        if bare in survey.languages:
            return bare
    return survey.languages[0]


def own_language(language: str) -> str:
    """Return the language that the pages' own words are in."""
    return language if language in OWN else "en"


def questions(page: Page, way: Way, frame: Frame, *, notice: str = "") -> str:
    """Return a page with questions."""
    sheet = seal(page.sheet)
    if page.screen.number or page.answers or page.mistakes or not _is_everybodys(way, frame):
        return _questions(page, way, frame, notice, sheet)
    return _with_own(
        page.survey,
        ("page", *_said(page.sheet.language, way, frame), notice),
        sheet,
        lambda gap: _questions(page, way, frame, notice, gap),
    )


def _questions(page: Page, way: Way, frame: Frame, notice: str, sheet: str) -> str:
    survey, language = page.survey, page.sheet.language
    facts = ways.facts_of(way, anonymous=survey.anonymous)
    drawn = drawing.drawn(page, language, facts)
    wrong = drawing.wrongs(drawn, page.mistakes)
    first = page.screen.number == 0
    here = len(page.screen.questions)
    title = survey.pages[page.screen.page].title if survey.layout == "pages" else {}
    context = {
        **_around(survey, language, frame, facts),
        "intro": fill(survey.say(survey.intro, language), facts) if first else "",
        "page_title": fill(survey.say(title, language), facts) if title else "",
        "questions": drawn,
        "wrongs": wrong,
        "sheet": sheet,
        "first": first,
        "before": page.before,
        "last": page.walk.ahead <= here,
        "percent": round(page.walk.progress * 100),
        "preselected": page.preselected,
        "notice": notice,
        "kept": _kept(survey, way),
    }
    return render("page.html", context, own_language(language))


def thanks(done: Finished, way: Way, frame: Frame, *, reach: Reach | None = None) -> str:
    """Return the page of thanks; ``reach`` is how they want to be contacted, where they said so."""
    asked = reach is not None and reach.checked.right
    after = ""
    if offers_contact(done) and not asked and not frame.test:
        after = seal_after(
            After(
                way=way.key,
                survey=done.survey.id,
                version=done.survey.version,
                language=done.sheet.language,
                response=done.sheet.response,
            )
        )
    if reach is not None or not _is_everybodys(way, frame):
        return _thanks(done, way, frame, reach, after)
    place = [each is done.ending for each in done.survey.endings]
    return _with_own(
        done.survey,
        ("thanks", *_said(done.sheet.language, way, frame), tuple(place)),
        after,
        lambda gap: _thanks(done, way, frame, None, after and gap),
    )


def _thanks(done: Finished, way: Way, frame: Frame, reach: Reach | None, after: str) -> str:
    survey, language = done.survey, done.sheet.language
    facts = ways.facts_of(way, anonymous=survey.anonymous)
    ending = done.ending
    context = {
        **_around(survey, language, frame, facts),
        "words": fill(survey.say(ending.text, language), facts) if ending else "",
        "links": [
            (each.address, fill(survey.say(each.text, language), facts)) for each in survey.links
        ],
        "offers": bool(after),
        "asked": reach is not None and reach.checked.right,
        "reach": drawing.reach(reach) if after else (),
        "known": bool(way.reference),
        "after": after,
        "call_back": reverse("answering:call_back") + frame.query,
        "again_path": frame.action if frame.kiosk or frame.test else "",
    }
    return render("thanks.html", context, own_language(language))


def offers_contact(done: Finished) -> bool:
    """Say whether the page of thanks asks how to reach somebody."""
    ending = done.ending
    return bool(ending and ending.offers_contact and not done.survey.anonymous)


def spent(
    language: str, frame: Frame, *, door: bool = False, busy: bool = False, unkept: bool = False
) -> str:
    """Return the page that says that a link does not work: a person's own, or that of a ``door``.

    Or that too much comes at once, or that what was sent could not be kept.
    """
    own = own_language(language)
    context = {
        "company": company.workspace().settings.company,
        "language": own,
        "languages": [(each, _name(each)) for each in OWN],
        "door": door,
        "busy": busy,
        "unkept": unkept,
        "frame": frame,
    }
    return render("spent.html", {**_BARE, **context}, own)


def broken(why: str) -> str:
    """Return the page that says why a survey cannot be tried out yet."""
    language = (translation.get_language() or "it")[:2]
    own = own_language(language)
    context = {"language": own, "own": own, "why": why, "frame": Frame("", test=True)}
    return render("broken.html", {**_BARE, **context}, own)


def answer(page: str, frame: Frame, way: Way | None = None, *, status: int = 200) -> HttpResponse:
    """Return a page with the headers that all of them have."""
    made = HttpResponse(page, status=status)
    # A form that is tried out is sent with our own token, which no request without origin may be.
    made["Referrer-Policy"] = "same-origin" if frame.test else "no-referrer"
    made["X-Robots-Tag"] = "noindex, nofollow"
    made["Vary"] = "Accept-Language"
    if frame.test:
        _let_in(made, ["'self'"])
    elif way is not None and way.kind == "widget":
        _let_in(made, way.websites or _ANY)
    elif way is None and frame.widget:
        # It only says what does not work: there is nothing on it to press.
        _let_in(made, _ANY)
    return made


def look(survey: Survey) -> str:
    """Return the style sheet with a survey's colours; ``--paper`` is what a logo was drawn for."""
    light, dark = (_colours(each) for each in (survey.theme.light, survey.theme.dark))
    paper = f"--paper:{survey.theme.light.background}"
    return f":root{{{light};{paper}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def look_of(survey: Survey) -> str:
    """Return the address of a survey's colours; it changes with them."""

    def find() -> str:
        return reverse("answering:look", args=[survey.id, survey.version, state(survey)[:8]])

    return _looks.get(survey, None, find)


def _is_everybodys(way: Way, frame: Frame) -> bool:
    """Say whether all who come this way see the same page, until they say something."""
    return bool(way.door) and not way.reference and not frame.test


def _said(language: str, way: Way, frame: Frame) -> tuple[Hashable, ...]:
    """Return all that a page for everybody depends on, besides its survey and which it is."""
    name = company.workspace().settings.company
    return language, way.key, tuple(way.facts.items()), frame, name


def _with_own(
    survey: Survey, said: tuple[Hashable, ...], own: str, make: Callable[[str], str]
) -> str:
    """Return a page for everybody with what is somebody's own in it, sealed."""

    def halves() -> tuple[str, str]:
        before, _gap, after = make(_GAP).partition(_GAP)
        return before, after

    before, after = _pages.get(survey, said, halves)
    return f"{before}{own}{after}"


def _let_in(made: HttpResponse, origins: Iterable[str]) -> None:
    """Let pages of these origins show this one in a frame."""
    # What csp and Django read: their decorators know no origins of a row in a table.
    made._csp_replace = {"frame-ancestors": list(origins)}  # type: ignore[attr-defined] # noqa: SLF001
    made.xframe_options_exempt = True


def _colours(given: Any) -> str:
    return (
        f"--background:{given.background};--text:{given.text};"
        f"--accent:{given.accent};--on-accent:{given.on_accent}"
    )


def _around(
    survey: Survey, language: str, frame: Frame, facts: Mapping[str, str]
) -> dict[str, Any]:
    """Return what every page of a survey has around it."""
    theme = survey.theme
    return {
        "frame": frame,
        "company": facts.get("company", ""),
        "title": fill(survey.say(survey.title, language), facts),
        "language": language,
        "own": own_language(language),
        "languages": [
            (each, _name(each), each == language)
            for each in survey.languages
            if len(survey.languages) > 1
        ],
        "look": frame.look or look_of(survey),
        "logo": reverse("answering:logo", args=[theme.logo]) if theme.logo else "",
        "logo_text": survey.say(theme.logo_text, language),
        "anonymous": survey.anonymous,
    }


def _name(language: str) -> str:
    return str(LANG_INFO.get(language, {}).get("name_local", language)).capitalize()


def _kept(survey: Survey, way: Way) -> str:
    """Return, in one sentence, what the answers are kept with."""
    name = company.workspace().settings.company
    if way.key.startswith(TEST):
        return ""
    if survey.anonymous:
        return _("Your answers are anonymous: nothing kept here links them to you.")
    if way.reference:
        return _("%(company)s keeps your answers with what it knows of you as a customer.") % {
            "company": name
        }
    return _("%(company)s does not know who you are, unless you say so.") % {"company": name}

"""The pages of a survey's words and pages, thanks and links, and look; trying it out."""

import hashlib
from collections.abc import Callable

import msgspec
from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods

from percorso import labels
from percorso.app.accounts.asking import user_of
from percorso.app.surveys.building import actions, logos, parts_form, shown, theme_form
from percorso.app.surveys.building.fields import given_texts, optional_texts, texts_field
from percorso.app.surveys.building.views import found
from percorso.app.surveys.building.words import part_names
from percorso.app.ui.access import may_build_surveys, may_look, opens_to
from percorso.app.ui.fragment import show
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.surveys import Survey, SurveyChangedError, SurveyError, Theme, problems
from percorso.surveys.answers import places_of

Edit = Callable[[Survey], Survey]


def _digest(*parts: object) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


def _save(
    request: HttpRequest, survey: Survey, what: str, edit: Edit, part: Callable[[Survey], str]
) -> str:
    """Save a part of the survey, unless somebody else changed it; return what is wrong."""
    was = request.POST.get("was", "")

    def unless_changed(latest: Survey) -> Survey:
        if part(latest) != was:
            raise SurveyChangedError(
                _(
                    "Somebody else changed this meanwhile. Save again, and yours takes the place "
                    "of theirs."
                )
            )
        return edit(latest)

    try:
        actions.change(user_of(request), survey.id, what, unless_changed)
    except SurveyError as error:
        return str(error)
    return ""


# Words, languages, pages


def _words_of(survey: Survey) -> str:
    titles = [page.title for page in survey.pages]
    return _digest(
        survey.title, survey.intro, survey.languages, survey.layout, survey.anonymous, titles
    )


@opens_to(may_build_surveys)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, survey: str) -> HttpResponse:
    """Change the title, the introduction, the languages, how it is laid out, whether anonymous."""
    latest = found(survey)
    problem, showing = "", latest
    if request.method == "POST":
        form = request.POST
        problem = _save(
            request,
            latest,
            "settings",
            lambda given: parts_form.settings_read(form, given),
            _words_of,
        )
        if not problem:
            messages.success(request, _("Saved."))
            return redirect("surveys:settings", survey)
        showing = parts_form.settings_read(form, latest)
    context = {
        **shown.frame(request, latest, "settings"),
        "form": parts_form.settings_shown(showing),
        "was": _words_of(latest),
        "problem": problem,
    }
    response = show(request, "surveys/building/settings.html", context)
    response.status_code = 422 if problem else 200
    return response


# Thanks and links


def _thanks_of(survey: Survey) -> str:
    return _digest(survey.endings, survey.links)


@opens_to(may_build_surveys)
@require_http_methods(["GET", "POST"])
def endings(request: HttpRequest, survey: str) -> HttpResponse:
    """Change what is said at the end, to whom, and where one can go on."""
    latest = found(survey)
    problem, showing, check = "", latest, True
    if request.method == "POST":
        form = request.POST
        showing = parts_form.endings_read(form, latest)
        check = form.get("do") == "save"
        if check:
            problem = _save(
                request,
                latest,
                "endings",
                lambda given: msgspec.structs.replace(
                    given, endings=showing.endings, links=showing.links
                ),
                _thanks_of,
            )
            if not problem:
                _say_saved(request, showing, ("endings", "links"))
                return redirect("surveys:endings", survey)
    context = {
        **shown.frame(request, latest, "endings"),
        "names": tuple(places_of(latest.questions)),
        "form": parts_form.endings_shown(showing, current_language(), check=check),
        "was": _thanks_of(latest),
        "problem": problem,
    }
    response = show(request, "surveys/building/endings.html", context)
    response.status_code = 422 if problem else 200
    return response


def _say_saved(request: HttpRequest, survey: Survey, parts: tuple[str, ...]) -> None:
    if any(each.where.partition(".")[0] in parts for each in problems(survey)):
        words = _("Saved. What is marked below is still to be mended before it can be published.")
        messages.warning(request, words)
    else:
        messages.success(request, _("Saved."))


# The look


def _look_of(survey: Survey) -> str:
    return _digest(survey.theme)


@opens_to(may_build_surveys)
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, survey: str) -> HttpResponse:
    """Change the colours and the logo; contrast is said as one goes."""
    latest = found(survey)
    theme, problem = latest.theme, ""
    if request.method == "POST":
        theme, problem = _theme_given(request, latest)
        if request.POST.get("do") == "save" and not problem:
            problem = _save(
                request,
                latest,
                "theme",
                lambda given: msgspec.structs.replace(given, theme=theme),
                _look_of,
            )
            if not problem:
                _say_saved(request, msgspec.structs.replace(latest, theme=theme), ("theme",))
                return redirect("surveys:look", survey)
    palettes = theme_form.palettes(theme)
    context = {
        **shown.frame(request, latest, "look"),
        "palettes": palettes,
        "can_mend": not all(ratio.enough for each in palettes for ratio in each.ratios),
        "theme": theme,
        "logo": reverse("answering:logo", args=[theme.logo]) if theme.logo else "",
        "logo_text": texts_field(
            "logo_text",
            part_names()["logo_text"],
            theme.logo_text,
            latest.languages,
            _logo_problems(msgspec.structs.replace(latest, theme=theme)),
            most=200,
        ),
        "was": _look_of(latest),
        "problem": problem,
        "title_words": latest.say(latest.title, current_language()),
    }
    response = show(request, "surveys/building/look.html", context)
    response.status_code = 422 if problem else 200
    return response


def _theme_given(request: HttpRequest, survey: Survey) -> tuple[Theme, str]:
    form = request.POST
    theme = theme_form.read(form, survey.theme)
    words = (
        given_texts(form, "logo_text", survey.languages)
        if theme.logo
        else optional_texts(form, "logo_text", survey.languages)
    )
    theme = msgspec.structs.replace(theme, logo_text=words)
    if form.get("do") == "mend":
        return theme_form.mended(theme), ""
    if form.get("no-logo") == "yes":
        return msgspec.structs.replace(theme, logo="", logo_text={}), ""
    upload = request.FILES.get("logo")
    if upload is None or form.get("do") != "save":
        return theme, ""
    try:
        name = logos.keep(upload)
    except SurveyError as error:
        return theme, str(error)
    texts = given_texts(form, "logo_text", survey.languages)
    return msgspec.structs.replace(theme, logo=name, logo_text=texts), ""


def _logo_problems(survey: Survey) -> dict[str, str]:
    return {
        each.where.removeprefix("theme."): labels.phrase(each.rule)
        for each in problems(survey)
        if each.where.startswith("theme.logo")
    }


# Trying it out


@opens_to(may_look)
@require_GET
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # its types know no arguments
def try_it(request: HttpRequest, survey: str) -> HttpResponse:
    """Show the survey on a phone and on a desktop; what is answered there does not count."""
    latest = found(survey)
    language = request.GET.get("language", "")
    language = language if language in latest.languages else latest.language_for(current_language())
    try:
        address = reverse("surveys:preview", args=[survey])
    except NoReverseMatch:
        address = ""
    context = {
        **shown.frame(request, latest, "try"),
        "address": f"{address}?lang={language}" if address else "",
        "chosen": language,
        "choices": [(each, labels.language(each)) for each in latest.languages],
    }
    return show(request, "surveys/building/try.html", context)

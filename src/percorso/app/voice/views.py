"""The pages of the voice. Every choice is in the address, so that each view can be sent on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso import labels
from percorso.app.audit.looks import leaves_trace
from percorso.app.filters import provenance
from percorso.app.filters.emptiness import Nothing, nothing_in, nothing_yet
from percorso.app.intake.reading import Failure
from percorso.app.ui.access import (
    may_correct_readings,
    may_look,
    may_see_raw_texts,
    opens_to,
)
from percorso.app.ui.fragment import show
from percorso.app.ui.pages import Pages
from percorso.app.voice import drawn, promises, queries, shown, stream, themes
from percorso.app.voice.asked import Asked, asked
from percorso.app.voice.edits import JUST
from percorso.app.voice.queries import Standing
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.log.customers import currency
from percorso.text.results import LONGEST_NAME

PAGE: Final = 20
#: On the overview, before the rest is a link away.
TOPICS: Final = 6
NEEDS: Final = 5
#: By what factors can be looked at.
DIMENSIONS: Final = ("touchpoint", "channel", "phase", "month")
#: Groups drawn in a chart; the table has more.
GROUPS: Final = 14

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is, in words and for a bar; ``again``: by a newer model."""

    again: bool
    read: str
    texts: str
    value: int
    most: int


def _of_the_voice(*own: str) -> Callable[[View], View]:
    """Give a view what was asked. Where there is nothing to show its page says what to do."""

    def decorate(view: View) -> View:
        @opens_to(may_look)
        @require_GET
        @wraps(view)
        def asked_view(request: HttpRequest, **arguments: str) -> HttpResponse:
            what = asked(request, *own)
            if what.scope.empty:
                return _page(request, what, view.__name__, nothing=nothing_yet(), bar=None)
            standing = queries.standing(what.scope.log)
            if not standing.texts:
                return _page(request, what, view.__name__, nothing=_no_texts(), bar=None)
            if not standing.read:
                nothing = _not_read(standing, queries.failure(what.scope.log, standing))
                return _page(request, what, view.__name__, standing, nothing=nothing, bar=None)
            return view(request, what, standing, **arguments)

        return asked_view

    return decorate


def sees_all(request: HttpRequest) -> bool:
    """Say whether the person may see texts unmasked, and who wrote them."""
    return may_see_raw_texts(request.user)


@_of_the_voice()
def overview(request: HttpRequest, what: Asked, standing: Standing) -> HttpResponse:
    found = queries.overview(what)
    if not found.texts or not found.sentiment.balance.shown:
        return _page(request, what, "overview", standing, nothing=nothing_in(what.scope.chosen))
    rows = found.topics.rows
    return _page(
        request,
        what,
        "overview",
        standing,
        summary=shown.summary(found.summary, what),
        said=shown.texts(found.texts),
        by=shown.customers(found.customers),
        languages=[
            (labels.language(code), labels.number(n))
            for code, n in sorted(found.by_language.items(), key=lambda item: -item[1])[:6]
            if n >= MIN_SHOWN
        ],
        less_certain=stream.less_certain(found.by_language),
        sentiment=shown.sentiment(found.sentiment, what),
        factors=shown.factors(found.factors, what),
        emotions=shown.emotion_grid(queries.emotions(what), what),
        topics=themes.topics(rows[:TOPICS], what),
        more_topics=max(0, len(rows) - TOPICS),
        needs=themes.needs(found.needs.rows[:NEEDS], what, currency(what.scope.log)),
        more_needs=max(0, len(found.needs.rows) - NEEDS),
        to=_to(what, "factors", "topics", "needs", "texts"),
    )


@_of_the_voice()
@leaves_trace("voice.texts_seen", to=may_see_raw_texts)
def texts(request: HttpRequest, what: Asked, standing: Standing) -> HttpResponse:
    pages = Pages.of(request, PAGE)
    context = _of_texts(request, what, pages)
    return _page(request, what, "texts", standing, **context)


def _of_texts(request: HttpRequest, what: Asked, pages: Pages) -> dict[str, Any]:
    from percorso.text.finding import MeaningUnavailableError

    sought, all_of_it = what.sought, sees_all(request)
    context: dict[str, Any] = {
        "sought": sought,
        "selects": stream.selects(what, queries.languages(what.scope.log)),
        "named": _named(what),
        "agreed": stream.agreed(queries.agreed(what.scope.log)),
        "hidden_parameters": sorted(what.scope.chosen.parameters().items()),
        "kept_parameters": [
            (name, value)
            for name, value in sought.parameters().items()
            if name in ("topic", "wish")
        ],
        "without": what.scope.chosen.address() if sought.narrowed else "",
        "back": request.get_full_path(),
        "all_of_it": all_of_it,
        # It may fit the filter no more, now that its label is another.
        "just_elsewhere": request.session.pop(JUST, None),
    }
    try:
        found = queries.texts(what, PAGE, pages.offset, unmasked=all_of_it)
    except MeaningUnavailableError as error:
        return context | {"problem": str(error)}
    # Whose texts they are could be guessed where few wrote them. That there are such texts is not
    # said either: one could go on asking until one knows.
    if not found.total or (not all_of_it and found.customers < MIN_SHOWN):
        return context
    pages = pages.over(found.total)
    just = context["just_elsewhere"]
    if just and just["id"] in {row["id"] for row in found.rows}:
        context |= {"just": just, "just_elsewhere": None}
    return context | {
        "rows": stream.texts(found.rows, what, all_of_it=all_of_it),
        "total": shown.texts(found.total),
        "by": shown.customers(found.customers) if found.customers >= MIN_SHOWN else "",
        "pages": pages,
        "not_compared": shown.texts(found.not_compared) if found.not_compared else "",
        "may_correct": may_correct_readings(request.user),
        "csv": reverse("voice:texts_csv") + _query(what.link()) if all_of_it else "",
        **stream.to_choose(queries.languages(what.scope.log)),
        "nearest": sought.how == "meaning" and sought.q,
    }


def _named(what: Asked) -> list[tuple[str, str]]:
    """Return the topic and the need that texts are narrowed to: their name, and the way out."""
    names = queries.topic_names(what.scope.log)
    found = []
    if what.sought.topic:
        name = names.get(what.sought.topic, _("a topic that is there no more"))
        found.append((_("Topic: {name}").format(name=name), what.link(topic="")))
    if what.sought.wish:
        name = names.get(what.sought.wish, _("a need that is there no more"))
        found.append((_("Need: {name}").format(name=name), what.link(wish="")))
    return found


@_of_the_voice("by")
def factors(request: HttpRequest, what: Asked, standing: Standing) -> HttpResponse:
    by = what.own.get("by", "")
    by = by if by in DIMENSIONS else DIMENSIONS[0]
    whole = [each for each in queries.factors(what, None) if each.shown]
    if not whole:
        return _page(request, what, "factors", standing, nothing=nothing_in(what.scope.chosen))
    rows = queries.factors(what, by)
    chosen = what.sought.factor
    if all(each.factor != chosen for each in whole):
        chosen = whole[0].factor
    return _page(
        request,
        what,
        "factors",
        standing,
        rows=shown.factors(whole, what),
        grid=shown.factor_grid(rows, by, what),
        tied=promises.tied(queries.tied_to_promises(what), what),
        by=by,
        by_words=labels.dimension(by),
        dimensions=[
            Tab(labels.dimension(each), what.page("factors", by=each, factor=chosen), each == by)
            for each in DIMENSIONS
        ],
        chosen=labels.factor(chosen),
        choices=[
            Tab(
                labels.factor(each.factor),
                what.page("factors", by=by, factor=each.factor),
                each.factor == chosen,
            )
            for each in whole
        ],
        chart=_factor_chart(what, rows, by, chosen),
        csv=reverse("voice:factors_csv") + _query(what.scope.chosen.address(by=by)),
    )


def _factor_chart(what: Asked, rows: Any, by: str, factor: str) -> "drawn.Drawn | None":
    from percorso.charts import voice_trends as charts

    of_it = [each for each in rows if each.factor == factor and each.balance.shown]
    if not of_it:
        return None
    name = labels.factor(factor)
    if by == "month":
        months = sorted((each.group or "", each.balance) for each in of_it)
        title = _("{factor}, by month").format(factor=name)
        return drawn.drawn(
            what.scope.log,
            "factor",
            (title, months),
            lambda: charts.factor_by_month(title, months),
        )
    groups = [
        (labels.group(by, each.group), each.balance, bool(each.rest and each.rest.real))
        for each in sorted(of_it, key=lambda each: -each.mentions)[:GROUPS]
    ]
    groups.sort(key=lambda each: each[1].value or 0.0)
    title = _("{factor}, by {dimension}").format(
        factor=name, dimension=labels.dimension(by).lower()
    )
    return drawn.drawn(
        what.scope.log, "factor", (title, groups), lambda: charts.factor_by(title, groups)
    )


@_of_the_voice()
def topics(request: HttpRequest, what: Asked, standing: Standing) -> HttpResponse:
    from percorso.charts import voice_trends as charts

    found = queries.topics(what)
    rows = found.rows
    months = [(each.name, each.months) for each in rows if each.months]
    chart = (
        drawn.drawn(what.scope.log, "topics", months, lambda: charts.topics_over_time(months))
        if any(len(each) > 1 for _name, each in months)
        else None
    )
    return _page(
        request,
        what,
        "topics",
        standing,
        topics=themes.topics(rows, what),
        hidden=themes.topics(found.hidden_rows, what),
        chart=chart,
        said=shown.texts(found.texts),
        outside=_unless_few(found.outside, found.outside_customers),
        waiting=_unless_few(found.waiting, found.waiting_customers),
        made_at=found.made_at,
        csv=reverse("voice:topics_csv") + _query(what.scope.chosen.address()),
        back=request.get_full_path(),
    )


@_of_the_voice()
def topic(request: HttpRequest, what: Asked, standing: Standing, topic_id: str) -> HttpResponse:
    from percorso.charts import voice_trends as charts

    found = queries.topic(what, topic_id)
    if found is None or not found.shown:
        # A link that was sent on may be about a topic that is there no more.
        return _page(request, what, "gone", standing, to=_to(what, "topics"))
    names = queries.topic_names(what.scope.log)
    offered = queries.topics(what)
    others = [each for each in (*offered.rows, *offered.hidden_rows) if each.id != found.id]
    chart = (
        drawn.drawn(
            what.scope.log,
            "topic",
            (found.name, found.months),
            lambda: charts.topic_over_time(found.name, found.months),
        )
        if len([each for _month, each in found.months if each.shown]) > 1
        else None
    )
    return _page(
        request,
        what,
        "topic",
        standing,
        topic=themes.topic(found, what, names=names),
        others=[(each.id, each.name) for each in others],
        chart=chart,
        phases=themes.phases(queries.topic_phases(what, found.id), found.id, what),
        to=_to(what, "topics"),
        back=request.get_full_path(),
    )


@_of_the_voice()
def needs(request: HttpRequest, what: Asked, standing: Standing) -> HttpResponse:
    found = queries.needs(what)
    few = 0 < found.customers < MIN_SHOWN
    money = currency(what.scope.log)
    names = queries.topic_names(what.scope.log)
    return _page(
        request,
        what,
        "needs",
        standing,
        needs=themes.needs(found.rows, what, money, names),
        hidden=themes.needs(found.hidden_rows, what, money, names),
        choices=[(each.id, each.name) for each in found.rows],
        said="" if few else shown.texts(found.texts),
        by=shown.customers(found.customers),
        share=labels.estimate(found.share, "percent", 1) if found.share.shown else "",
        share_interval=labels.interval(found.share, "percent", 1),
        apart=_unless_few(found.apart, found.apart_customers),
        waiting=_unless_few(found.waiting, found.waiting_customers),
        all_address=what.texts(need="yes"),
        csv=reverse("voice:needs_csv") + _query(what.scope.chosen.address()),
        back=request.get_full_path(),
    )


def _unless_few(texts: int, customers: int) -> str:
    """Say how many texts; nothing where fewer than 5 customers wrote them."""
    return shown.texts(texts) if customers >= MIN_SHOWN else ""


def _page(
    request: HttpRequest, what: Asked, name: str, standing: Standing | None = None, **context: Any
) -> HttpResponse:
    waits = standing is not None and standing.waiting > 0
    tabs = _tabs(what, name)
    topic = context.get("topic")
    named = [topic.name] if topic else []
    named += [each.words for each in tabs if each.current]
    frame = {
        "view": f"voice/views/{name}.html",
        "tabs": tabs,
        "page_title": " · ".join([*named, _("Voice of the customer")]),
        "bar": what.scope.bar({**what.sought.parameters(), **what.own})
        if not what.scope.empty
        else None,
        "provenance": provenance(what.scope) if not what.scope.empty else None,
        "progress": _progress(standing) if standing is not None and waits else None,
        "failure": queries.failure(what.scope.log, standing) if standing is not None else None,
        "here": request.get_full_path(),
        "longest_name": LONGEST_NAME,
        "compared": what.before is not None,
    }
    own = {**what.sought.parameters(), **what.own}
    return show(
        request,
        "voice/page.html",
        frame | context,
        address=what.scope.chosen.address(own),
    )


def _progress(standing: Standing) -> Progress:
    again = standing.read == standing.texts
    read = standing.texts - standing.waiting if again else standing.read
    return Progress(again, labels.number(read), labels.number(standing.texts), read, standing.texts)


def _tabs(what: Asked, current: str) -> tuple[Tab, ...]:
    names = {
        "overview": _("Overview"),
        "texts": _("Texts"),
        "factors": _("Factors"),
        "topics": _("Topics"),
        "needs": _("Needs"),
    }
    current = {"topic": "topics", "gone": "topics"}.get(current, current)
    return tuple(Tab(words, what.page(name), name == current) for name, words in names.items())


def _to(what: Asked, *names: str) -> dict[str, str]:
    return {name: what.page(name) for name in names}


def _query(address: str) -> str:
    return "" if address == "?" else address


def _no_texts() -> Nothing:
    return Nothing(
        _("Customers have written nothing yet"),
        _(
            "The log holds what customers did, and no words of theirs. Reviews, answers to open "
            "questions, tickets, chats and messages bring them in: a file is enough."
        ),
        reverse("intake:home"),
        _("Bring in data"),
    )


def _not_read(standing: Standing, failure: Failure | None) -> Nothing:
    if failure is not None:
        return Nothing(
            _("No text is read yet"),
            _("{n} texts are in the log; they are shown here when they are read.").format(
                n=labels.number(standing.texts)
            ),
            "",
            "",
        )
    return Nothing(
        _("The texts are being read"),
        _(
            "{n} texts are in the log and none of them is read yet. That is done in the background "
            "after each import, some hundreds a second; the page fills as it goes on. Where "
            "nothing moves, the command percorso enrich does it and says what is in the way."
        ).format(n=labels.number(standing.texts)),
        "",
        "",
    )

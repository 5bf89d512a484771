"""What the log says of the evidence for a belief, at the touchpoint it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.urls import reverse

from percorso import labels
from percorso.app import results
from percorso.app.ui.components import few_or, is_few
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journey_map.touchpoints import Traffic
from percorso.metrics import METRICS
from percorso.text.results import FactorScore, Topic
from percorso.touchpoints import Belief, Evidence
from percorso.vocabulary import FACTORS, Estimate

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: Questions that are offered as evidence.
MOST_QUESTIONS: Final = 300


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """A piece of evidence in words: ``said`` is what the log says of it here, where it can."""

    place: int
    kind: str
    what: str
    said: str
    address: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Of what customers write at a touchpoint: how many texts, the factors and the topics."""

    texts: int
    factors: tuple[FactorScore, ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the answers to questions, by question and metric; ``n`` counts answers."""

    scores: Mapping[str, Mapping[str, Estimate]]
    n: Mapping[str, int]
    customers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen as evidence: its value, such as ``factor:speed``, in words."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class OptionGroup:
    words: str
    options: tuple[Option, ...]


def shown(log: "Log", belief: Belief, traffic: Traffic | None) -> tuple[EvidenceShown, ...]:
    """Return the evidence of a belief."""
    return tuple(_shown(log, place, each, traffic) for place, each in enumerate(belief.evidence))


def options(log: "Log") -> tuple[OptionGroup, ...]:
    """Return what can be chosen as evidence."""
    topics = sorted(_topic_names(log).items(), key=lambda each: each[1].casefold())
    groups = (
        OptionGroup(
            _("A topic of customers’ words"),
            tuple(Option(f"topic:{id_}", name) for id_, name in topics),
        ),
        OptionGroup(
            _("A factor of the experience"),
            tuple(Option(f"factor:{each}", labels.factor(each)) for each in FACTORS),
        ),
        OptionGroup(_("A survey question"), tuple(_questions(log))),
    )
    return tuple(each for each in groups if each.options)


def _shown(log: "Log", place: int, given: Evidence, traffic: Traffic | None) -> EvidenceShown:
    if given.kind == "observation":
        seen = labels.day(given.on) if given.on else ""
        return EvidenceShown(place, _("Observation"), given.what, seen, "")
    if given.kind == "factor":
        said, address = _of_factor(log, given.what, traffic)
        return EvidenceShown(place, _("Factor"), labels.factor(given.what), said, address)
    if given.kind == "topic":
        name = _topic_names(log).get(given.what, given.what)
        said, address = _of_topic(log, given.what, traffic)
        return EvidenceShown(place, _("Topic"), name, said, address)
    said = _of_question(log, given.what, traffic)
    return EvidenceShown(place, _("Question"), _question_words(given.what), said, "")


def _of_factor(log: "Log", name: str, traffic: Traffic | None) -> tuple[str, str]:
    if traffic is None or not traffic.texts:
        return _nobody_wrote(), ""
    address = _address("voice:texts", traffic, factor=name)
    found = next((each for each in _spoken(log, traffic).factors if each.factor == name), None)
    if found is None:
        return _("Nobody speaks of it here."), ""
    if not found.shown:
        return labels.estimate(Estimate.hidden(0, "")).capitalize(), ""
    return _spoken_of(found.share, found.negative, found.mentions), address


def _of_topic(log: "Log", id_: str, traffic: Traffic | None) -> tuple[str, str]:
    if traffic is None or not traffic.texts:
        return _nobody_wrote(), ""
    address = reverse("voice:topic", args=[id_]) + "?period=all"
    topics = _spoken(log, traffic).topics
    found = next((each for each in topics if id_ in (each.id, *each.merged)), None)
    if found is None:
        return _("Nobody speaks of it here."), address
    if not found.shown:
        return labels.estimate(Estimate.hidden(0, "")).capitalize(), address
    return _spoken_of(found.share, found.negative, found.texts), address


def _nobody_wrote() -> str:
    return _("No customer’s words are known from here.")


def _spoken_of(share: Estimate, negative: Estimate, texts: int) -> str:
    said = ngettext(
        "{n} text here speaks of it: {share} of all",
        "{n} texts here speak of it: {share} of all",
        texts,
    ).format(n=labels.number(texts), share=labels.percent(share.value))
    if not negative.shown:
        return said
    return _("{said}; {share} of these to the bad ({interval})").format(
        said=said,
        share=labels.percent(negative.value),
        interval=labels.interval(negative, "percent"),
    )


def _of_question(log: "Log", what: str, traffic: Traffic | None) -> str:
    found = _scores(log, what, traffic)
    n, customers = found.n.get(what, 0), found.customers.get(what, 0)
    if not n:
        return _("Nobody answered it here.")
    if is_few(customers):
        return _("Answered by {n} customers.").format(n=few_or(customers))
    answers = ngettext("{n} answer here", "{n} answers here", n).format(n=labels.number(n))
    scores = [
        f"{labels.metric(name)} {labels.estimate(each, labels.unit_of(name), digits)}"
        f" ({labels.interval(each, labels.unit_of(name), digits)})"
        for name, each in found.scores.get(what, {}).items()
        if each.shown and name != "stars_top2"
        for digits in (labels.digits_of(name),)
    ]
    return " · ".join([answers, *scores])


def _here(traffic: Traffic, properties: tuple[tuple[str, str], ...] = ()) -> "Selection":
    from percorso.log.selection import Selection

    return Selection(touchpoints=traffic.names, properties=properties)


def _spoken(log: "Log", traffic: Traffic) -> Spoken:
    def compute() -> Spoken:
        from percorso.text import topics
        from percorso.text.factors import factors

        here = _here(traffic)
        found = topics.topics(log, here, quotes=0)
        return Spoken(found.texts, factors(log, here), found.all)

    from percorso.text import voice

    key = (traffic.names, voice.state(log))
    return results.result(log, "touchpoint-texts", key, Spoken, compute)


def _scores(log: "Log", what: str, traffic: Traffic | None) -> Scores:
    if traffic is None:
        return Scores({}, {}, {})

    def compute() -> Scores:
        from percorso.metrics import scores

        selection = _of_answers(what, traffic)
        rows = selection.apply(log, log.interactions()).filter(lambda row: row.kind == "answer")
        if "/" not in what:
            rows = rows.filter(rows.scale.isin(_scales(what)))
        counted = rows.aggregate(n=rows.count(), customers=rows.customer.nunique())
        [row] = counted.to_pyarrow().to_pylist()
        found = {name: each for name, each in scores(log, selection).items() if _fits(what, name)}
        return Scores({what: found}, {what: row["n"]}, {what: row["customers"]})

    return results.result(log, "touchpoint-question", (what, traffic.names), Scores, compute)


def _of_answers(what: str, traffic: Traffic) -> "Selection":
    survey, slash, question = what.partition("/")
    if not slash:
        return _here(traffic)
    return _here(traffic, (("survey", survey), ("question", question)))


def _scales(metric: str) -> tuple[str, ...]:
    return METRICS[metric].scales if metric in METRICS else ()


def _fits(what: str, metric: str) -> bool:
    return "/" in what or what == metric


def _topic_names(log: "Log") -> dict[str, str]:
    from percorso.text import topics

    return {id_: name for id_, name in topics.names(log).items() if id_.startswith("t")}


def _questions(log: "Log") -> list[Option]:
    """Return the scores that are answered, and every question of the company's surveys."""
    from percorso.i18n import current_language
    from percorso.surveys import SurveyError, Surveys

    found = [Option(f"question:{name}", labels.metric(name)) for name in METRICS]
    surveys = Surveys(log.workspace)
    for id_ in surveys.ids():
        try:
            survey = surveys.find(id_)
        except SurveyError:
            continue  # whoever edits it is told on its own page
        if survey is None:
            continue
        language = survey.language_for(current_language())
        found += [
            Option(f"question:{id_}/{each.id}", f"{id_}: {survey.say(each.text, language)}"[:120])
            for each in survey.questions
        ]
    return found[:MOST_QUESTIONS]


def _question_words(what: str) -> str:
    return what if "/" in what else labels.metric(what)


def _address(page: str, traffic: Traffic, **more: str) -> str:
    query = {"period": "all", "touchpoint": traffic.names[0], **more}
    return f"{reverse(page)}?{urlencode(query)}"


def read(value: str) -> tuple[str, str]:
    """Return the kind and the name that the value of an option stands for."""
    kind, _colon, what = value.partition(":")
    return kind, what

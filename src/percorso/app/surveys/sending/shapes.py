"""What programs give and get of rules and campaigns."""

from datetime import datetime
from typing import Annotated, Final, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from percorso.app.api.fields import Moment, words
from percorso.app.surveys.sending.words import AFTER

#: Of texts by language.
_LANGUAGES: Final = Field(max_length=50)

Priority = Literal["first", "normal", "last"]
Share = Annotated[float, Field(gt=0, le=1)]
WantedDays = Annotated[int, Field(ge=1, le=60)]
OpenDays = Annotated[int, Field(ge=1, le=365)]
DelayHours = Annotated[int, Field(ge=0, le=8760)]
Kind = Annotated[str, Field(json_schema_extra={"enum": list(AFTER)})]


class SurveySending(Schema):
    """What rules and campaigns share.

    `id` is what invitations have as their campaign (`rule:3`). `subject` and `opening` are by
    language; the survey's own words stand where they are empty. `answered` is of those who were
    invited; null where so few did that they may be recognised. `trouble` says why it cannot ask.
    """

    id: str
    number: int
    name: str
    survey: str
    state: str
    trouble: str
    segment: str
    share: float
    priority: Priority
    wanted_days: int
    open_days: int
    touchpoint: str
    subject: dict[str, str]
    opening: dict[str, str]
    made_at: datetime
    invited: int
    answered: int | None


class SurveyRule(SurveySending):
    """A survey after each interaction of a kind, `delay_hours` later. `only_at` "": anywhere."""

    kind: str
    only_at: str
    delay_hours: int


class SurveyCampaign(SurveySending):
    """A survey once to a segment, from `starts_at` on."""

    starts_at: datetime
    finished_at: datetime | None


class NewSending(Schema):
    """What is given of rules and campaigns. `segment` "": everybody."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: words(80, 1)  # type: ignore[valid-type]
    segment: words(200) = ""  # type: ignore[valid-type]
    share: Share = 1.0
    priority: Priority = "normal"
    wanted_days: WantedDays = 7
    open_days: OpenDays = 30
    touchpoint: words(200) = ""  # type: ignore[valid-type]
    subject: Annotated[dict[str, words(150)], _LANGUAGES] = {}  # type: ignore[valid-type]
    opening: Annotated[dict[str, words(1500)], _LANGUAGES] = {}  # type: ignore[valid-type]
    paused: bool = False


class NewSurveyRule(NewSending):
    """A rule: after what, whom, how many of them, in which words. `paused` asks nobody yet."""

    kind: Kind
    only_at: words(500) = ""  # type: ignore[valid-type]
    delay_hours: DelayHours = 24


class NewSurveyCampaign(NewSending):
    """A campaign: when, whom, how many of them, in which words. `starts_at` null: now."""

    starts_at: Moment | None = None


class SurveyRuleChange(Schema):
    """What is to be different; what is left out, or null, stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: words(80, 1) | None = None  # type: ignore[valid-type]
    segment: words(200) | None = None  # type: ignore[valid-type]
    share: Share | None = None
    priority: Priority | None = None
    wanted_days: WantedDays | None = None
    open_days: OpenDays | None = None
    touchpoint: words(200) | None = None  # type: ignore[valid-type]
    subject: Annotated[dict[str, words(150)], _LANGUAGES] | None = None  # type: ignore[valid-type]
    opening: Annotated[dict[str, words(1500)], _LANGUAGES] | None = None  # type: ignore[valid-type]
    kind: Kind | None = None
    only_at: words(500) | None = None  # type: ignore[valid-type]
    delay_hours: DelayHours | None = None
    paused: bool | None = None


CHANGEABLE: Final = tuple(name for name in SurveyRuleChange.model_fields if name != "paused")


class SurveyCampaignChange(Schema):
    """Whether it rests. Whom it asks was said when it was made."""

    model_config = ConfigDict(extra="forbid", strict=True)

    paused: bool


class SendingEnded(Schema):
    """How many were still waiting, and are not asked."""

    waiting: int


class DryRunReason(Schema):
    """What would become of how many, and why. `outcome` is send, wait or never."""

    outcome: str
    why: str
    count: int | None


class DryRunPerson(Schema):
    """One of those looked at. `until` is when one who waits is weighed again."""

    key: str
    name: str
    address: str
    outcome: str
    until: datetime | None
    why: str


class DryRun(Schema):
    """Whom it would ask now, and why not the others; nothing was written down.

    `of` says whom was looked at, `more` that there are more of them than were. `people` are the
    first, with a token that may `read:customers`; else null, and so are counts that tell of fewer
    than 5, by themselves or as what is left of all.
    """

    of: str
    total: int | None
    send: int | None
    wait: int | None
    never: int | None
    reasons: list[DryRunReason]
    more: bool
    people: list[DryRunPerson] | None

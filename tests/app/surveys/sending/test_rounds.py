"""Surveys by rules and campaigns: who is asked, when, who is not and why, and the message."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.app.mailing import happened
from tests.relay import Relay

from percorso import contacts
from percorso.app import company as served
from percorso.app.outbox import actions as outbox
from percorso.app.outbox import posting, queries
from percorso.app.outbox.models import Message
from percorso.app.privacy.models import PreferenceLink
from percorso.app.surveys.actions import invite
from percorso.app.surveys.models import Invitation
from percorso.app.surveys.sending import actions, finding, rounds
from percorso.app.surveys.sending.models import Campaign, Occasion, Rule
from percorso.contacts import Ledger, Limit
from percorso.privacy import retention
from percorso.surveys import Surveys, ready
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

Agree = Callable[..., None]
GIVEN: dict[str, Any] = {
    "name": "After delivery",
    "survey": "nps",
    "segment": "",
    "share": 1.0,
    "priority": 0,
    "wanted_days": 7,
    "open_days": 30,
    "subject": {},
    "opening": {"en": "Hello {first_name|there},", "it": "Ciao {first_name|}"},
    "touchpoint": "",
    "kind": "delivery",
    "only_at": "",
    "delay_hours": 0,
}


@pytest.fixture(autouse=True)
def survey(shop: Workspace) -> None:
    surveys = Surveys(shop)
    surveys.add(ready("nps", "nps"))
    surveys.publish("nps")


def mails(count: int) -> list[str]:
    return [f"email:c{n:03}@example.org" for n in range(count)]


def reasons() -> dict[str, str]:
    return {each.reference: str(each.reason) for each in queries.lines()}


def test_a_rule_asks_who_had_a_delivery(shop: Workspace, relay: Relay, agree: Agree) -> None:
    actions.add_rule(None, GIVEN)
    agree(*mails(2))
    happened(*mails(2), language="it")
    happened(mails(1)[0], kind="visit")
    assert rounds.ask_due() == 2
    assert rounds.ask_due() == 0
    assert posting.post_due() == 2
    assert {each.to for each in relay.taken} == {"c000@example.org", "c001@example.org"}
    assert (
        Invitation.objects.filter(campaign__startswith="rule:", touchpoint="courier").count() == 2
    )
    assert not Occasion.objects.exists()
    mail = relay.taken[0].mail
    assert mail["Content-Language"] == "it"
    html = relay.taken[0].part("html")
    links = re.findall(r'href="(https://cx\.example\.org/s/i/[^"]+)"', html)
    assert len([each for each in links if "?nps=" in each]) == 11
    assert "<img" not in html
    assert "http" not in re.sub(r"https://cx\.example\.org", "", html)
    text = relay.taken[0].part("plain")
    assert "https://cx.example.org/s/i/" in text
    assert "https://cx.example.org/choices/" in text
    assert mail["List-Unsubscribe"].startswith("<https://cx.example.org/choices/")
    assert mail["List-Unsubscribe"].endswith("/leave>")


def test_who_is_not_asked_is_in_the_record_with_the_reason(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    actions.add_rule(None, GIVEN)
    agree("email:yes@example.org", "email:gone@example.org", "user:7")
    outbox.suppress(None, "gone@example.org")
    happened("email:yes@example.org", "email:no@example.org", "email:gone@example.org", "user:7")
    assert rounds.ask_due() == 1
    assert reasons() == {
        "email:yes@example.org": "may be sent now",
        "email:no@example.org": "did not agree to be asked",
        "email:gone@example.org": "the address was put on the list of those not written to",
        "user:7": "no e-mail address of theirs is known",
    }


def test_the_delay_is_kept_and_the_survey_is_not_asked_twice(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    actions.add_rule(None, {**GIVEN, "delay_hours": 48})
    agree(*mails(1))
    now = datetime.now(UTC)
    happened(*mails(1), at=now)
    assert rounds.ask_due() == 0
    assert rounds.ask_due(now + timedelta(hours=47)) == 0
    assert rounds.ask_due(now + timedelta(hours=48, seconds=1)) == 1
    happened(*mails(1), at=now + timedelta(seconds=1))
    assert rounds.ask_due(now + timedelta(hours=49)) == 0
    assert rounds.ask_due(now + timedelta(days=9)) == 0
    assert Message.objects.count() == 1


def test_only_what_happens_from_now_on_and_at_the_touchpoint(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    first, second, third = mails(3)
    agree(*mails(3))
    happened(first, at=datetime.now(UTC) - timedelta(hours=1))
    actions.add_rule(None, {**GIVEN, "only_at": "courier"})
    happened(second, touchpoint="locker")
    happened(third)
    rounds.ask_due()
    assert set(reasons()) == {third}


def test_the_past_that_is_imported_later_asks_nobody(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    rule = actions.add_rule(None, GIVEN)
    Rule.objects.filter(pk=rule.pk).update(since=datetime.now(UTC) - timedelta(days=400))
    agree(*mails(3))
    happened(*mails(3), at=datetime.now(UTC) - timedelta(days=30))
    assert rounds.ask_due() == 0
    assert not queries.lines()


def test_a_campaign_goes_to_everybody_once_within_the_budget(
    shop: Workspace, relay: Relay, agree: Agree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("percorso.app.surveys.sending.finding.AT_ONCE", 7)
    monkeypatch.setattr("percorso.app.surveys.sending.finding.of_campaign.__defaults__", (7,))
    outbox.save_budget(None, replace(contacts.load(shop), an_hour=12))
    happened(*mails(20), kind="order")
    agree(*mails(18))
    campaign = actions.add_campaign(None, {**GIVEN, "name": "Spring"})
    for _ in range(6):
        rounds.ask_due()
        posting.post_due()
    campaign.refresh_from_db()
    assert campaign.finished_at is not None
    assert len(relay.taken) == 12
    assert len({each.to for each in relay.taken}) == 12
    said = list(reasons().values())
    assert said.count("was sent") == 12
    assert said.count("did not agree to be asked") == 2
    assert said.count("the company’s limit of messages an hour is reached: 12") == 6
    # Ended, those who wait are asked no more.
    assert actions.end(None, campaign) == 6
    assert list(reasons().values()).count("the rule or campaign was stopped") == 6


def test_a_share_at_random_is_of_the_share(shop: Workspace, relay: Relay, agree: Agree) -> None:
    happened(*mails(60), kind="order")
    agree(*mails(60))
    actions.add_campaign(None, {**GIVEN, "share": 0.5})
    rounds.ask_due()
    counts = Ledger(shop).counts("nps")
    assert sum(counts.values()) == 60
    assert 15 <= counts["never"] <= 45


def test_of_what_happens_a_share_is_drawn_anew_each_time(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    rule = actions.add_rule(None, {**GIVEN, "share": 0.5})
    agree(*mails(4))
    for _ in range(20):
        happened(*mails(4))
    drawn: dict[str, list[bool]] = {}
    for each in finding.lately(served.log(), rule, datetime.now(UTC), 1):
        drawn.setdefault(each.person.customer, []).append(each.why_not is None)
    assert len(drawn) == 4
    # Nobody is always asked, or never: a chance of 4 in 2 to the 19th.
    assert all(len(each) == 20 and 0 < sum(each) < 20 for each in drawn.values())


def test_a_customer_is_asked_for_what_happened_to_them_in_a_browser(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    actions.add_rule(None, GIVEN)
    agree(*mails(1))
    served.log().merge("anon:abc", mails(1)[0])
    happened("anon:abc", "anon:nobody")
    assert rounds.ask_due() == 1
    assert set(reasons()) == set(mails(1))


def test_what_other_tools_sent_counts(shop: Workspace, relay: Relay, agree: Agree) -> None:
    budget = contacts.load(shop)
    outbox.save_budget(None, replace(budget, total=Limit(1, 30)))
    agree(*mails(2))
    happened(mails(1)[0], kind="message", direction="out", channel="email")
    happened(*mails(2), kind="order")
    actions.add_campaign(None, GIVEN)
    rounds.ask_due()
    assert (
        reasons()
        == {
            "email:c000@example.org": "had one message in 30 days; at most 1",
            "email:c001@example.org": "may be sent now",
        }
        or "had one message" in reasons()["email:c000@example.org"]
    )


def test_who_is_called_what_and_nothing_of_it_breaks_the_message(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    actions.add_rule(None, GIVEN)
    [ada] = mails(1)
    nasty = "<script>alert(1)</script>\r\nBcc: eve@example.org"
    happened(
        ada,
        kind="profile",
        properties={"first_name": nasty, "email": "c000@example.org"},
    )
    agree(ada)
    happened(ada)
    from percorso import identity

    identity.resolve(served.log())
    assert rounds.ask_due() == 1
    posting.post_due()
    [taken] = relay.taken
    assert "<script" not in taken.part("html")
    assert taken.mail["Bcc"] is None
    assert taken.to == "c000@example.org"


def test_a_paused_rule_rests_and_what_waited_goes_on(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    rule = actions.add_rule(None, GIVEN)
    agree(*mails(1))
    happened(*mails(1))
    assert rounds.ask_due() == 1
    actions.pause(None, rule)
    assert posting.post_due() == 0
    now = datetime.now(UTC)
    for minutes in (1, 2, 70):
        rounds.ask_due(now + timedelta(minutes=minutes))
        assert posting.post_due(now + timedelta(minutes=minutes)) == 0
    assert not relay.taken
    rule.refresh_from_db()
    actions.resume(None, rule)
    later = now + timedelta(hours=3)
    rounds.ask_due(later)
    assert posting.post_due(later) == 1
    assert Message.objects.count() == Invitation.objects.count() == 1


def test_an_invitation_that_never_reached_anybody_goes(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    actions.add_rule(None, GIVEN)
    agree(*mails(2))
    happened(*mails(2))
    relay.rcpt = lambda to: "550 5.1.1 nobody" if to.startswith("c000") else None
    rounds.ask_due()
    posting.post_due()
    assert Invitation.objects.count() == 2
    rounds.tidy()
    assert [each.reference for each in Invitation.objects.all()] == [mails(2)[1]]


def test_what_is_known_of_the_invited_goes_with_their_links(shop: Workspace) -> None:
    now = datetime.now(UTC)
    for days in (1, 100):
        invite(
            "nps",
            f"email:{days}@example.org",
            touchpoint="E-mail",
            expires_at=now + timedelta(days=days),
            facts={"first_name": "Ada"},
        )
    later = now + timedelta(days=50)
    rounds.tidy(later)
    told = dict(Invitation.objects.values_list("reference", "facts"))
    assert told == {"email:1@example.org": {}, "email:100@example.org": {"first_name": "Ada"}}
    retention.write_rules(shop, '[[rule]]\nstore = "contacts"\nmonths = 3\n')
    # Never less than what the contact budget counts back.
    rounds.tidy(later + timedelta(days=max(contacts.load(shop).longest, 92)))
    assert [each.reference for each in Invitation.objects.all()] == ["email:100@example.org"]


def test_nothing_is_planned_while_sending_is_not_set_up(
    shop: Workspace, relay: Relay, agree: Agree, settings: Any
) -> None:
    actions.add_rule(None, GIVEN)
    agree(*mails(1))
    happened(*mails(1))
    settings.EMAIL_CONFIGURED = False
    assert rounds.ask_due() == 0
    assert not Ledger(shop).overview()
    settings.EMAIL_CONFIGURED = True
    assert rounds.ask_due() == 1


def test_a_segment_or_survey_that_is_gone_is_said_and_stops_nothing_else(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    rule = actions.add_rule(None, {**GIVEN, "name": "One"})
    Rule.objects.filter(pk=rule.pk).update(segment="nobody knows")
    actions.add_rule(None, {**GIVEN, "name": "Two"})
    agree(*mails(1))
    happened(*mails(1))
    assert rounds.ask_due() == 1
    rule.refresh_from_db()
    assert "nobody knows" in str(rule.trouble)


def test_one_link_to_the_choices_serves_several_messages(
    shop: Workspace, relay: Relay, agree: Agree
) -> None:
    surveys = Surveys(shop)
    surveys.add(ready("csat", "csat"))
    surveys.publish("csat")
    actions.add_rule(None, GIVEN)
    actions.add_rule(None, {**GIVEN, "name": "Two", "survey": "csat"})
    agree(*mails(1))
    happened(*mails(1))
    assert rounds.ask_due() == 2
    assert PreferenceLink.objects.count() == 1


def test_foreseen_is_what_then_is_done(shop: Workspace, relay: Relay, agree: Agree) -> None:
    from percorso.app.surveys.sending import finding

    happened(*mails(6), kind="order")
    agree(*mails(4))
    campaign = actions.add_campaign(None, GIVEN)
    now = datetime.now(UTC)
    found = finding.of_campaign(served.log(), campaign, now)
    seen = rounds.foresee(served.log(), found.candidates, now)
    assert not Ledger(shop).overview()
    rounds.ask_due(now)
    assert {
        each.person.customer: str(decision.reason if decision else each.why_not)
        for each, decision in seen
    } == reasons()
    assert Campaign.objects.get().finished_at is not None

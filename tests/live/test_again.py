"""Events that came before there was a rule for them are read again, each still once."""

from typing import Any

import pytest
from tests.live.conftest import batch, rows, track

from percorso.live import again
from percorso.live.again import read_again
from percorso.live.draining import Drainer
from percorso.live.inbox import Inbox
from percorso.log import Log

RULE = """
[[rule]]
event = "Scontrino emesso"
kind = "order"
amount = "euro"
currency = "EUR"
"""


def sent(message: str | None = None, **properties: Any) -> dict[str, Any]:
    return track("Scontrino emesso", message, properties=properties)


def know(log: Log, rule: str = RULE) -> None:
    log.workspace.mapping_rules.write_text(rule, encoding="utf-8")


def shown(log: Log) -> list[tuple[str, Any]]:
    return [(each["kind"], each["amount"]) for each in rows(log)]


def test_they_become_what_the_rule_says_and_keep_their_time(
    log: Log, inbox: Inbox, drainer: Drainer
) -> None:
    at = "2026-03-05T10:12:00Z"
    inbox.put([batch({**sent("a", euro=12.5), "timestamp": at}, track("Strano", "b"))])
    inbox.put([batch(sent("a", euro=12.5)), batch({**sent(euro=3), "timestamp": at})])
    drainer.drain()
    before = rows(log)
    assert [each["kind"] for each in before] == ["other"] * 3
    know(log)
    assert read_again(log, inbox) == 2
    drainer.drain()
    after = rows(log)
    assert shown(log) == [("order", 3.0), ("order", 12.5), ("other", None)]
    assert [each["at"] for each in after] == [each["at"] for each in before]
    assert [each["received_at"] for each in after] == [each["received_at"] for each in before]
    assert inbox.seen()["shop"].events == 4
    # Asked once more, nothing changes.
    assert read_again(log, inbox) == 0


def test_what_the_rule_would_reject_stays_and_what_it_drops_goes(
    log: Log, inbox: Inbox, drainer: Drainer
) -> None:
    inbox.put([batch(track("Voto", "a", properties={"v": 99}), track("Battito", "b"))])
    drainer.drain()
    know(
        log,
        '[[rule]]\nevent = "Voto"\nkind = "answer"\nscale = "nps"\nscore = "v"\n'
        '[[rule]]\nevent = "Battito"\ndrop = true\n',
    )
    assert read_again(log, inbox) == 1
    drainer.drain()
    assert [(each["id"], each["kind"]) for each in rows(log)] == [("shop:a", "other")]
    assert inbox.rejected_count() == 0


def test_stopped_half_way_nothing_is_lost_and_it_can_be_asked_again(
    log: Log, inbox: Inbox, drainer: Drainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.put([batch(*(sent(f"m{n}", euro=n) for n in range(20)))])
    drainer.drain()
    know(log)

    def stopped(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(log, "forget", stopped)
        with pytest.raises(KeyboardInterrupt):
            read_again(log, inbox)
    drainer.drain()
    assert {each["kind"] for each in rows(log)} == {"other"}
    assert read_again(log, inbox) == 20
    assert rows(log) == []
    drainer.drain()
    assert sorted(shown(log)) == [("order", float(n)) for n in range(20)]


def test_merges_that_a_person_made_stand(log: Log, inbox: Inbox, drainer: Drainer) -> None:
    inbox.put([batch(sent("a", euro=1))])
    drainer.drain()
    log.merge("ada", "email:ada@example.org")
    know(log)
    assert read_again(log, inbox) == 1
    drainer.drain()
    assert log.identity.customer_of("ada") == log.identity.customer_of("email:ada@example.org")
    assert log.interactions().kind.to_pyarrow().to_pylist() == ["order"]


def test_many_go_a_part_at_a_time(
    log: Log, inbox: Inbox, drainer: Drainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "AT_ONCE", 8)
    inbox.put([batch(*(sent(f"m{n}", euro=n) for n in range(20)))])
    drainer.drain()
    know(log)
    assert again.read_again(log, inbox) == 20
    drainer.drain()
    assert sorted(shown(log)) == [("order", float(n)) for n in range(20)]

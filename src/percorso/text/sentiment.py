"""How texts sound: the shares of positive, neutral and negative ones."""

from percorso.text.figures import Counted, Groups, corrected, every, measure
from percorso.text.frame import Texts
from percorso.text.results import Sentiment


def of(texts: Texts, previous: Texts | None = None, by: str | None = None) -> tuple[Sentiment, ...]:
    """Return how these texts sound, all together or each group's."""
    groups = Groups.of(texts, previous, by)

    def share(sign: int) -> Counted:
        return measure("share", groups, every(texts, 100.0 * (texts.sentiment == sign)), None)

    balance = measure(
        "balance",
        groups,
        every(texts, 100.0 * texts.sentiment),
        None if previous is None else every(previous, 100.0 * previous.sentiment),
    )
    shares = [share(sign).estimates() for sign in (1, 0, -1)]
    columns = zip(
        groups.names,
        balance.sums.n,
        balance.sums.customers,
        *shares,
        balance.estimates(),
        corrected(balance.change),
        corrected(balance.rest),
        strict=True,
    )
    return tuple(
        Sentiment(name, int(n), int(customers), *figures)
        for name, n, customers, *figures in columns
        if n or by is None
    )

"""How strongly what happens to customers shows in what they do and say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effects:
    """What is planted. Scores are in points of their own scale, the rest are shares from 0 to 1.

    ``Effects.none()`` is the same bookshop where none of it is so: what is found there is chance.
    """

    #: Deliveries past the promised day with the new courier (the others: ``usual_late``).
    new_courier_late: float = 0.52
    usual_late: float = 0.03
    december_late: float = 0.025
    #: Points of CSAT and NPS that a delivery past its promise costs; share that buys no more.
    late_csat: float = 1.7
    late_nps: float = 2.6
    late_stars: float = 2.0
    late_leave: float = 0.45
    #: Share of phone carts that empty themselves and have to be filled again; on a computer.
    phone_trouble: float = 0.44
    usual_trouble: float = 0.08
    trouble_ces: float = 2.2
    trouble_nps: float = 0.7
    trouble_stop: float = 0.50
    usual_stop: float = 0.10
    #: Points of CSAT that the people in the shop add; of NPS.
    kind_shop: float = 0.38
    kind_shop_nps: float = 0.4
    #: Points of NPS of who came in through an evening with an author; how much more they buy.
    event_nps: float = 1.4
    event_buys: float = 1.8
    #: Points of CSAT lost by having to explain everything again on the phone after an e-mail.
    again_csat: float = 1.1
    #: Points of CSAT lost where an e-mail is answered after the promised two days.
    slow_answer_csat: float = 1.0
    #: Points (1 to 5) by which ordering is less easy for who had to fill the cart again.
    trouble_ease: float = 2.0
    #: Points (1 to 5) by which a first order is less enjoyable; how many answer about it, how many
    #: about a later one.
    newcomer_enjoyment: float = 1.1
    newcomer_answers: float = 0.18
    usual_answers: float = 0.46
    #: Of those who say nothing on the NPS question, how many were asked who bought lately; who
    #: waited past a promise or last bought long ago was, always. It makes the latter answer less.
    content_asked: float = 0.45

    @classmethod
    def none(cls) -> "Effects":
        return cls(
            new_courier_late=0.05,
            usual_late=0.05,
            december_late=0.0,
            late_csat=0.0,
            late_nps=0.0,
            late_stars=0.0,
            late_leave=0.0,
            phone_trouble=0.15,
            usual_trouble=0.15,
            trouble_ces=0.0,
            trouble_nps=0.0,
            kind_shop=0.0,
            kind_shop_nps=0.0,
            event_nps=0.0,
            event_buys=1.0,
            again_csat=0.0,
            slow_answer_csat=0.0,
            trouble_ease=0.0,
            newcomer_enjoyment=0.0,
            newcomer_answers=0.35,
            usual_answers=0.35,
            content_asked=1.0,
        )

from tests.app.mailing import agree, relay, shop

__all__ = ["agree", "relay", "shop"]

from tests.app.mailing import agree, posted, relay, shop

__all__ = ["agree", "posted", "relay", "shop"]

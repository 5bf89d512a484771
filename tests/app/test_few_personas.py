"""Two personas side by side: who may not see customers is told nothing of fewer than 5."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.metrics.given import Story

from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.segments import Catalogue
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("query", ["segment=&other=shop", "segment=shop&other=web"])
def test_a_persona_of_few_is_not_compared(
    company: Workspace, client_of: Callable[[str], Client], query: str
) -> None:
    """Of 44 customers 4 came to the shop, and all of them ordered."""
    story = Story()
    for number in range(44):
        few = number < 4
        given = {"customer": f"user:{number}", "channel": "store" if few else "website"}
        story.add("view", at=number, touchpoint="till" if few else "site", **given)
        if few or number % 2:
            story.add("order", at=number + 100, touchpoint="till" if few else "site", **given)
    open_log(company).append(as_table(story.interactions))
    catalogue = Catalogue(company)
    catalogue.save("shop", 'channel "store"', who="ada")
    catalogue.save("web", 'channel "website"', who="ada")
    address = reverse("maps:compare") + f"?period=all&{query}"
    words = {
        role: client_of(role)
        .get(address, headers={"accept-language": "en"}, follow=True)
        .content.decode()
        for role in ("viewer", "cx_manager")
    }
    assert "fewer than 5 customers" in words["viewer"]
    assert not re.search(r"\b4 customers", words["viewer"])
    assert "Side by side" not in words["viewer"]
    assert "fewer than 5 customers" not in words["cx_manager"]

"""The script for websites: small, whole, and for everybody."""

import gzip

import pytest
from django.test import Client

from percorso.app.surveys.answering.widget import script
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db


def test_the_script_is_small_and_whole() -> None:
    plain, packed, _tag = script()
    assert len(plain) < 4096
    assert len(packed) < 2048
    assert gzip.decompress(packed) == plain
    text = plain.decode()
    assert text.startswith("(() => {")
    assert text.endswith("})();")
    assert text.count("{") == text.count("}")
    assert "document.cookie" not in text
    assert "eval" not in text


def test_any_website_may_load_it(company: Workspace) -> None:
    client = Client()
    answer = client.get("/percorso-survey.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer
    packed = client.get("/percorso-survey.js", headers={"accept-encoding": "gzip, br"})
    assert gzip.decompress(packed.content) == answer.content
    again = client.get("/percorso-survey.js", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304

"""The API described on a page, from the same description that programs get."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from ninja import NinjaAPI

from percorso.app.ui.access import may_manage_tokens, opens_to


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence; ``code`` is what a program writes."""

    words: str
    code: bool


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter or a field of the body."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a program can ask."""

    method: str
    path: str
    anchor: str
    summary: str
    about: tuple[tuple[Piece, ...], ...]
    inputs: tuple[Input, ...]


def page(api: NinjaAPI) -> Callable[..., HttpResponse]:
    """Return the view of the page."""

    @opens_to(may_manage_tokens)
    @require_GET
    def guide(request: HttpRequest) -> HttpResponse:
        """Show what can be asked, and how."""
        schema = api.get_openapi_schema()
        root = request.build_absolute_uri("/").rstrip("/")
        return render(
            request, "api/guide.html", {"operations": tuple(_operations(schema)), "root": root}
        )

    return guide


def _operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, found in methods.items():
            about = found.get("description", "").split("\n\n")
            yield Operation(
                method.upper(),
                path,
                found["operationId"],
                found.get("summary", ""),
                tuple(_pieces(" ".join(each.split())) for each in about if each.strip()),
                (*_parameters(found), *_body(found, schema)),
            )


def _pieces(words: str) -> tuple[Piece, ...]:
    """Take a sentence apart at its backticks: every second piece is code."""
    return tuple(Piece(each, bool(place % 2)) for place, each in enumerate(words.split("`")))


def _parameters(found: Mapping[str, Any]) -> Iterator[Input]:
    for each in found.get("parameters", ()):
        words = each.get("description") or each["schema"].get("description", "")
        yield Input(each["name"], _kind(each["schema"]), bool(each.get("required")), words)


def _body(found: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Input]:
    content = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    if content:
        yield from _fields(_looked_up(content["schema"], schema), schema, "")


def _fields(
    described: Mapping[str, Any], schema: Mapping[str, Any], prefix: str
) -> Iterator[Input]:
    needed = described.get("required", ())
    for name, each in described.get("properties", {}).items():
        yield Input(prefix + name, _kind(each), name in needed, each.get("description", ""))
        inner = _looked_up(each.get("items", {}), schema)
        if inner.get("properties"):
            yield from _fields(inner, schema, f"{prefix}{name}[].")


def _looked_up(each: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = each.get("$ref", "").rsplit("/", 1)[-1]
    found: Mapping[str, Any] = schema["components"]["schemas"][name] if name else each
    return found


def _kind(described: Mapping[str, Any]) -> str:
    if "enum" in described:
        return " | ".join(str(each) for each in described["enum"])
    if "anyOf" in described:
        kinds = [_kind(each) for each in described["anyOf"] if each.get("type") != "null"]
        return " | ".join(dict.fromkeys(kinds))
    if described.get("type") == "array":
        return f"[{_kind(described.get('items', {}))}]"
    return str(described.get("format") or described.get("type") or "object")

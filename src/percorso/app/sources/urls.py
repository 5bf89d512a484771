"""Addresses of sources, of contacts that staff log, and of the page at a counter."""

from django.urls import include, path

from percorso.app.sources import contact_views, live_views, rule_views, views

_sources = (
    [
        path("", views.listed, name="list"),
        path("add", views.add, name="add"),
        path("live/", live_views.live, name="live"),
        path("live/<str:number>", live_views.event, name="event"),
        path("rejected/", live_views.rejected, name="rejected"),
        path("rejected/settle", live_views.settle, name="settle"),
        path("rules/", rule_views.rules, name="rules"),
        path("unmapped/", live_views.unmapped, name="unmapped"),
        path("unmapped/rule", rule_views.new_rule, name="new_rule"),
        path("source/<slug:name>", views.one, name="one"),
        path("source/<slug:name>/do", views.act, name="act"),
        path("source/<slug:name>/counter", views.counter, name="counter"),
        path("source/<slug:name>/counter.svg", views.counter_code, name="counter_code"),
    ],
    "sources",
)
_contacts = ([path("", contact_views.log, name="log")], "contacts")
_counter = ([path("<str:token>", contact_views.counter, name="page")], "counter")

urlpatterns = [
    path("sources/", include(_sources)),
    path("sources/log/", include(_contacts)),
    path("here/", include(_counter)),
]

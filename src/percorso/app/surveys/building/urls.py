"""Addresses of the pages that make surveys."""

from django.urls import path

from percorso.app.surveys.building import ask_views, definition_views, part_views, views

urlpatterns = [
    path("", views.surveys, name="list"),
    path("new/", views.new, name="new"),
    path("new/file/", definition_views.from_file, name="from_file"),
    path("<slug:survey>/", views.one, name="one"),
    path("<slug:survey>/questions/<slug:name>/", views.question, name="question"),
    path("<slug:survey>/words/", part_views.settings, name="settings"),
    path("<slug:survey>/thanks/", part_views.endings, name="endings"),
    path("<slug:survey>/look/", part_views.look, name="look"),
    path("<slug:survey>/try/", part_views.try_it, name="try"),
    path("<slug:survey>/ask/", ask_views.ask, name="ask"),
    path("<slug:survey>/versions/", views.versions, name="versions"),
    path(
        "<slug:survey>/versions/<int:version>.json", definition_views.definition, name="definition"
    ),
    path("<slug:survey>/act", views.act, name="act"),
]

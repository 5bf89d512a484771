"""Addresses of the pages around answering, for people of the company."""

from django.urls import path

from percorso.app.surveys.answering import door_views, preview_views

urlpatterns = [
    path("<slug:survey>/preview/", preview_views.preview, name="preview"),
    path("<slug:survey>/preview.css", preview_views.preview_look, name="preview_look"),
    path("<slug:survey>/doors/<slug:code>/", door_views.door, name="door"),
    path(
        "<slug:survey>/doors/<slug:code>/code.<slug:kind>",
        door_views.code_picture,
        name="door_code",
    ),
]

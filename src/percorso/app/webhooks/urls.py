"""Addresses of webhooks: the pages, and the way in for other systems."""

from django.urls import include, path

from percorso.app.webhooks import views

_pages = (
    [
        path("settings/webhooks/", views.home, name="home"),
        path("settings/webhooks/in", views.add_hook, name="add_hook"),
        path("settings/webhooks/in/<slug:source>", views.act_on_hook, name="act_on_hook"),
        path("settings/webhooks/<uuid:endpoint_id>", views.one, name="one"),
        path("settings/webhooks/<uuid:endpoint_id>/do", views.act, name="act"),
        path("settings/webhooks/<uuid:endpoint_id>/<int:number>", views.sent, name="sent"),
        path("hooks/in/<slug:source>", views.receive, name="receive"),
    ],
    "webhooks",
)
urlpatterns = [path("", include(_pages))]

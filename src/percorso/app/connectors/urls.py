"""Addresses of connectors."""

from django.urls import path

from percorso.app.connectors import views

app_name = "connectors"
urlpatterns = [
    path("", views.listed, name="list"),
    path("beside", views.beside, name="beside"),
    path("add/<slug:kind>", views.add, name="add"),
    path("<uuid:setup_id>", views.one, name="one"),
    path("<uuid:setup_id>/do", views.act, name="act"),
]

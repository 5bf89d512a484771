"""Addresses that customers open: short, and without a sign-in."""

from django.urls import path

from percorso.app.surveys.answering import views

app_name = "answering"
urlpatterns = [
    path("call-back", views.call_back, name="call_back"),
    path("look/<slug:survey>/<int:version>-<slug:digest>.css", views.look, name="look"),
    path("logo/<str:name>", views.logo, name="logo"),
    path("i/<str:token>", views.invitation, name="invitation"),
    path("<str:code>", views.door, name="door"),
]

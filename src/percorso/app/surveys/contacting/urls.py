"""Addresses of who asked to be contacted."""

from django.urls import path

from percorso.app.surveys.contacting import views

urlpatterns = [
    path("contact/", views.waiting, name="contact"),
]

"""Addresses of the outbox."""

from django.urls import path

from percorso.app.outbox import views

app_name = "outbox"
urlpatterns = [
    path("", views.record, name="record"),
    path("record.csv", views.record_csv, name="csv"),
    path("do", views.act, name="act"),
    path("message/<uuid:number>", views.message, name="message"),
    path("budget/", views.budget, name="budget"),
    path("budget/redate", views.redate, name="redate"),
    path("sender/", views.sender, name="sender"),
    path("silent/", views.silent, name="silent"),
]

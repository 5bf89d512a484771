"""Addresses of sending surveys by e-mail."""

from django.urls import path

from percorso.app.surveys.sending import views

urlpatterns = [
    path("sending/", views.listed, name="all_sending"),
    path("sending/<slug:kind>/<int:number>/", views.one, name="sender"),
    path("sending/<slug:kind>/<int:number>/do", views.act, name="act_on_sender"),
    path("<slug:survey>/sending/", views.listed, name="sending"),
    path("<slug:survey>/sending/mail", views.mail, name="mail"),
    path("<slug:survey>/sending/new/<slug:kind>/", views.new, name="new_sender"),
]

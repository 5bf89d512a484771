from django.urls import path

from percorso.app.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.home, name="home"),
    path("person", views.person, name="person"),
    path("person/consent", views.consent, name="consent"),
    path("person/link", views.link, name="link"),
    path("person/copy", views.copy, name="copy"),
    path("person/erase", views.erase, name="erase"),
    path("requests/<int:number>/close", views.close, name="close"),
    path("certificates/", views.certificates, name="certificates"),
    path("certificates/<slug:number>", views.certificate, name="certificate"),
    path("certificates/<slug:number>.json", views.certificate_file, name="certificate_file"),
    path("record", views.record, name="record"),
    path("record/data-map.csv", views.data_map, name="data_map"),
    path("retention", views.kept, name="retention"),
]

from django.urls import path

from percorso.app.intake import views

app_name = "intake"
urlpatterns = [
    path("", views.home, name="home"),
    path("upload", views.upload, name="upload"),
    path("imports/<uuid:import_id>", views.one, name="import"),
    path("quarantine", views.quarantine, name="quarantine"),
    path("quarantine/export.csv", views.export, name="export"),
    path("quarantine/group/<int:number>", views.group, name="group"),
    path("quarantine/<int:number>", views.row, name="row"),
    path("sources", views.sources, name="sources"),
]

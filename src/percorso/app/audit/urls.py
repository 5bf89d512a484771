from django.urls import path

from percorso.app.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="trail"),
    path("activity.csv", views.export, name="export"),
]

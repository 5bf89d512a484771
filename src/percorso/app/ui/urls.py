from django.urls import path

from percorso.app.ui import views

app_name = "ui"
urlpatterns = [
    path("-/health", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
]

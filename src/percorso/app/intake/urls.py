from django.urls import path

from percorso.app.intake import views

app_name = "intake"
urlpatterns = [path("", views.home, name="home")]

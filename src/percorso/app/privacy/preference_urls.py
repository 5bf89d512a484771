from django.urls import path

from percorso.app.privacy import preferences

app_name = "preferences"
urlpatterns = [
    path("<str:token>", preferences.page, name="page"),
    path("<str:token>/leave", preferences.leave, name="leave"),
    path("<str:token>/ask", preferences.ask, name="ask"),
]

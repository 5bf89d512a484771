"""Every address of the application."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", include("percorso.app.ui.urls")),
    path("", include("percorso.app.accounts.urls")),
    path("data/", include("percorso.app.intake.urls")),
    path("journeys/", include("percorso.app.journeys.urls")),
    path("settings/activity/", include("percorso.app.audit.urls")),
    path("", RedirectView.as_view(pattern_name="intake:home"), name="home"),
]

handler400 = "percorso.app.ui.errors.bad_request"
handler403 = "percorso.app.ui.errors.forbidden"
handler404 = "percorso.app.ui.errors.not_found"
handler500 = "percorso.app.ui.errors.server_error"

"""Every address of the application."""

from django.urls import include, path

from percorso.app.api import guide
from percorso.app.config import api
from percorso.app.control_room.views import control_room, rest
from percorso.app.surveys.answering.widget import widget

urlpatterns = [
    # First, because most requests are for it when a survey is sent out.
    path("s/", include("percorso.app.surveys.answering_urls")),
    path("", control_room, name="home"),
    path("rest/", rest, name="rest"),
    path("", include("percorso.app.ui.urls")),
    path("", include("percorso.app.accounts.urls")),
    path("data/", include("percorso.app.intake.urls")),
    path("sources/connectors/", include("percorso.app.connectors.urls")),
    path("", include("percorso.app.sources.urls")),
    path("journeys/", include("percorso.app.journeys.urls")),
    path("customers/", include("percorso.app.customers.urls")),
    path("segments/", include("percorso.app.customers.segment_urls")),
    path("problems/", include("percorso.app.problems.urls")),
    path("voice/", include("percorso.app.voice.urls")),
    path("touchpoints/", include("percorso.app.touchpoints.urls")),
    path("maps/", include("percorso.app.maps.urls")),
    path("surveys/", include("percorso.app.surveys.urls")),
    path("percorso-survey.js", widget, name="survey_widget"),
    path("outbox/", include("percorso.app.outbox.urls")),
    path("", include("percorso.app.webhooks.urls")),
    path("privacy/", include("percorso.app.privacy.urls")),
    path("choices/", include("percorso.app.privacy.preference_urls")),
    path("settings/activity/", include("percorso.app.audit.urls")),
    path("settings/api/", guide.page(api.api), name="api_guide"),
    path("api/v1/", api.urls),
]

handler400 = "percorso.app.ui.errors.bad_request"
handler403 = "percorso.app.ui.errors.forbidden"
handler404 = "percorso.app.ui.errors.not_found"
handler429 = "percorso.app.ui.errors.too_many_requests"
handler500 = "percorso.app.ui.errors.server_error"

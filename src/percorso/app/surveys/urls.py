"""Addresses of surveys for those who make them and read them."""

from percorso.app.surveys.answering import urls as answering
from percorso.app.surveys.building import urls as building
from percorso.app.surveys.contacting import urls as contacting
from percorso.app.surveys.results import urls as results
from percorso.app.surveys.sending import urls as sending

app_name = "surveys"
urlpatterns = [
    # Their words are no names of surveys.
    *contacting.urlpatterns,
    *sending.urlpatterns,
    *building.urlpatterns,
    *results.urlpatterns,
    *answering.urlpatterns,
]

"""Addresses of surveys for those who make them and read them."""

from percorso.app.surveys.answering import urls as answering
from percorso.app.surveys.building import urls as building
from percorso.app.surveys.results import urls as results

app_name = "surveys"
urlpatterns = [*building.urlpatterns, *results.urlpatterns, *answering.urlpatterns]

"""Addresses of surveys for those who make them and read them."""

from percorso.app.surveys.answering import urls as answering
from percorso.app.surveys.building import urls as building

app_name = "surveys"
urlpatterns = [*building.urlpatterns, *answering.urlpatterns]

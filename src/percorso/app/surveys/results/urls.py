"""Addresses of the results."""

from django.urls import path

from percorso.app.surveys.results import views

urlpatterns = [
    path("<slug:survey>/results/", views.overview, name="results"),
    path("<slug:survey>/results/people/", views.people, name="people"),
    path("<slug:survey>/results/by/", views.split, name="split"),
    path("<slug:survey>/results/pyramid/", views.pyramid, name="pyramid"),
    path("<slug:survey>/results/pmf/", views.pmf, name="pmf"),
    path("<slug:survey>/results.csv", views.results_csv, name="results_csv"),
    path("<slug:survey>/responses.csv", views.responses_csv, name="responses_csv"),
]

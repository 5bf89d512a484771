from django.urls import path

from percorso.app.journeys import views

app_name = "journeys"
urlpatterns = [
    path("", views.graph, name="graph"),
    path("table/", views.table, name="table"),
    path("variants/", views.variants, name="variants"),
    path("funnel/", views.funnel, name="funnel"),
    path("stops/", views.stops, name="stops"),
    path("ideal/", views.ideal, name="ideal"),
    path("table.csv", views.table_csv, name="table_csv"),
    path("variants.csv", views.variants_csv, name="variants_csv"),
    path("ideal.csv", views.ideal_csv, name="ideal_csv"),
]

from django.urls import path

from percorso.app.customers import segment_views

app_name = "segments"
urlpatterns = [
    path("", segment_views.segments, name="list"),
    path("build/", segment_views.build, name="build"),
    path("save/", segment_views.save, name="save"),
    path("delete/", segment_views.delete, name="delete"),
]

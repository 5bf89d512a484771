from django.urls import path

from percorso.app.touchpoints import change_views, views

app_name = "touchpoints"
urlpatterns = [
    path("", views.touchpoints, name="list"),
    path("touchpoints.csv", views.touchpoints_csv, name="csv"),
    path("begin", change_views.begin, name="begin"),
    path("new/", change_views.new, name="new"),
    path("consistency/", views.consistency, name="consistency"),
    path("consistency.csv", views.consistency_csv, name="consistency_csv"),
    path("at/<slug:touchpoint_id>/", views.touchpoint, name="one"),
    path("at/<slug:touchpoint_id>/edit/", change_views.edit, name="edit"),
    path("at/<slug:touchpoint_id>/delete", change_views.delete, name="delete"),
    path("at/<slug:touchpoint_id>/wants", change_views.want, name="want"),
    path(
        "at/<slug:touchpoint_id>/wants/<slug:want_id>", change_views.change_want, name="change_want"
    ),
]

from django.urls import path

from percorso.app.problems import views

app_name = "problems"
urlpatterns = [
    path("", views.problems, name="list"),
    path("problems.csv", views.problems_csv, name="csv"),
    path("met/<str:key>/", views.met, name="met"),
    path("<str:problem_id>/", views.problem, name="problem"),
]

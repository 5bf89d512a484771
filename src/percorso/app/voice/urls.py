from django.urls import path

from percorso.app.voice import edits, exports, views

app_name = "voice"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("texts/", views.texts, name="texts"),
    path("texts/correct", edits.correct, name="correct"),
    path("texts.csv", exports.texts, name="texts_csv"),
    path("read-again", edits.read_again, name="read_again"),
    path("factors/", views.factors, name="factors"),
    path("factors.csv", exports.factors, name="factors_csv"),
    path("topics/", views.topics, name="topics"),
    path("topics.csv", exports.topics, name="topics_csv"),
    path("topics/<str:topic_id>/", views.topic, name="topic"),
    path("topics/<str:topic_id>/change", edits.change_topic, name="change"),
    path("needs/", views.needs, name="needs"),
    path("needs.csv", exports.needs, name="needs_csv"),
]

from django.urls import path

from percorso.app.maps import belief_views, draft_views, files, sharing, views

app_name = "maps"
urlpatterns = [
    path("", views.map, name="map"),
    path("compare/", views.compare, name="compare"),
    path("next-steps/", views.steps, name="steps"),
    path("map.csv", views.csv, name="csv"),
    path("map.pdf", files.pdf, name="pdf"),
    path("map.png", files.png, name="png"),
    path("beliefs/", belief_views.beliefs, name="beliefs"),
    path("beliefs/new/", belief_views.belief, name="new_belief"),
    path("beliefs/<slug:belief_id>/", belief_views.belief, name="belief"),
    path("beliefs/<slug:belief_id>/delete/", belief_views.delete, name="delete_belief"),
    path("to-be/", draft_views.drafts, name="drafts"),
    path("to-be/<slug:draft_id>/", draft_views.draft, name="draft"),
    path("to-be/<slug:draft_id>/entry/", draft_views.entry, name="entry"),
    path("to-be/<slug:draft_id>/change/", draft_views.act, name="act"),
    path("links/", sharing.shares, name="shares"),
    path("links/make/", sharing.share, name="share"),
    path("links/<uuid:number>/withdraw/", sharing.withdraw, name="withdraw"),
    path("shared/<str:token>/", sharing.shared, name="shared"),
]

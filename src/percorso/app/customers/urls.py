from django.urls import path

from percorso.app.customers import pair_views, views

app_name = "customers"
urlpatterns = [
    path("", views.customers, name="list"),
    path("customers.csv", views.customers_csv, name="csv"),
    path("duplicates/", pair_views.pairs, name="pairs"),
    path("duplicates/answer/", pair_views.answer, name="answer"),
    path("<str:key>/", views.customer, name="customer"),
    path("<str:key>/notes/", views.note, name="note"),
    path("<str:key>/notes/<int:number>/remove/", views.remove_note, name="remove_note"),
    path("<str:key>/undo/<int:number>/", views.undo, name="undo"),
]

"""Addresses that customers open: short, and without a sign-in."""

from django.urls import URLPattern

app_name = "answering"
urlpatterns: list[URLPattern] = []

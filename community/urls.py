"""Addresses of people's pages; all below the language prefix."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from community.views import accounts, comments, follows, reader

app_name = "community"
urlpatterns = [
    path("choose/", reader.choose, name="choose"),
    path("follow/", follows.follow, name="follow"),
    path("following/", follows.following, name="following"),
    path("comments/<int:page_id>/", comments.comments, name="comments"),
    path("comments/c/<slug:ref>/", comments.permalink, name="comment"),
    path("comments/c/<slug:ref>/edit/", comments.edit, name="comment_edit"),
    path("comments/c/<slug:ref>/remove/", comments.remove, name="comment_remove"),
    path("account/profile/", accounts.profile, name="profile"),
    path("account/data/", accounts.personal_data, name="personal_data"),
    path("account/data/export/", accounts.export, name="export"),
    path("account/data/erase/", accounts.erase, name="erase"),
    path("welcome/", accounts.first_run, name="first_run"),
    # Wagtail brings a log-in form for private pages; there is one door, with one set of limits.
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
]

"""A page of the admin is closed until it says who may see it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

import pytest

from cms.core.staff_pages import StaffPage
from tests.factories.community import make_member_of


@pytest.mark.django_db
def test_a_page_that_names_nobody_is_refused_to_everybody(rf: RequestFactory) -> None:
    request = rf.get("/cms/reports/new/")
    request.user = make_member_of("Operators")
    with pytest.raises(PermissionDenied):
        StaffPage.as_view(template_name="none.html")(request)

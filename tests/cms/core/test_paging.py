from __future__ import annotations

import base64

from django.test import Client

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("limit", ["0", "501", "0000019999999", "x", "-1", "١"])
def test_a_limit_outside_1_to_500_is_named(client: Client, limit: str) -> None:
    answer = client.get("/api/v1/products", {"limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?limit")


@pytest.mark.parametrize("cursor", ['["x"]', "[[]]", "[{}]", "{}", "[1,2]", "[1e400]", "null", '["9"]'[:3]])
def test_a_cursor_of_somebody_elses_making_is_named(client: Client, cursor: str) -> None:
    made = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")
    answer = client.get("/api/v1/products", {"cursor": made})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?cursor")


def test_a_flood_of_parameters_is_answered_as_any_page(client: Client) -> None:
    assert client.get("/guides/?" + "&" * 40, follow=True).status_code == 200

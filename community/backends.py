"""Who may log in. The demo's people may not where the site can be reached from elsewhere: their password is public."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from allauth.account.auth_backends import AuthenticationBackend


class _WithoutDemoPeople:
    """Asked at every log-in, by whatever means, and at every request of a session."""

    def user_can_authenticate(self, user: Any) -> bool:
        is_demo = user.email.endswith(f"@{settings.DEMO_LOGIN_DOMAIN}")
        if is_demo and not (settings.BASE_IS_LOOPBACK or settings.DEMO_FORCED):
            return False
        allowed: bool = super().user_can_authenticate(user)  # type: ignore[misc]
        return allowed


class PasswordBackend(_WithoutDemoPeople, ModelBackend):
    """Django's own."""


class AccountBackend(_WithoutDemoPeople, AuthenticationBackend):
    """allauth's: by e-mail, code or passkey."""

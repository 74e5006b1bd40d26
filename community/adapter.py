"""What allauth asks the site: where people go, what its mails link to, what a new account holds."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from wagtail.models import Site

from allauth.account.adapter import DefaultAccountAdapter

from community.landing import landing_for
from community.models import User


class AccountAdapter(DefaultAccountAdapter):
    """The site's ways with accounts."""

    def is_safe_url(self, url: str) -> bool:
        """An address on this site that the person may enter.

        Wagtail sends those it refuses back to the log-in page with `next`; following that would go round for
        ever.
        """
        if not super().is_safe_url(url):
            return False
        user = self.request.user if self.request else None
        refused = (
            user is not None
            and user.is_authenticated
            and urlsplit(url).path.startswith(reverse("wagtailadmin_home"))
            and not user.has_perm("wagtailadmin.access_admin")
        )
        return not refused

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Each to their own place."""
        return landing_for(cast(User, request.user)) or reverse("community:following")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("community:following")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("community:profile")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """A new account starts with the country, language and currency the reader had."""
        reader = getattr(request, "reader", None)
        if reader is not None:
            user.country, user.language = reader.country or "", reader.language
            user.currency = reader.currency or ""
        user.display_name = form.cleaned_data.get("display_name", "")
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved

    # Mails link to BASE_URL and never to the Host header, which a stranger can write.

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _on_this_site(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return _on_this_site(super().get_email_confirmation_url(request, emailconfirmation))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        for name in ("signup_url", "password_reset_url", "activate_url"):
            if name in context:
                context[name] = _on_this_site(context[name])
        context["current_site"] = {"name": site_name(), "domain": urlsplit(settings.BASE_URL).netloc}
        super().send_mail(template_prefix, email, context)

    def format_email_subject(self, subject: str) -> str:
        return f"{site_name()}: {subject}"


def _on_this_site(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{settings.BASE_URL}{parts.path}{query}"


def site_name() -> str:
    """The name the operator gave the site."""
    site = Site.objects.filter(is_default_site=True).first()
    return (site.site_name if site else "") or settings.WAGTAIL_SITE_NAME

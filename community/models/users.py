"""People who can log in. E-mail is the name; a handle is what others see."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from community.domain.handles import skeleton


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail."""

    use_in_migrations = True

    def _create(self, email: str, password: str | None, **fields: Any) -> User:
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person without any rights."""
        return self._create(email, password, **{"is_staff": False, "is_superuser": False, **fields})

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person with every right."""
        return self._create(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A reader, creator, editor, finance person, brand user or operator."""

    email = models.EmailField(_("e-mail address"), unique=True)
    handle = models.SlugField(_("handle"), max_length=40, unique=True, null=True, blank=True)
    handle_skeleton = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
    display_name = models.CharField(_("name"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    timezone = models.CharField(_("time zone"), max_length=50, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=now)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.get_full_name()

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Addresses are compared in small letters, however they were typed.
        self.email = self.email.lower()
        # Two handles that look alike are one handle: the database refuses the second.
        self.handle = self.handle or None
        self.handle_skeleton = skeleton(self.handle) if self.handle else None
        if (names := kwargs.get("update_fields")) is not None and "handle" in names:
            kwargs["update_fields"] = {*names, "handle_skeleton"}
        super().save(*args, **kwargs)

    @property
    def first_name(self) -> str:
        """Wagtail's admin greets by this."""
        return self.display_name

    @property
    def last_name(self) -> str:
        return ""

    def get_full_name(self) -> str:
        return self.display_name or self.handle or self.email.split("@")[0]

    def get_short_name(self) -> str:
        return self.get_full_name()

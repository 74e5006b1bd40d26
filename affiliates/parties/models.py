"""Who takes part: merchants, their programmes, who works for them, who joined, and the keys they call us with."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

country_code = RegexValidator(r"^[A-Z]{2}\Z", _("Two capital letters, such as DE."))
currency_code = RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, such as EUR."))

host_name = RegexValidator(
    r"^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+\Z",
    _("A host in lower case, such as www.shop.example, without scheme and path."),
)


def new_secret() -> str:
    """A secret for signed postbacks, 256 random bits."""
    return secrets.token_hex(32)


class MerchantQuerySet(models.QuerySet["Merchant"]):
    """What one asks of merchants."""

    def active(self) -> MerchantQuerySet:
        """Merchants whose offers are shown."""
        return self.filter(is_active=True)


class Merchant(models.Model):
    """Sells the goods. Never deleted: money refers to it."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    home_country = models.CharField(_("home country"), max_length=2, validators=[country_code])
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    is_active = models.BooleanField(_("active"), default=True)
    postback_secret = models.CharField(_("postback secret"), max_length=64, default=new_secret, editable=False)

    objects = MerchantQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")

    def __str__(self) -> str:
        return self.name


class MerchantHost(models.Model):
    """A host that links of this merchant may lead to. Nothing else is redirected to."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="hosts")
    host = models.CharField(
        _("host"),
        max_length=253,
        unique=True,
        validators=[host_name],
    )

    class Meta:
        ordering = ("host",)
        verbose_name = _("host")
        verbose_name_plural = _("hosts")

    def __str__(self) -> str:
        return self.host


class MerchantMember(models.Model):
    """A person who acts for a merchant."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("Viewer")
        MANAGER = "manager", _("Manager")

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="members", verbose_name=_("merchant"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="merchant_memberships",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="a_person_is_a_member_of_a_merchant_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.merchant}"


class ProgramQuerySet(models.QuerySet["Program"]):
    """What one asks of programmes."""

    def active(self) -> ProgramQuerySet:
        """Programmes in force, of merchants that take part."""
        return self.filter(is_active=True, merchant__is_active=True)

    def open(self) -> ProgramQuerySet:
        """Those any creator may join."""
        return self.active().filter(is_open=True)


class Program(models.Model):
    """A merchant's terms for creators."""

    class Kind(models.TextChoices):
        DIRECT = "direct", _("Direct")
        NETWORK = "network", _("Through a network")

    class Model(models.TextChoices):
        LAST_CLICK = "last_click", _("Last click")
        FIRST_CLICK = "first_click", _("First click")

    class CouponPolicy(models.TextChoices):
        CODE = "code", _("The code beats the click")
        CLICK = "click", _("The click beats the code")
        EXCLUSIVE = "exclusive", _("Only an exclusive code beats the click")

    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="programs", verbose_name=_("merchant")
    )
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.DIRECT)
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    attribution_model = models.CharField(
        _("attribution"),
        max_length=16,
        choices=Model.choices,
        default=Model.LAST_CLICK,
        error_messages={"invalid_choice": _("An order is paid to one creator: choose last click or first click.")},
    )
    coupon_policy = models.CharField(
        _("codes against clicks"),
        max_length=9,
        choices=CouponPolicy.choices,
        default=CouponPolicy.CODE,
        help_text=_("Who is credited with an order that has one creator's click and another's code."),
    )
    window_days = models.PositiveSmallIntegerField(_("window in days"), default=30, validators=[MinValueValidator(1)])
    hold_days = models.PositiveSmallIntegerField(_("days held after approval"), default=14)
    auto_approve_days = models.PositiveSmallIntegerField(_("approved by itself after days"), null=True, blank=True)
    lock_days = models.PositiveSmallIntegerField(
        _("locked after days"),
        null=True,
        blank=True,
        help_text=_("From then on an order can no longer change. Counted from the order; empty for never."),
    )
    brand_pays_first = models.BooleanField(
        _("creators wait for the brand's payment"),
        default=False,
        help_text=_("Approved money becomes available only when the brand has paid for it."),
    )
    payout_lag_days = models.PositiveSmallIntegerField(_("days from available to paid"), default=7)
    creator_share_percent = models.DecimalField(
        _("creator's share in percent"),
        max_digits=7,
        decimal_places=4,
        default=80,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    click_param = models.SlugField(_("parameter that carries our click id"), max_length=40)
    is_open = models.BooleanField(_("open to every creator"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(is_active=True), name="a_merchant_has_one_active_programme"
            ),
            models.CheckConstraint(
                condition=Q(creator_share_percent__gte=0, creator_share_percent__lte=100),
                name="a_creators_share_is_a_part_of_the_whole",
            ),
            models.CheckConstraint(
                condition=Q(attribution_model__in=["last_click", "first_click"]),
                name="an_order_is_paid_to_one_creator",
                violation_error_message=_("An order is paid to one creator: choose last click or first click."),
            ),
            models.CheckConstraint(condition=Q(window_days__gte=1), name="a_window_is_at_least_a_day"),
            models.CheckConstraint(
                condition=Q(lock_days__isnull=True)
                | Q(auto_approve_days__isnull=True)
                | Q(lock_days__gte=models.F("auto_approve_days")),
                name="an_order_approves_itself_before_it_is_locked",
                violation_error_message=_("Orders must approve themselves before they are locked."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """What one asks of enrolments."""

    def waiting(self) -> EnrolmentQuerySet:
        """Applications that nobody has answered, in programmes in force."""
        return self.filter(status=Enrolment.Status.APPLIED, program__is_active=True)

    def of_present(self) -> EnrolmentQuerySet:
        """Those of creators who have not been erased."""
        return self.filter(creator__erased_at__isnull=True)


class Enrolment(models.Model):
    """A creator in a programme: asked to join, invited, in it, declined, or gone again.

    When its links earn is said by its stays; the state says what can be done next.
    """

    class Status(models.TextChoices):
        APPLIED = "applied", _("Applied")
        JOINED = "joined", _("Joined")
        DECLINED = "declined", _("Declined")
        LEFT = "left", _("Left")
        INVITED = "invited", _("Invited")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("programme")
    )
    creator = models.ForeignKey(
        "community.Creator", on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("creator")
    )
    status = models.CharField(_("state"), max_length=8, choices=Status.choices, default=Status.JOINED)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    message = models.TextField(_("what the creator wrote"), max_length=1000, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(_("why it was declined"), max_length=300, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    #: When the brand was told of the application, and the creator of the latest decision, by mail.
    brand_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    creator_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["program", "creator"], name="a_creator_joins_a_programme_once"),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(reason=""), name="whoever_is_declined_is_told_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator} · {self.program}"


class Stay(models.Model):
    """A time in which a creator was in a programme. Clicks of that time can earn, whatever came after.

    Who leaves and comes back has two. A click at the very start belongs to it, one at the very end does not.
    """

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="stays", verbose_name=_("enrolment")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ("enrolment", "starts_at", "pk")
        verbose_name = _("time in a programme")
        verbose_name_plural = _("times in programmes")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(ends_at__isnull=True), name="a_creator_is_in_a_programme_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="a_stay_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.starts_at:%Y-%m-%d}"


class CreatorGroup(models.Model):
    """Creators of a programme who are paid alike."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="groups", verbose_name=_("programme"))
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("group of creators")
        verbose_name_plural = _("groups of creators")
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="a_programme_names_a_group_once"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembershipQuerySet(models.QuerySet["GroupMembership"]):
    """What one asks of memberships."""

    def at(self, moment: dt.datetime) -> GroupMembershipQuerySet:
        """Those that hold at a moment."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=moment), starts_at__lte=moment)


class GroupMembership(models.Model):
    """A creator in a group for a time. A move to another group leaves earlier orders at the old rate."""

    group = models.ForeignKey(
        CreatorGroup, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("group")
    )
    creator = models.ForeignKey(
        "community.Creator", on_delete=models.PROTECT, related_name="group_memberships", verbose_name=_("creator")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        ordering = ("group", "starts_at", "pk")
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        constraints = [
            models.UniqueConstraint(
                fields=["group", "creator"], condition=Q(ends_at__isnull=True), name="a_creator_is_in_a_group_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="a_membership_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator} · {self.group}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """What one asks of keys."""

    def live(self) -> ApiKeyQuerySet:
        """Keys that open something: not revoked, and their creator has neither left nor been locked.

        The demo's keys open nothing where the site can be reached from elsewhere, as its log-ins do not.
        """
        nobody_left = Q(creator__isnull=True) | Q(creator__erased_at__isnull=True, creator__user__is_active=True)
        keys = self.filter(nobody_left, revoked_at__isnull=True)
        return keys if settings.BASE_IS_LOOPBACK or settings.DEMO_FORCED else keys.filter(is_demo=False)


class ApiKey(models.Model):
    """A key of a merchant, a creator or the operator. Only its hash is kept."""

    prefix = models.CharField(max_length=16, unique=True)
    key_hash = models.CharField(max_length=64)
    merchant = models.ForeignKey(Merchant, null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys")
    creator = models.ForeignKey(
        "community.Creator", null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys"
    )
    is_operator = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False, editable=False)
    #: Orders reported with it are reckoned, answered and not stored.
    is_sandbox = models.BooleanField(_("for trying out"), default=False)
    scopes = models.JSONField(default=list)
    label = models.CharField(_("label"), max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.CheckConstraint(
                name="a_key_has_one_owner",
                condition=(
                    Q(merchant__isnull=False, creator__isnull=True, is_operator=False)
                    | Q(merchant__isnull=True, creator__isnull=False, is_operator=False)
                    | Q(merchant__isnull=True, creator__isnull=True, is_operator=True)
                ),
            ),
            models.CheckConstraint(
                name="only_a_merchants_key_is_for_trying_out",
                condition=Q(is_sandbox=False) | Q(merchant__isnull=False),
                violation_error_message=_("Only a merchant's key can be for trying out."),
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.prefix

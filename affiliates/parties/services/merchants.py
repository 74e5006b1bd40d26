"""Programmes are opened and closed, merchants get their hosts."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliates.parties.models import Merchant, MerchantHost, Program, host_name


def set_programs_open(*, programs: Iterable[Program], is_open: bool) -> int:
    """Afterwards any creator may join these programmes, or nobody new may; returns how many changed. Repeatable."""
    keys = [program.pk for program in programs]
    return Program.objects.filter(pk__in=keys, is_open=not is_open).update(is_open=is_open)


def refuse_wrong_hosts(*, merchant: Merchant, hosts: Iterable[str]) -> None:
    """ValidationError that names the first of these that is no host, or belongs to another merchant."""
    wanted = sorted(set(hosts))
    for host in wanted:
        try:
            host_name(host)
        except ValidationError:
            raise ValidationError(_("%(host)s is not a host name."), params={"host": host}) from None
    foreign = MerchantHost.objects.filter(host__in=wanted).exclude(merchant_id=merchant.pk).order_by("host").first()
    if foreign is not None:
        params = {"host": foreign.host, "merchant": foreign.merchant.name}
        raise ValidationError(_("%(host)s belongs to %(merchant)s."), params=params)


@transaction.atomic
def set_hosts(*, merchant: Merchant, hosts: Iterable[str]) -> None:
    """Afterwards the merchant's hosts are exactly these. May be repeated. ValidationError as `refuse_wrong_hosts`."""
    wanted = {host.strip().lower() for host in hosts if host.strip()}
    refuse_wrong_hosts(merchant=merchant, hosts=wanted)
    merchant.hosts.exclude(host__in=wanted).delete()
    known = set(merchant.hosts.values_list("host", flat=True))
    MerchantHost.objects.bulk_create(MerchantHost(merchant=merchant, host=host) for host in sorted(wanted - known))

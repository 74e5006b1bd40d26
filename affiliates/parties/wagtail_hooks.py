"""What the parties add to the admin."""

from __future__ import annotations

from wagtail import hooks
from wagtail.permissions import register_permission_policy

from affiliates.parties.models import Merchant, MerchantMember, Program
from affiliates.parties.views import ClosePrograms, OpenPrograms
from affiliates.parties.viewsets import OPERATOR, RolePolicy, ShopsGroup

# Money refers to merchants and programmes, so nobody deletes one; a member can be let go.
register_permission_policy(Merchant, RolePolicy(Merchant, roles=OPERATOR))
register_permission_policy(Program, RolePolicy(Program, roles=OPERATOR))
register_permission_policy(
    MerchantMember, RolePolicy(MerchantMember, roles=OPERATOR, actions=("view", "add", "change", "delete"))
)


@hooks.register("register_admin_viewset")
def shops() -> ShopsGroup:
    return ShopsGroup()


hooks.register("register_bulk_action", OpenPrograms)
hooks.register("register_bulk_action", ClosePrograms)

"""What is done to the merchants and programmes that were ticked in a list."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wagtail.admin.views.bulk_action import BulkAction

from affiliates.parties.models import Program
from affiliates.parties.services import set_programs_open
from community.selectors.roles import is_operator


class OperatorBulkAction(BulkAction):
    """Asks once more, names what was ticked, and does it. For operators only.

    Nothing is done to "all in the listing": that would be everything there is, whatever the list was filtered by.
    """

    template_name = "parties/admin/bulk_confirm.html"
    title: Any = ""
    question: Any = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_operator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_all_objects_in_listing_query(self, parent_id: Any) -> list[int]:
        return []

    @classmethod
    def get_queryset(cls, model: type[Model], object_ids: Any) -> list[Any]:
        keys = {int(key) for key in object_ids if str(key).isascii() and str(key).isdigit() and len(str(key)) < 19}
        return list(model._default_manager.filter(pk__in=keys))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"title": self.title, "question": self.question, "yes": self.display_name}

    def form_valid(self, form: Any) -> HttpResponse:
        found, _none = self.get_actionable_objects()
        answer: HttpResponse = super().form_valid(form) if found else self.form_invalid(form)
        return answer


class OpenPrograms(OperatorBulkAction):
    """Any creator may join them."""

    display_name = _("Open to all")
    action_type = "open"
    aria_label = _("Open the selected programmes to every creator")
    action_priority = 10
    models = [Program]
    title = _("Open programmes")
    question = _("Every creator may join these programmes:")

    @classmethod
    def execute_action(cls, objects: list[Program], **kwargs: Any) -> tuple[int, int]:
        return set_programs_open(programs=objects, is_open=True), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        words = ngettext("%(count)s programme was opened.", "%(count)s programmes were opened.", num_parent_objects)
        return words % {"count": num_parent_objects}


class ClosePrograms(OperatorBulkAction):
    """Nobody else may join them; who is in stays in."""

    display_name = _("Close to newcomers")
    action_type = "close"
    aria_label = _("Close the selected programmes to new creators")
    action_priority = 20
    models = [Program]
    title = _("Close programmes")
    question = _("Nobody new may join these programmes; creators who are in stay in:")

    @classmethod
    def execute_action(cls, objects: list[Program], **kwargs: Any) -> tuple[int, int]:
        return set_programs_open(programs=objects, is_open=False), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        words = ngettext("%(count)s programme was closed.", "%(count)s programmes were closed.", num_parent_objects)
        return words % {"count": num_parent_objects}

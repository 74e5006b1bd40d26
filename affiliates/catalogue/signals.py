"""What happens here that upper apps may want to hear of."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent after offers were created, changed or went away. Argument: offer_ids, a list of keys.
offers_changed = Signal()

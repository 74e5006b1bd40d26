"""What happens to people, for the apps above to hear."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent inside the transaction that erases a person, before anything is blanked. Arguments: user.
person_erased = Signal()

#: A receiver returns a dict that is merged into the person's export. Arguments: user.
person_exported = Signal()

#: A person became a creator, inside the transaction. Arguments: creator.
creator_created = Signal()

#: An operator changed a creator, such as whether they are trusted. Arguments: creator.
creator_changed = Signal()

#: A comment has become visible to all. Arguments: comment.
comment_published = Signal()

"""What the parties do: keys, merchants' hosts, and who joins which programme."""

from __future__ import annotations

from affiliates.parties.services.joining import join_program
from affiliates.parties.services.keys import PREFIX_LENGTH, create_api_key, key_digest, note_use, revoke_key
from affiliates.parties.services.merchants import refuse_wrong_hosts, set_hosts, set_programs_open

__all__ = [
    "PREFIX_LENGTH",
    "create_api_key",
    "join_program",
    "key_digest",
    "note_use",
    "refuse_wrong_hosts",
    "revoke_key",
    "set_hosts",
    "set_programs_open",
]

"""People and what they say: users, creators, follows, activity, comments."""

from __future__ import annotations

from community.models.comments import Comment, CommentVersion
from community.models.creators import Creator
from community.models.follows import Activity, Follow
from community.models.users import User, UserManager

__all__ = ["Activity", "Comment", "CommentVersion", "Creator", "Follow", "User", "UserManager"]

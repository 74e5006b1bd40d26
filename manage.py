#!/usr/bin/env python
"""Django's door. Without DJANGO_SETTINGS_MODULE it uses the settings of the running site."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

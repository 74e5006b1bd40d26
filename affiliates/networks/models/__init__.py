"""What networks reported, and what it changed."""

from affiliates.networks.models.files import ReportFile, ReportMapping
from affiliates.networks.models.statements import Change, Observation, ReportRow

__all__ = ["Change", "Observation", "ReportFile", "ReportMapping", "ReportRow"]

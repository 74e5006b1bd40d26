"""`make bench`: speed as ratios to baselines of the same run."""

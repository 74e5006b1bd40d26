"""The rules of money, without Django. `docs/money/` says the same in prose; its tables are the
tests' data.
"""

"""Supply and money: six apps, each importing only from those before it.

parties, catalogue, tracking, earnings, networks, brands.
"""

"""What a bot costs: prices, allowances and plans as dated data, and the sums made with them.

Law of this package: a developer's tool; no function on Lambda imports it.
"""

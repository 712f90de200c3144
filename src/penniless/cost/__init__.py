"""What a bot costs: prices, templates, traffic and the bill."""

"""The month so far of a deployed bot, beside what is free, and where it will end."""

"""The simulator of money: random commands through the real services, held against a small model after each step."""

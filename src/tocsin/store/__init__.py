"""PostgreSQL, the one place where state lives: embedded or named by an address."""

"""What moves: the loops over due work and deliveries, calls out, and the counter where faces ask and command."""

"""Speed as ratios: the engine against its peers, side by side on one core."""

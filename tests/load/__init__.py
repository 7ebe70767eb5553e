"""How fast it is: figures as ratios, measured in one run, interleaved."""

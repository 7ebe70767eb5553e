"""How well a partner and a call fit, and why: facts, the score, its words, and an index that finds who can fit."""

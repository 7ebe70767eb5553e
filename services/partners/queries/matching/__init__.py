"""Who could take what: the market in memory, partners for a need, the board of a partner."""

"""The demonstration: its people, places and data, the two golden cases, and a checker that all four lists agree."""

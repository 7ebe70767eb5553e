"""The territory of the demonstration: data, and the program that drew it."""

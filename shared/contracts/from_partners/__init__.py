"""What partners says: who took on what, and how the work goes."""

"""The image of all Python processes, and what compose's containers are given at their first start."""

"""Evaluation's rules, without any server."""

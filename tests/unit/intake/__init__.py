"""Intake's rules, without any server."""

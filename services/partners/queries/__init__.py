"""The read side: what each caller is shown."""

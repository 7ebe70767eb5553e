"""The read side: what each caller may see (`reading`), and its form (`views`)."""

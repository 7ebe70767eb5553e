"""The read side: what each caller may see (`reading`), its form (`views`); and rooms named as the rules are."""

"""How good a partner is, as it is shown: live to itself and the staff, and to everybody month by month."""

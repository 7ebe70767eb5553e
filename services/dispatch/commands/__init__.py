"""What people ask that takes more than one rule on one dispatch: the books, and decisions about several dispatches."""

"""Stories that once went wrong for somebody, by the number of their line: `make prove WHAT=truth` plays them."""

"""What a call allows, told in sentences."""

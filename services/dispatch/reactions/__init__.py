"""What dispatch does when it hears something: one file, one message. Pure."""

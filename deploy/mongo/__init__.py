"""The database server: its replica set, its users, who may touch which database."""

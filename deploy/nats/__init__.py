"""The bus: its server's configuration, who may say and hear what, its streams and consumers."""

"""`python -I -S healthy.py [PATH [PORT]]` ends well when this container answers 200: the image has no curl.

Uses the socket alone, since it runs every few seconds: with an HTTP library it would take ten times as long.
"""

import socket
import sys

PATH = sys.argv[1] if len(sys.argv) > 1 else "/readyz"
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 8000

with socket.create_connection(("127.0.0.1", PORT), timeout=2) as connection:
    connection.sendall(f"GET {PATH} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    status = connection.recv(64).split(b" ")[1]
sys.exit(status != b"200")

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A small HTTP server for tests, on a free port of 127.0.0.1, until it is killed.

    http_server.py FOLDER PORT-FILE LOG [CERTIFICATE KEY]

FILE is served whole or by its Range. Before it in the path:
    cut/      half of what was asked for arrives, and the connection closes, unless by Range
    whole/    Range is ignored
    moved/    a redirection to FILE
    plain/    a redirection to FILE at the http server whose port is in FOLDER/port
    local/    a redirection to a file of the host
    stall/    the first bytes, and nothing more
Every request is a line of LOG: path, and range.
"""
import http.server
import os
import ssl
import sys
import time

folder, port_file, log = sys.argv[1:4]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        wanted = self.headers.get("Range", "")
        with open(log, "a") as file:
            file.write(f"{self.path} {wanted}\n")
        parts = self.path.lstrip("/").split("/")
        how, name = parts if len(parts) == 2 else ("", parts[0])
        if how == "moved":
            return self.redirect("/" + name)
        if how == "local":
            return self.redirect(f"file://{folder}/{name}")
        if how == "plain":
            with open(os.path.join(folder, "port")) as file:
                return self.redirect(f"http://127.0.0.1:{file.read().strip()}/{name}")
        try:
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
        except OSError:
            return self.send_error(404)
        self.send(how, content, wanted)

    def send(self, how, content, wanted):
        start = 0
        if wanted and how != "whole":
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                return self.send_error(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        body = content[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if how == "cut" and not wanted:
            body = body[: len(body) // 2]
            self.close_connection = True
        if how == "stall":
            self.wfile.write(body[:1000])
            self.wfile.flush()
            time.sleep(1000)
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[4:6])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()

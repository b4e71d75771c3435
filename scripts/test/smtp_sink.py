# SPDX-License-Identifier: GPL-2.0
"""A mail server on this machine that keeps what it gets.  Just enough of SMTP for git send-email."""

import socketserver
import threading
from collections import namedtuple

Mail = namedtuple("Mail", "sender recipients data")


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 sink")
        sender, recipients = None, []
        for line in self.rfile:
            verb = line[:4].upper()
            address = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"MAIL":
                sender, recipients = address, []
            elif verb == b"RCPT":
                if len(self.server.mails) == self.server.refuse_after:
                    self.say("550 no such person here")
                    continue
                recipients.append(address)
            elif verb == b"DATA":
                self.say("354 go on")
                data = b"".join(iter(self.rfile.readline, b".\r\n"))
                # A line that begins with a dot comes with two (RFC 5321, 4.5.2).
                data = (b"\r\n" + data).replace(b"\r\n..", b"\r\n.")[2:].replace(b"\r\n", b"\n")
                self.server.mails.append(Mail(sender, recipients, data))
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            self.say("250 ok")


class Sink(socketserver.ThreadingTCPServer):
    """with Sink() as sink: takes mails at port sink.port, and keeps them in sink.mails.

    From the mail with the number refuse_after on (the first is 0) it takes none.
    """

    daemon_threads = True

    def __init__(self, refuse_after=None):
        super().__init__(("127.0.0.1", 0), Session)
        self.mails = []
        self.refuse_after = refuse_after
        self.port = self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

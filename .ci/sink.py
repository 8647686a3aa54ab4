"""A next hop and a client for .ci/packages.

  sink.py serve PORT FILE       takes mail and appends each body to FILE
  sink.py send HOST PORT TEXT   sends one mail; fails unless it is taken
  sink.py up                    starts the loopback interface of a new namespace
"""
import fcntl
import smtplib
import socket
import socketserver
import struct
import sys


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 sink.example.net ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.say("250-sink.example.net")
                self.say("250-8BITMIME")
                self.say("250 SIZE 100000000")
            elif verb == b"DATA":
                self.say("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    octets = self.rfile.readline()
                    if not octets:
                        return
                    body += octets
                with open(sys.argv[3], "ab") as f:
                    f.write(body)
                self.say("250 2.0.0 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 2.0.0 fine")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if sys.argv[1] == "serve":
    Server(("127.0.0.1", int(sys.argv[2])), Session).serve_forever()
elif sys.argv[1] == "up":
    siocsifflags, iff_up = 0x8914, 1  # netdevice(7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sh22x", b"lo", iff_up))
else:
    with smtplib.SMTP(sys.argv[2], int(sys.argv[3]), timeout=30) as client:
        client.sendmail("anna@example.com", ["bob@partner.example"],
                        "From: anna@example.com\r\nTo: bob@partner.example\r\nSubject: test\r\n\r\n%s\r\n" % sys.argv[4])

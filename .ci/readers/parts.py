"""The calendars of mails, as a mail program decodes them: the name of a mail a
line on standard input, and as many lines on standard output with the names of
the files that it wrote into the folder of the first argument, tabs between."""
import email
import os
import sys


def decoded(part):
    text = part.get_payload(decode=True) or b""
    charset = part.get_content_charset() or "utf-8"
    try:
        return text.decode(charset).encode()
    except (LookupError, UnicodeDecodeError):
        return text


def calendars(mail):
    for part in mail.walk():
        name = str(part.get_filename() or "").lower()
        if not part.is_multipart() and (part.get_content_type() in ("text/calendar", "application/ics") or name.endswith(".ics")):
            text = decoded(part)
            if text.strip():
                yield text


for line in sys.stdin:
    source = line.rstrip("\n")
    with open(source, "rb") as f:
        mail = email.message_from_bytes(f.read())
    names = []
    for n, text in enumerate(dict.fromkeys(calendars(mail))):
        names.append(os.path.join(sys.argv[1], f"{os.path.basename(source)}.{n}.ics"))
        with open(names[-1], "wb") as f:
            f.write(text)
    print("\t".join(names), flush=True)

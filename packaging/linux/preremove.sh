#!/bin/sh
# Runs before a removal ("remove" for the deb, 0 for the rpm) and, for the old
# version, before an upgrade: then the service goes on.
set -e
case "$1" in
  remove | deconfigure | 0)
    if [ -d /run/systemd/system ]; then
      systemctl disable --now reconvene.service reconvene.socket || true
    fi
    ;;
esac

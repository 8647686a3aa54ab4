#!/bin/sh
# Runs after a removal. "purge" of the deb takes the configuration, the state and
# the user with it; an rpm keeps what was changed, as rpm does.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
case "$1" in
  purge)
    rm -rf /etc/reconvene /var/lib/reconvene /var/log/reconvene
    if getent passwd reconvene >/dev/null; then userdel reconvene || true; fi
    if getent group reconvene >/dev/null; then groupdel reconvene || true; fi
    ;;
esac

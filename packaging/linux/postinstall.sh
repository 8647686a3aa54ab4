#!/bin/sh
# Runs after an installation and after an upgrade, of the deb ("configure") and of
# the rpm (1 installation, 2 upgrade). The service is not started before somebody
# has edited the configuration; a running one gets the new program.
set -e

if ! getent group reconvene >/dev/null; then
  groupadd --system reconvene
fi
if ! getent passwd reconvene >/dev/null; then
  useradd --system --gid reconvene --home-dir /var/lib/reconvene --no-create-home \
    --shell /usr/sbin/nologin --comment "Reconvene SMTP smarthost" reconvene
fi
chgrp reconvene /etc/reconvene /etc/reconvene/reconvene.toml

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  if systemctl is-active --quiet reconvene.service; then
    systemctl restart reconvene.service || true # the package is installed even when the configuration is bad
  fi
fi

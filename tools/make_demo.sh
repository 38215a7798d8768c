#!/bin/sh
# Makes the demo, once: `make_demo.sh FLASK NUMBER` fills PORTAL_DATA with NUMBER applications if it holds nothing yet.
# It is made in a folder beside and moved into place when it is whole: an interrupted one leaves nothing half done.
set -eu
flask=$1
number=$2
data=$PORTAL_DATA

case "${PORTAL_STORE:-tinydb:}" in
    tinydb:*) ;;
    *) exit 0 ;; # another store is not filled by itself
esac
mkdir -p "$data"
unfinished=$data/.demo
rm -rf "$unfinished"
if [ -n "$(find "$data" -type f ! -name README.md -size +0 | head -n 1)" ]; then
    exit 0 # something is kept here already: a demo, or somebody's work
fi
echo "Making a demo of $number applications in $data"
trap 'rm -rf "$unfinished"' EXIT
trap 'exit 130' INT TERM
PORTAL_DATA=$unfinished "$flask" demo --applications "$number"
# What the date brings: forecasts and figures are worked out, and everybody has a mail (in outbox/) of what waits for them.
PORTAL_DATA=$unfinished PORTAL_SMTP='' "$flask" daily
cp -R "$unfinished/." "$data/"

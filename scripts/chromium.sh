#!/usr/bin/env bash
# Prints where the Chromium is that browser tests and benchmarks use: the one that CHROMIUM names, or
# the first of the usual ones that is there. The only place that lists them.
set -euo pipefail

if [ -n "${CHROMIUM:-}" ]; then
  command -v -- "$CHROMIUM" && exit
  echo "CHROMIUM names $CHROMIUM, and there is no such program: correct it or leave it out." >&2
  exit 1
fi
for name in chromium chromium-browser google-chrome google-chrome-stable \
  /Applications/Chromium.app/Contents/MacOS/Chromium \
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
  command -v -- "$name" && exit
done
echo "No Chromium found: install it ('apt install chromium' on Debian) or name it in CHROMIUM." >&2
exit 1

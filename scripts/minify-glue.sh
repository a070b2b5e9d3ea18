#!/usr/bin/env bash
# Makes the scripts that wasm-bindgen wrote smaller. Trunk runs it at the end of each build, and says by
# variables which kind of build it is and where the files are until they are all there.
set -euo pipefail

[ "${TRUNK_PROFILE:-}" = release ] || exit 0
command -v esbuild >/dev/null || {
  echo "minify-glue: esbuild is missing, the scripts stay as long as they are. 'make client' installs it." >&2
  exit 0
}
for script in "$TRUNK_STAGING_DIR"/*.js; do
  esbuild "$script" --minify --format=esm --target=es2022 --log-level=warning \
    --allow-overwrite --outfile="$script"
done

#!/usr/bin/env bash
# Installs the npm packages of e2e/ when its lock file says that they are not the wanted ones.
set -euo pipefail
cd "$(dirname "$0")/../e2e"

command -v npm >/dev/null || {
  echo "e2e: npm is missing. Install Node.js 20.11 or later: https://nodejs.org, or 'apt install nodejs npm'." >&2
  exit 1
}
installed=node_modules/.lock-file-of-this-install
if ! cmp -s package-lock.json "$installed"; then
  echo "e2e: installing the npm packages of the browser tests" >&2
  # The browser is the system's: Playwright's own download is not wanted.
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json "$installed"
fi

#!/usr/bin/env bash
# Adds up what the first load of the page costs over the wire, and fails when that is too much.
set -euo pipefail
cd "$(dirname "$0")/.."
exec node scripts/size-report.mjs "${1:-dist}"

#!/usr/bin/env bash
# Every test, from nothing: builds what is missing, runs all suites even if one fails, and closes
# with one line that counts them all.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# Debian has servers, nghttpd among them, where ordinary users do not look for programs.
export PATH="${ROOMCAST_TOOLS:-$PWD/.tools}/bin:$PATH:/usr/sbin"

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
broken=()

step() { # name, command: its output is shown and kept for counting
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  "$@" 2>&1 | tee "$logs/$name"
  local status=${PIPESTATUS[0]}
  echo "== $name: $((SECONDS - start)) s"
  [ "$status" -eq 0 ] || broken+=("$name")
  return "$status"
}

count() { # word (passed, failed…), the logs' lines that give numbers before it
  sed -E 's/\x1b\[[0-9;]*m//g' "$logs"/{rust,documentation,browser} 2>/dev/null |
    grep -E '^ *(Summary|test result:|[0-9]+ (passed|failed|skipped|flaky))' |
    grep -oE "[0-9]+ $1" | awk '{ sum += $1 } END { print sum + 0 }'
}

# Before anything is built for minutes.
scripts/chromium.sh >/dev/null || exit 1
scripts/tools.sh trunk wasm-bindgen wasm-opt esbuild nextest || exit 1
scripts/e2e-setup.sh || exit 1
step "client" make --no-print-directory client || exit 1
step "rust" cargo nextest run --workspace --locked --no-fail-fast
step "documentation" cargo test --workspace --locked --doc --quiet --no-fail-fast
if step "server" cargo build --release --locked --bin roomcast; then
  step "size" scripts/size-report.sh
  step "browser" npm --prefix e2e test --silent
fi

missing=()
for program in nghttp nghttpd nginx haproxy curl node python3 openssl; do
  command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} -eq 0 ] ||
  echo "not installed, so that tests which need them have tried nothing: ${missing[*]}"
[ ${#broken[@]} -eq 0 ] || echo "not passed: ${broken[*]}"
passed=$(count passed) failed=$(count failed) skipped=$(count skipped)
# A step that breaks before it could count anything is a failure all the same.
[ ${#broken[@]} -eq 0 ] || [ "$failed" -gt 0 ] || failed=${#broken[@]}
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

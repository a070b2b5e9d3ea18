#!/usr/bin/env bash
# Everything that can be said about the code without running it. Any warning fails; the checks
# all run, so that one look shows everything there is to mend.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export PATH="${ROOMCAST_TOOLS:-$PWD/.tools}/bin:$PATH"

scripts/tools.sh deny || exit 1
scripts/e2e-setup.sh || exit 1

failed=()
check() { # what it looks at, command
  local what=$1 start=$SECONDS
  shift
  echo "== $what"
  if "$@"; then echo "   fine, $((SECONDS - start)) s"; else failed+=("$what"); fi
}

dependencies() {
  cargo deny --log-level warn check bans licenses sources || return 1
  # Advisories need a database from the net; where it cannot be reached, CI elsewhere looks.
  if cargo deny --log-level error fetch db >/dev/null 2>&1; then
    cargo deny --log-level warn check advisories
  else
    echo "   advisories were not looked at: their database cannot be reached from here"
  fi
}

shell_scripts() {
  shellcheck scripts/*.sh .ci/run
}

check "formatting" cargo fmt --all --check
check "clippy" cargo clippy --workspace --all-targets --locked -- -D warnings
check "clippy for the browser" \
  cargo clippy -p roomcast-frontend --target wasm32-unknown-unknown --locked -- -D warnings
check "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
check "dependencies" dependencies
check "types of the browser tests" npm --prefix e2e run --silent types
if command -v shellcheck >/dev/null; then
  check "shell scripts" shell_scripts
else
  echo "== shell scripts: not looked at, shellcheck is not installed"
fi

if [ ${#failed[@]} -gt 0 ]; then
  printf 'lint: not clean: %s\n' "${failed[@]}"
  exit 1
fi
echo "lint: clean"

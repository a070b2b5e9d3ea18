#!/usr/bin/env bash
# Runs the backend and `trunk serve` side by side until one of them ends or Ctrl-C is pressed.
# Trunk serves the page, builds it again after each change and passes the streams on to the backend.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export PATH="${ROOMCAST_TOOLS:-$PWD/.tools}/bin:$PATH"

pids=()
stop() {
  trap - EXIT INT TERM
  kill "${pids[@]}" 2>/dev/null
  wait
}
trap stop EXIT
trap 'stop; exit 130' INT
trap 'stop; exit 143' TERM

# Its files have their own folder: dist/ belongs to the release build. The folder is in the target
# directory, which is ignored by git and by Trunk's watcher.
dist=${CARGO_TARGET_DIR:-target}/trunk-serve
mkdir -p "$dist"
cargo fetch --locked || exit 1

# Where Trunk.toml looks for the backend. It goes without TLS, since the WebSocket half of Trunk's proxy
# would refuse the self-signed certificate. To it, pages come from Trunk's address.
backend=127.0.0.1:8444

# Both commands replace themselves by what they start, so the numbers stand for the real programs.
cargo run --locked --bin roomcast -- serve --plain --listen "$backend" \
  --allow-origin http://localhost:8080 --allow-origin http://127.0.0.1:8080 "$@" &
pids+=($!)
trunk serve --offline --dist "$dist" &
pids+=($!)

while kill -0 "${pids[0]}" 2>/dev/null && kill -0 "${pids[1]}" 2>/dev/null; do
  sleep 1
done

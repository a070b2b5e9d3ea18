#!/usr/bin/env bash
# Runs the benchmarks, or those that are named: rust page-load static-files push primes fan-out lighthouse.
# Peers that are not installed are left out with a sentence. Run it on a machine that does nothing else.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

[ $# -gt 0 ] || set -- primes static-files push page-load lighthouse fan-out rust

make --no-print-directory server || exit 1
if ! cmp -s bench/package-lock.json bench/node_modules/.lock-file-of-this-install; then
  (cd bench && npm ci --no-audit --no-fund --loglevel=error) || exit 1
  cp bench/package-lock.json bench/node_modules/.lock-file-of-this-install
fi

failed=0
for benchmark in "$@"; do
  case "$benchmark" in
    rust) cargo bench --workspace --locked --benches || failed=1 ;;
    fan-out)
      cargo build --release --locked --package roomcast-load-generator || exit 1
      # Ten thousand subscribers are as many open files, at both ends.
      ulimit -n "$(ulimit -H -n)"
      node bench/fan-out.mjs || failed=1
      ;;
    page-load | static-files | push | primes | lighthouse) node "bench/$benchmark.mjs" || failed=1 ;;
    *) echo "bench: no such benchmark: $benchmark (rust, page-load, static-files, push, primes, fan-out, lighthouse)" && exit 1 ;;
  esac
done
exit "$failed"

#!/usr/bin/env bash
# Makes sure that the named build tools are there in their pinned versions:
#   scripts/tools.sh trunk wasm-bindgen wasm-opt esbuild nextest deny
# A tool of the right version on PATH is taken as it is. A missing one goes into .tools/ (or where
# ROOMCAST_TOOLS points): from cargo binstall or a release archive where those can be reached, else
# from source. ROOMCAST_TOOLS_FROM_SOURCE=1 goes to the source at once. Nothing missing: no network.
set -euo pipefail
cd "$(dirname "$0")/.."

TRUNK_VERSION=0.21.14    # the newest that Rust 1.95 builds
NEXTEST_VERSION=0.9.143
DENY_VERSION=0.20.2
# The command line tool and the crate must be of one version.
WASM_BINDGEN_VERSION=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock)
ESBUILD_VERSION=$(sed -n 's/.*"esbuild": "\([0-9.]*\)".*/\1/p' scripts/build-tools/package.json)
WASM_OPT_VERSION=$(sed -n 's/.*"binaryen": "\([0-9]*\)\..*/\1/p' scripts/build-tools/package.json)

TOOLS=${ROOMCAST_TOOLS:-$PWD/.tools}
export PATH="$TOOLS/bin:$PATH"

say() { echo "tools: $*" >&2; }
fail() { say "$*"; exit 1; }

require() { # command, what to do when it is missing
  command -v "$1" >/dev/null || fail "'$1' is missing. $2"
}

require_rust() {
  require cargo "Install Rust with rustup: https://rustup.rs"
  local channel
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
  if ! rustc --version >/dev/null 2>&1; then
    require rustup "Install it from https://rustup.rs, or put Rust $channel on PATH."
    say "installing the Rust toolchain $channel that rust-toolchain.toml names"
    rustup toolchain install "$channel" --profile minimal --component clippy --component rustfmt
  fi
  if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
    require rustup "The WebAssembly target is missing; rustup (https://rustup.rs) can add it."
    say "adding the WebAssembly target to the Rust toolchain"
    rustup target add wasm32-unknown-unknown
  fi
  command -v cc >/dev/null || fail "a C compiler is missing (the ring crate needs one)." \
    "Install it: 'apt install build-essential' on Debian, 'xcode-select --install' on macOS."
}

has() { # command, start of its version; anything else on PATH under that name does not count
  local printed
  printed=$("$1" --version 2>/dev/null | head -n 1) || return 1
  case "$printed " in *" $2"[\ .-]* | *" v$2"[\ .-]*) return 0 ;; *) return 1 ;; esac
}

has_bare() { # command that prints nothing but its version
  [ "$("$1" --version 2>/dev/null)" = "$2" ]
}

# The name that release archives give to this machine.
release_target() {
  case "$(uname -sm)" in
    "Linux x86_64") echo x86_64-unknown-linux-musl ;;
    "Linux aarch64") echo aarch64-unknown-linux-musl ;;
    "Darwin x86_64") echo x86_64-apple-darwin ;;
    "Darwin arm64") echo aarch64-apple-darwin ;;
    *) return 1 ;;
  esac
}

from_archive() { # address, command inside it
  local folder found
  folder=$(mktemp -d)
  if command -v curl >/dev/null &&
    curl --proto '=https' -fsSL --connect-timeout 5 --max-time 120 "$1" 2>/dev/null | tar -xz -C "$folder" 2>/dev/null; then
    found=$(find "$folder" -type f -name "$2" | head -n 1)
    if [ -n "$found" ]; then
      mkdir -p "$TOOLS/bin"
      install -m 755 "$found" "$TOOLS/bin/$2"
      rm -rf "$folder"
      return 0
    fi
  fi
  rm -rf "$folder"
  return 1
}

from_binstall() { # crate, version
  command -v cargo-binstall >/dev/null &&
    cargo binstall --no-confirm --disable-strategies compile --root "$TOOLS" "$1@$2" >/dev/null 2>&1
}

from_source() { # crate, version, further options; a debug build is fast enough for a build tool
  local crate=$1 version=$2
  shift 2
  CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 \
    cargo install --debug --root "$TOOLS" --target-dir "$TOOLS/build" "$@" "$crate@$version"
}

ensure() { # command, crate, version, accepted version, archive address, options of cargo install
  local command=$1 crate=$2 version=$3 accepted=$4 archive=$5 start=$SECONDS
  shift 5
  if has "$command" "$accepted"; then return; fi
  say "$crate $version is missing; installing it into $TOOLS"
  if [ -z "${ROOMCAST_TOOLS_FROM_SOURCE:-}" ] &&
    { from_binstall "$crate" "$version" || from_archive "$archive" "$command"; } &&
    has "$command" "$accepted"; then
    say "$crate $version: took the released program, $((SECONDS - start)) s"
    return
  fi
  say "no released program within reach; building $crate from source (some minutes, once)"
  from_source "$crate" "$version" "$@"
  has "$command" "$accepted" || fail "$command $version was installed but does not start."
  say "$crate $version: built from source, $((SECONDS - start)) s"
}

ensure_from_npm() { # command, version
  local command=$1 version=$2 start=$SECONDS
  if has "$command" "$version" || has_bare "$command" "$version"; then return; fi
  require npm "Install Node.js 20 or later: https://nodejs.org, or 'apt install nodejs npm'."
  say "$command $version is missing; installing it into $TOOLS by npm"
  mkdir -p "$TOOLS/node" "$TOOLS/bin"
  cp scripts/build-tools/package.json scripts/build-tools/package-lock.json scripts/build-tools/.npmrc "$TOOLS/node/"
  (cd "$TOOLS/node" && npm ci --no-audit --no-fund --loglevel=error) >&2
  ln -sf "../node/node_modules/.bin/$command" "$TOOLS/bin/$command"
  has "$command" "$version" || has_bare "$command" "$version" ||
    fail "$command was installed but does not start: is Node.js 20 or later there?"
  say "$command $version: $((SECONDS - start)) s"
}

require_rust
target=$(release_target || echo unknown)
for tool in "$@"; do
  case "$tool" in
    trunk)
      ensure trunk trunk "$TRUNK_VERSION" "$TRUNK_VERSION" \
        "https://github.com/trunk-rs/trunk/releases/download/v$TRUNK_VERSION/trunk-$target.tar.gz" \
        --locked --no-default-features --features rustls ;;
    wasm-bindgen) # its own lock file names a crate version that was withdrawn: hence no --locked
      ensure wasm-bindgen wasm-bindgen-cli "$WASM_BINDGEN_VERSION" "$WASM_BINDGEN_VERSION" \
        "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/$WASM_BINDGEN_VERSION/wasm-bindgen-$WASM_BINDGEN_VERSION-$target.tar.gz" ;;
    wasm-opt) ensure_from_npm wasm-opt "$WASM_OPT_VERSION" ;;
    esbuild) ensure_from_npm esbuild "$ESBUILD_VERSION" ;;
    nextest)
      ensure cargo-nextest cargo-nextest "$NEXTEST_VERSION" 0.9 \
        "https://github.com/nextest-rs/nextest/releases/download/cargo-nextest-$NEXTEST_VERSION/cargo-nextest-$NEXTEST_VERSION-$target.tar.gz" \
        --locked --no-default-features --features default-no-update ;;
    deny)
      ensure cargo-deny cargo-deny "$DENY_VERSION" 0.20 \
        "https://github.com/EmbarkStudios/cargo-deny/releases/download/$DENY_VERSION/cargo-deny-$DENY_VERSION-$target.tar.gz" \
        --locked ;;
    *) fail "no such tool: $tool" ;;
  esac
done
rm -rf "$TOOLS/build"

//! What the tests share: the program, and servers for it to talk to.

pub(crate) mod certificates;
pub(crate) mod foreign;
pub(crate) mod misbehaving;
pub(crate) mod opening;
#[path = "../../it/support/process.rs"]
#[expect(
    dead_code,
    reason = "the other test binary measures memory and sends signals"
)]
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod pseudo_terminal;
pub(crate) mod relay;
pub(crate) mod runner;
pub(crate) mod scripted;
pub(crate) mod server;

use std::future::Future;
use std::time::Duration;

/// How long anything that a test waits for may take on a busy machine. A test that needs it
/// has failed; none asserts how fast something is.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Says that a test has tried nothing for want of a program. Where the variable `CI` is set every
/// program is installed, and the test fails instead.
pub(crate) fn try_nothing(program: &str) {
    let is_ci = std::env::var_os("CI").is_some();
    assert!(!is_ci, "{program} is not installed");
    println!("{program} is not installed: this test has tried nothing");
}

/// Awaits an event that must come.
pub(crate) async fn within<T>(what: &str, event: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, event).await {
        Ok(value) => value,
        Err(elapsed) => panic!("waited {PATIENCE:?} in vain for {what}: {elapsed}"),
    }
}

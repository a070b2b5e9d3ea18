//! Ctrl-C and SIGTERM.

use std::io;
use std::time::Duration;

use roomcast_terminal::Interrupt;
use tokio::sync::watch;

use crate::EXIT_INTERRUPTED;

/// How long a client may take after a signal: to say good-bye, for which it takes at most
/// [`roomcast_terminal::interrupt::FAREWELL_TIMEOUT`], and to set the terminal right.
const CLEAN_UP_TIMEOUT: Duration = Duration::from_millis(500);

/// Interrupts a client on the first signal, and ends the program soon after it. Has a thread of its own: a
/// client whose threads wait for somebody to read what they print ends all the same.
pub(crate) fn interrupt_on_signal() -> io::Result<Interrupt> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut signals = {
        let _runtime = runtime.enter();
        StopSignals::listen()
    };
    let (request, requested) = watch::channel(false);
    let wait = async move {
        signals.next().await;
        request.send_replace(true);
        tokio::time::sleep(CLEAN_UP_TIMEOUT).await;
        std::process::exit(EXIT_INTERRUPTED);
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(wait))?;
    Ok(Interrupt::new(requested))
}

/// Ctrl-C and SIGTERM, listened to from the start, so that none is missed.
pub(crate) struct StopSignals {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    interrupt: Option<tokio::signal::unix::Signal>,
}

impl StopSignals {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // Where a signal cannot be listened to, it ends the program as it always does.
        Self {
            terminate: signal(SignalKind::terminate()).ok(),
            interrupt: signal(SignalKind::interrupt()).ok(),
        }
    }

    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            Some(()) = receive(&mut self.terminate) => {}
            Some(()) = receive(&mut self.interrupt) => {}
            else => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(unix)]
async fn receive(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    signal.as_mut()?.recv().await
}

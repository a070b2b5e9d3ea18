//! Job control of the shell: Ctrl-Z and SIGTSTP stop the program, `fg` continues it.
//!
//! A full-screen program has switched the terminal to raw mode, so that Ctrl-Z arrives as a key and no signal
//! follows. It must also give the terminal back before it stops, and take it again afterwards.

/// Step of job control that the screen has to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobChange {
    /// Give the terminal back and stop.
    Stop,
    /// Take the terminal again: the program was stopped in a way that cannot be caught (SIGSTOP).
    Continued,
}

#[cfg(unix)]
pub(super) use unix::{JobControl, request_stop};

#[cfg(not(unix))]
pub(super) use elsewhere::{JobControl, request_stop};

#[cfg(unix)]
mod unix {
    use std::io;

    use nix::sys::signal::{self, Signal as Number};
    use nix::unistd::{Pid, getpid, getppid, getsid};
    use tokio::signal::unix::{Signal, SignalKind, signal as listen};

    use super::JobChange;

    /// Listener to the signals of job control.
    #[derive(Debug)]
    pub(in crate::chat::screen) struct JobControl {
        stop: Signal,
        continued: Signal,
    }

    impl JobControl {
        /// Begins to listen.
        pub(in crate::chat::screen) fn listen() -> io::Result<Self> {
            Ok(Self {
                stop: listen(SignalKind::from_raw(Number::SIGTSTP as i32))?,
                continued: listen(SignalKind::from_raw(Number::SIGCONT as i32))?,
            })
        }

        /// Waits for the next step.
        ///
        /// # Cancel safety
        /// Safe.
        pub(in crate::chat::screen) async fn next(&mut self) -> JobChange {
            tokio::select! {
                biased;
                Some(()) = self.continued.recv() => JobChange::Continued,
                Some(()) = self.stop.recv() => JobChange::Stop,
                else => std::future::pending().await,
            }
        }

        /// Stops this process until it is continued. SIGTSTP is listened to and so stops nothing by itself.
        pub(in crate::chat::screen) async fn stop(&mut self) {
            // Raised for this thread, which therefore does not go on before the whole process was continued.
            if has_shell() && signal::raise(Number::SIGSTOP).is_ok() {
                // The SIGCONT of this stop, which `next` would take for that of another.
                self.continued.recv().await;
            }
        }
    }

    /// Asks all processes of the terminal's foreground job to stop, as the terminal does for Ctrl-Z outside raw
    /// mode: a script around this program stops with it. Returns `false` where no shell could continue it.
    pub(in crate::chat::screen) fn request_stop() -> bool {
        has_shell() && signal::kill(Pid::from_raw(0), Number::SIGTSTP).is_ok()
    }

    /// `true` if a parent in the same session could continue this process. A process that leads its session,
    /// as under `ssh host roomcast chat`, would stop for ever.
    fn has_shell() -> bool {
        let session = getsid(None);
        session.is_ok() && session != Ok(getpid()) && getsid(Some(getppid())) == session
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    use super::JobChange;

    /// Systems without job control never ask for a step.
    #[derive(Debug)]
    pub(in crate::chat::screen) struct JobControl;

    impl JobControl {
        pub(in crate::chat::screen) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in crate::chat::screen) async fn next(&mut self) -> JobChange {
            std::future::pending().await
        }

        pub(in crate::chat::screen) async fn stop(&mut self) {}
    }

    pub(in crate::chat::screen) fn request_stop() -> bool {
        false
    }
}

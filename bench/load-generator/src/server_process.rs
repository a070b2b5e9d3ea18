//! What the server costs, as Linux counts it.

use std::fs;
use std::io;

/// The kernel's unit of processor time in `/proc`, which is the same everywhere.
const TICKS_PER_SECOND: f64 = 100.0;

/// A server and its children.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerProcess {
    id: u32,
}

impl ServerProcess {
    /// The process with this id.
    pub(crate) fn new(id: u32) -> Self {
        Self { id }
    }

    /// Processor time that was used so far, in seconds.
    ///
    /// # Errors
    /// When the process is gone.
    pub(crate) fn cpu_seconds(self) -> io::Result<f64> {
        let mut ticks = 0;
        for id in self.family()? {
            let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
            // The name, in parentheses, may have spaces; utime and stime are fields 14 and 15.
            let after_name = stat.rsplit_once(')').map_or("", |(_, after)| after);
            let fields = after_name.split_whitespace().skip(11).take(2);
            ticks += fields
                .filter_map(|field| field.parse::<u32>().ok())
                .sum::<u32>();
        }
        Ok(f64::from(ticks) / TICKS_PER_SECOND)
    }

    /// Memory of their own, shared pages counted in parts, in KiB.
    ///
    /// # Errors
    /// When the process is gone or belongs to somebody else.
    pub(crate) fn memory_kib(self) -> io::Result<f64> {
        let mut kib = 0;
        for id in self.family()? {
            let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
            let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
            let number = pss.and_then(|pss| pss.trim().trim_end_matches(" kB").parse::<u32>().ok());
            kib += number.unwrap_or(0);
        }
        Ok(f64::from(kib))
    }

    fn family(self) -> io::Result<Vec<u32>> {
        let mut family = vec![self.id];
        let mut next = 0;
        while let Some(&id) = family.get(next) {
            next += 1;
            for thread in fs::read_dir(format!("/proc/{id}/task"))? {
                // A thread may have ended meanwhile; its children then belong to another one.
                let children = fs::read_to_string(thread?.path().join("children"));
                let children = children.unwrap_or_default();
                family.extend(
                    children
                        .split_whitespace()
                        .filter_map(|id| id.parse::<u32>().ok()),
                );
            }
        }
        Ok(family)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_has_memory_and_time() {
        let own = ServerProcess::new(std::process::id());
        assert!(own.memory_kib().unwrap() > 0.0);
        assert!(own.cpu_seconds().unwrap() >= 0.0);
    }
}

//! How much of a page is loaded before it counts as endless.

use std::time::Duration;

/// Files of one page. The heaviest pages of large sites have some hundreds.
pub(super) const MAX_FILES: usize = 500;

/// Bytes of all files of one page, in mebibytes, as they arrive and as they are decoded.
pub(super) const MAX_MEBIBYTES: u64 = 256;

/// Bytes in a mebibyte.
pub(super) const MEBIBYTE: u64 = 1024 * 1024;

/// Steps from the document to a file: a style sheet that imports one that imports one that …
pub(super) const MAX_DEPTH: usize = 10;

/// Redirects from one request on, as in the Fetch standard (section 4.4, HTTP-redirect fetch).
pub(super) const MAX_REDIRECTS: usize = 20;

/// Connections to one origin over HTTP/1.1: what browsers settled on.
pub(super) const HTTP1_CONNECTIONS: usize = 6;

/// Reports of requests that may wait for the one who keeps the record. They are taken at once;
/// a request waits with its next read when they are not.
pub(super) const MAX_REPORTS_WAITING: usize = 256;

/// Header fields with links that one response may have. They are a server's list of files, which
/// are counted by themselves.
pub(super) const MAX_LINKS: usize = 256;

/// Loads for each row of a comparison, of which the median counts.
pub(super) const ROUNDS: usize = 3;

/// How long a load goes on in silence before it says how far it is.
pub(super) const QUIET: Duration = Duration::from_secs(1);

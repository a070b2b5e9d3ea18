//! The terminal clients as a library.

//! The form of sentences that people read about something that went wrong: first what happened and what to do, then
//! what the operator of the server or of a proxy can set.

/// Begins the part for the operator. Pages show that part on demand, terminals show the whole.
pub const OPERATOR_ADVICE: &str = " For the operator: ";

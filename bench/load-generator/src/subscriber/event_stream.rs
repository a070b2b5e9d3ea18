//! Receives an event stream: looks for marks and leaves the rest.

use std::cell::RefCell;

use http_body_util::BodyExt as _;
use roomcast_client::http::ResponseBody;

use crate::error::Error;
use crate::mark::Scanner;
use crate::tally::Tally;

/// Receives until the stream ends.
pub(super) async fn receive(mut body: ResponseBody, tally: &RefCell<Tally>) -> Result<(), Error> {
    let mut scanner = Scanner::default();
    let mut marks = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Some(data) = frame?.data_ref() {
            scanner.read(data, |mark| marks.push(mark));
            tally.borrow_mut().count(&marks);
            marks.clear();
        }
    }
    Ok(())
}

//! Responses that send their reader elsewhere.

use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use url::Url;

use super::Loader;
use crate::load::limits::MAX_REDIRECTS;
use crate::load::recording::Initiator;
use crate::load::reference::Reference;

/// Where a response sends its reader, if it does.
pub(super) fn location(status: StatusCode, fields: &HeaderMap) -> Option<&HeaderValue> {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
        .then(|| fields.get(LOCATION))
        .flatten()
}

impl Loader<'_> {
    pub(super) fn redirect(&mut self, file: usize, location: &HeaderValue) {
        let location = String::from_utf8_lossy(location.as_bytes());
        let url = &self.recording.files[file].url;
        let purpose = self.states[file].purpose;
        let Some(reference) = Reference::new(url, &location, purpose) else {
            return self.fail(
                file,
                format!("it redirects to '{location}', which no server has"),
            );
        };
        let mut chain = self.chain(file);
        if let Some(position) = chain.iter().position(|url| *url == reference.url) {
            chain.push(reference.url);
            let circle: Vec<_> = chain[position..].iter().map(Url::as_str).collect();
            return self.fail(
                file,
                format!("it redirects in a circle: {}", circle.join(" → ")),
            );
        }
        if chain.len() > MAX_REDIRECTS {
            return self.fail(
                file,
                format!("more than {MAX_REDIRECTS} redirects lead on and on"),
            );
        }
        let needed = self.recording.files[file].needed;
        self.request(reference, Initiator::Redirect, Some(file));
        if let Some(record) = self.recording.files.last_mut()
            && record.from == Some(file)
        {
            record.needed = needed;
        }
    }

    /// The addresses that led to this file by redirects, and its own.
    fn chain(&self, file: usize) -> Vec<Url> {
        let mut urls = vec![self.recording.files[file].url.clone()];
        let mut current = &self.recording.files[file];
        while let (Initiator::Redirect, Some(from)) = (current.initiator, current.from) {
            current = &self.recording.files[from];
            urls.push(current.url.clone());
        }
        urls.reverse();
        urls
    }
}

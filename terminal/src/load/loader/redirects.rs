//! Responses that send their reader elsewhere.

use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};

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
        let state = &self.states[file];
        let Some(reference) = Reference::new(url, &location, state.purpose) else {
            return self.fail(
                file,
                format!("it redirects to '{location}', which no server has"),
            );
        };
        let reference = Reference {
            nonce: state.nonce.clone(),
            ..reference
        };
        let mut chain = self.chain(file);
        // A server that asks for a cookie sends its reader to the same address again.
        let cookies = self.cookies_for(&reference, state.page);
        let is_same = |known: &usize| {
            self.recording.files[*known].url == reference.url
                && self.states[*known].cookies == cookies
        };
        if let Some(position) = chain.iter().position(is_same) {
            chain.push(chain[position]);
            let circle: Vec<_> = chain[position..]
                .iter()
                .map(|known| self.recording.files[*known].url.as_str())
                .collect();
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
        if chain
            .iter()
            .any(|known| self.recording.files[*known].url == reference.url)
        {
            self.by_url.remove(&reference.url);
        }
        let needed = self.recording.files[file].needed;
        let (page, frame) = (self.states[file].page, self.states[file].frame.clone());
        let files = self.recording.files.len();
        let next = self.request(reference, Initiator::Redirect, Some(file), page);
        self.move_slots(file, next);
        if let Some(next) = next.filter(|next| *next >= files) {
            self.recording.files[next].needed = needed;
            self.states[next].frame = frame;
        }
    }

    /// The files that led to this one by redirects, and itself.
    fn chain(&self, file: usize) -> Vec<usize> {
        let mut files = vec![file];
        let mut current = &self.recording.files[file];
        while let (Initiator::Redirect, Some(from)) = (current.initiator, current.from) {
            current = &self.recording.files[from];
            files.push(from);
        }
        files.reverse();
        files
    }
}

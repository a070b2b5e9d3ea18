//! From a reference to a request: what policies allow, once for each address.

use http::HeaderValue;
use http::header::COOKIE;
use url::{Host, Url};

use super::{Loader, State};
use crate::load::fetch::{self, Task};
use crate::load::limits::MAX_DEPTH;
use crate::load::recording::{File, Initiator};
use crate::load::reference::{Purpose, Reference};

impl Loader<'_> {
    /// Asks for a file that a page refers to, unless somebody has; gives its index. `None` if it may not be
    /// loaded, or is beyond a limit.
    pub(super) fn request(
        &mut self,
        mut reference: Reference,
        initiator: Initiator,
        from: Option<usize>,
        page: Option<usize>,
    ) -> Option<usize> {
        if let Some(page) = page {
            self.upgrade(&mut reference, page)?;
            let page = self.page(page);
            let is_redirected = initiator == Initiator::Redirect;
            if !page.policies.allow(&reference, &page.url, is_redirected) {
                return None;
            }
        }
        if let Some(&file) = self.by_url.get(&reference.url) {
            if initiator != Initiator::Hint {
                self.mark_needed(file);
            }
            if reference.purpose == Purpose::Module {
                self.make_module(file, page, &reference);
            }
            return Some(file);
        }
        let file = self.add(&reference, initiator, from)?;
        let state = &mut self.states[file];
        state.page = page;
        state.nonce.clone_from(&reference.nonce);
        let mut fields = self.settings.fields_for(&reference, &self.recording.url);
        let cookies = self.cookies_for(&reference, page);
        self.states[file].cookies.clone_from(&cookies);
        if let Some(cookies) = cookies {
            let all = joined(fields.get(COOKIE), cookies);
            fields.insert(COOKIE, all);
        }
        let task = Task {
            file,
            purpose: reference.purpose,
            fields,
            url: reference.url,
        };
        self.tasks.spawn(fetch::fetch(task, self.shared.clone()));
        Some(file)
    }

    /// The cookies that go with a request of a page or frame.
    pub(super) fn cookies_for(
        &self,
        reference: &Reference,
        page: Option<usize>,
    ) -> Option<HeaderValue> {
        let asking: Vec<_> = if reference.purpose == Purpose::Document {
            Vec::new()
        } else {
            let own = page.map(|page| &self.page(page).url);
            let top = self.pages.first().map(|page| &page.url);
            top.into_iter().chain(own).collect()
        };
        self.cookies.field(&reference.url, &asking)
    }

    /// Makes an address secure where its page asks for that, or must; `None` if the page must not load it.
    fn upgrade(&self, reference: &mut Reference, page: usize) -> Option<()> {
        if reference.url.scheme() != "http"
            || is_here(&reference.url)
            || reference.purpose == Purpose::Document
        {
            return Some(());
        }
        let page = self.page(page);
        let is_mixed = page.url.scheme() == "https";
        let is_passive = matches!(
            reference.purpose,
            Purpose::Image | Purpose::Media | Purpose::Icon
        );
        if page.policies.upgrade() || (is_mixed && is_passive) {
            reference.url.set_scheme("https").ok()
        } else {
            (!is_mixed).then_some(())
        }
    }

    /// Notes a new file; `None` when there may be no more of them.
    pub(super) fn add(
        &mut self,
        reference: &Reference,
        initiator: Initiator,
        from: Option<usize>,
    ) -> Option<usize> {
        let is_redirect = initiator == Initiator::Redirect;
        let step = usize::from(!is_redirect);
        let depth = from.map_or(0, |from| self.states[from].depth + step);
        if self.recording.files.len() >= self.settings.max_files {
            self.files_left_out += 1;
            return None;
        }
        if depth > MAX_DEPTH {
            self.deep_left_out += 1;
            return None;
        }
        let file = self.recording.files.len();
        let now = self.shared.start.elapsed();
        self.by_url.insert(reference.url.clone(), file);
        self.recording.files.push(File {
            is_icon: reference.purpose == Purpose::Icon,
            ..File::new(reference.url.clone(), initiator, from, now)
        });
        self.states.push(State {
            purpose: reference.purpose,
            depth,
            page: None,
            nonce: None,
            frame: None,
            cookies: None,
            fields: http::HeaderMap::new(),
            text: Vec::new(),
        });
        self.under_way += 1;
        Some(file)
    }

    /// The page refers to a file that was only hinted or pushed so far.
    fn mark_needed(&mut self, file: usize) {
        if std::mem::replace(&mut self.recording.files[file].needed, true) {
            return;
        }
        let next = self
            .recording
            .files
            .iter()
            .position(|next| next.initiator == Initiator::Redirect && next.from == Some(file));
        if let Some(next) = next {
            self.mark_needed(next);
        }
    }
}

/// The cookies that the user gave and those that servers set.
fn joined(given: Option<&HeaderValue>, set: HeaderValue) -> HeaderValue {
    let Some(given) = given else { return set };
    let both = [given.as_bytes(), b"; ", set.as_bytes()].concat();
    HeaderValue::from_bytes(&both).unwrap_or(set)
}

/// Whether an address is of this machine, which nobody listens to on the way.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost" || domain.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

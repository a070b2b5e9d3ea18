//! Modules and what they import.

use url::Url;

use super::Loader;
use crate::load::media_types;
use crate::load::page::imports::imports;
use crate::load::recording::Initiator;
use crate::load::reference::{Purpose, Reference};

impl Loader<'_> {
    /// Asks for what a script of a page imports, unless one of its names leads nowhere: then it does not run.
    pub(super) fn import(
        &mut self,
        script: &str,
        base: &Url,
        page: usize,
        nonce: Option<&str>,
        from: usize,
    ) {
        let own = self.page(page);
        let resolved = imports(script).into_iter().map(|import| {
            let url = own.import_map.resolve(&import.specifier, base, &own.base)?;
            let purpose = if import.is_script {
                Purpose::Module
            } else {
                Purpose::Other
            };
            Some((url, purpose))
        });
        let Some(resolved) = resolved.collect::<Option<Vec<_>>>() else {
            return;
        };
        for (url, purpose) in resolved {
            if let Some(reference) = Reference::new(&url, url.as_str(), purpose) {
                self.request(
                    reference.with_nonce(nonce),
                    Initiator::Script,
                    Some(from),
                    Some(page),
                );
            }
        }
    }

    /// A file is over: if it is a module, what it imports is asked for.
    pub(super) fn import_of(&mut self, file: usize) {
        let record = &self.recording.files[file];
        let state = &self.states[file];
        let is_script = record
            .media_type
            .as_deref()
            .is_some_and(media_types::is_javascript);
        let is_whole =
            record.error.is_none() && record.status.is_some_and(|status| status.is_success());
        let Some(page) = state
            .page
            .filter(|_| state.purpose == Purpose::Module && is_script && is_whole)
        else {
            return;
        };
        let script = String::from_utf8_lossy(&state.text).into_owned();
        let (url, nonce) = (record.url.clone(), state.nonce.clone());
        self.import(&script, &url, page, nonce.as_deref(), file);
    }

    /// A file that was loaded ahead turns out to be a module that runs.
    pub(super) fn make_module(&mut self, file: usize, page: Option<usize>, reference: &Reference) {
        let state = &mut self.states[file];
        if state.purpose == Purpose::Module {
            return;
        }
        state.purpose = Purpose::Module;
        state.page = page;
        state.nonce.clone_from(&reference.nonce);
        if self.recording.files[file].end_at.is_some() {
            self.import_of(file);
        }
    }
}

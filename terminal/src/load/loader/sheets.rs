//! The style sheets of a page and what they import.

use std::sync::Arc;

use encoding_rs::Encoding;
use http::header::CONTENT_TYPE;
use url::Url;

use super::Loader;
use super::pages::Page;
use crate::load::fetch::is_css;
use crate::load::limits::MAX_DEPTH;
use crate::load::page::charset;
use crate::load::page::dom::NodeId;
use crate::load::page::found::{SheetLink, StyleElement};
use crate::load::page::policy::Inline;
use crate::load::recording::Initiator;
use crate::load::reference::{Purpose, Reference};
use crate::load::style::{Import, Placed, Sheet};

/// The place of a style sheet in a page.
pub(super) struct Slot {
    /// The element that names it, or the sheet that imports it.
    node: NodeId,
    parent: Option<usize>,
    /// Its file; `None` for a `style` element.
    pub(super) file: Option<usize>,
    /// Its address and encoding, once it is there; `None` for those of the document.
    pub(super) base: Option<Url>,
    pub(super) encoding: Option<&'static Encoding>,
    sheet: Option<Arc<Sheet>>,
    /// Whether nothing more of it comes.
    pub(super) is_settled: bool,
    /// Whether its rules count.
    pub(super) applies: bool,
    layer: Option<String>,
    imports: Vec<usize>,
}

impl Slot {
    fn new(node: NodeId, applies: bool) -> Self {
        Self {
            node,
            parent: None,
            file: None,
            base: None,
            encoding: None,
            sheet: None,
            is_settled: false,
            applies,
            layer: None,
            imports: Vec::new(),
        }
    }
}

impl Page {
    /// The style sheets that count, in their order, with their slots: what a sheet imports comes before it.
    pub(super) fn placed(&self) -> Vec<(usize, Placed)> {
        let mut roots: Vec<usize> = (0..self.slots.len())
            .filter(|slot| self.slots[*slot].parent.is_none())
            .collect();
        roots.sort_by_key(|slot| self.slots[*slot].node);
        let mut placed = Vec::new();
        for root in roots {
            self.place(root, &mut placed);
        }
        placed
    }

    fn place(&self, index: usize, placed: &mut Vec<(usize, Placed)>) {
        let slot = &self.slots[index];
        for import in &slot.imports {
            self.place(*import, placed);
        }
        if let Some(sheet) = slot.sheet.as_ref().filter(|_| slot.applies) {
            let sheet = Arc::clone(sheet);
            let layer = slot.layer.clone();
            placed.push((index, Placed { sheet, layer }));
        }
    }

    /// Whether a sheet is this file, or imported by it, or too far from the document.
    fn is_in_circle(&self, slot: usize, file: usize) -> bool {
        let chain = std::iter::successors(Some(slot), |slot| self.slots[*slot].parent);
        let chain: Vec<usize> = chain.collect();
        chain.len() > MAX_DEPTH
            || chain
                .iter()
                .any(|slot| self.slots[*slot].file == Some(file))
    }

    /// Whether a set of style sheets is the one that is used.
    fn is_used(&mut self, title: Option<String>, is_alternate: bool) -> bool {
        if is_alternate {
            return false;
        }
        title.is_none_or(|title| *self.style_set.get_or_insert_with(|| title.clone()) == title)
    }
}

impl Loader<'_> {
    pub(super) fn add_link(&mut self, page: usize, link: SheetLink) {
        let is_used = self.page_mut(page).is_used(link.title, link.is_alternate);
        let from = self.page(page).file;
        let file = self.request(link.reference, Initiator::Parser, Some(from), Some(page));
        let slot = Slot {
            file,
            is_settled: file.is_none(),
            ..Slot::new(link.node, link.applies && is_used)
        };
        self.add_slot(page, slot);
    }

    pub(super) fn add_style(&mut self, page: usize, style: StyleElement) {
        let policies = &self.page(page).policies;
        if !policies.allow_inline(Inline::Style, style.nonce.as_deref(), &style.text) {
            return;
        }
        let is_used = self.page_mut(page).is_used(style.title, false);
        let sheet = Sheet::parse(&style.text, &self.page(page).viewport);
        let slot = Slot {
            is_settled: true,
            base: Some(self.page(page).base.clone()),
            ..Slot::new(style.node, style.applies && is_used)
        };
        let slot = self.add_slot(page, slot);
        self.fill(page, slot, sheet);
    }

    fn add_slot(&mut self, page: usize, slot: Slot) -> usize {
        let file = slot.file;
        let slots = &mut self.page_mut(page).slots;
        slots.push(slot);
        let index = slots.len() - 1;
        if let Some(file) = file
            && self.recording.files[file].end_at.is_some()
        {
            self.settle(page, index, file);
        }
        index
    }

    /// A file is over: the style sheets that it is are there, or never will be.
    pub(super) fn settle_all(&mut self, file: usize) {
        for page in 0..self.pages.len() {
            for slot in 0..self.page(page).slots.len() {
                let waits = self.page(page).slots[slot].file == Some(file)
                    && !self.page(page).slots[slot].is_settled;
                if waits {
                    self.settle(page, slot, file);
                }
            }
            self.style_if_ready(page);
        }
    }

    /// A file led elsewhere: the style sheets that it was to be are that file, if there is one.
    pub(super) fn move_slots(&mut self, file: usize, to: Option<usize>) {
        for page in &mut self.pages {
            for slot in page.slots.iter_mut().filter(|slot| slot.file == Some(file)) {
                slot.file = to;
                slot.is_settled |= to.is_none();
            }
        }
        match to {
            Some(to) if self.recording.files[to].end_at.is_some() => self.settle_all(to),
            _ => {}
        }
    }

    fn settle(&mut self, page: usize, slot: usize, file: usize) {
        self.page_mut(page).slots[slot].is_settled = true;
        let Some(sheet) = self.sheet_of(page, slot, file) else {
            return;
        };
        self.fill(page, slot, sheet);
    }

    /// Reads a file as a style sheet, if it is one.
    fn sheet_of(&mut self, page: usize, slot: usize, file: usize) -> Option<Sheet> {
        let record = &self.recording.files[file];
        let is_whole =
            record.error.is_none() && record.status.is_some_and(|status| status.is_success());
        let media_type = record.media_type.as_deref().unwrap_or_default();
        let fields = &self.states[file].fields;
        let is_nosniff = fields
            .get("x-content-type-options")
            .is_some_and(|value| value == "nosniff");
        let is_lenient = self.page(page).is_quirky
            && !is_nosniff
            && record.url.origin() == self.page(page).url.origin();
        if !is_whole || !(is_css(media_type) || is_lenient || media_type.is_empty()) {
            return None;
        }
        let declared = fields
            .get(CONTENT_TYPE)
            .and_then(|value| charset::of_content_type(value.to_str().ok()?));
        let parent = self.page(page).slots[slot].parent;
        let around = parent.and_then(|parent| self.page(page).slots[parent].encoding);
        let around = around.unwrap_or(self.page(page).encoding);
        let (text, encoding) = charset::decode_sheet(&self.states[file].text, declared, around);
        let url = record.url.clone();
        let viewport = self.page(page).viewport;
        let slot = &mut self.page_mut(page).slots[slot];
        slot.base = Some(url);
        slot.encoding = Some(encoding);
        Some(Sheet::parse(&text, &viewport))
    }

    /// A style sheet is there: what it imports is asked for.
    fn fill(&mut self, page: usize, index: usize, sheet: Sheet) {
        let imports = sheet.imports.clone();
        let slot = &mut self.page_mut(page).slots[index];
        slot.sheet = Some(Arc::new(sheet));
        for import in imports {
            self.add_import(page, index, import);
        }
    }

    fn add_import(&mut self, page: usize, outer: usize, import: Import) {
        let own = self.page(page);
        let slot = &own.slots[outer];
        let base = slot.base.as_ref().unwrap_or(&own.base);
        let encoding = slot.encoding.unwrap_or(own.encoding);
        let (from, node, applies) = (
            slot.file.unwrap_or(own.file),
            slot.node,
            slot.applies && import.applies,
        );
        // A layer without a name is another one in each place.
        let layer = import
            .layer
            .map(|layer| layer.replace('\0', &format!("\0{outer}/")));
        let layer = match (&slot.layer, layer) {
            (Some(around), Some(layer)) => Some(format!("{around}.{layer}")),
            (around, layer) => layer.or_else(|| around.clone()),
        };
        let Some(reference) = Reference::encoded(base, &import.address, Purpose::Style, encoding)
        else {
            return;
        };
        let file = self.request(reference, Initiator::Style, Some(from), Some(page));
        let Some(file) = file.filter(|file| !self.page(page).is_in_circle(outer, *file)) else {
            return;
        };
        let slot = Slot {
            parent: Some(outer),
            file: Some(file),
            layer,
            ..Slot::new(node, applies)
        };
        let index = self.page(page).slots.len();
        self.page_mut(page).slots[outer].imports.push(index);
        self.add_slot(page, slot);
    }
}

//! The documents of a load: the page itself, those that come after it, and those in its frames.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use http::HeaderMap;
use url::Url;

use super::Loader;
use super::sheets::Slot;
use crate::load::document::DocumentReader;
use crate::load::fetch::{News, Report};
use crate::load::page::dom::{NodeId, Tree};
use crate::load::page::found::{Conditional, Content, Found, Frame, Refresh};
use crate::load::page::imports::ImportMap;
use crate::load::page::policy::{Inline, Policies, may_be_framed};
use crate::load::page::{Context, charset};
use crate::load::recording::Initiator;
use crate::load::reference::{Purpose, Reference};
use crate::load::style::{Needs, Placed, Wanted, needs};
use crate::load::viewport::Viewport;

/// How soon a refresh must be due to be followed, in seconds: what comes later comes after the load.
const MAX_REFRESH_SECONDS: u64 = 1;

/// A document, and what is known of it.
pub(super) struct Page {
    /// The file from which it was read, or that of the document around it.
    pub(super) file: usize,
    pub(super) url: Url,
    pub(super) base: Url,
    pub(super) encoding: &'static Encoding,
    pub(super) viewport: Viewport,
    pub(super) policies: Policies,
    pub(super) import_map: ImportMap,
    pub(super) slots: Vec<Slot>,
    /// The name of the style sheets that are used, of several sets.
    pub(super) style_set: Option<String>,
    pub(super) is_quirky: bool,
    has_scripts: bool,
    /// Where it is shown, if it is not the page itself.
    frame: Option<InFrame>,
    /// What is loaded if an element is displayed.
    conditional: Vec<Conditional>,
    /// Elements that are frames.
    frames: Vec<NodeId>,
    /// Those of them that are displayed, once that is known.
    displayed: Option<HashSet<NodeId>>,
    tree: Option<Arc<Tree>>,
    is_styled: bool,
}

/// Where a file is shown that is a document.
#[derive(Clone)]
pub(super) struct InFrame {
    pub(super) parent: usize,
    node: NodeId,
    size: (f64, f64),
    has_scripts: bool,
}

impl Loader<'_> {
    /// Begins to read a file as a document; `None` if it may not be shown where it is.
    pub(super) fn begin_page(&mut self, file: usize) -> Option<usize> {
        if self.pages.len() >= self.settings.max_files {
            return None;
        }
        let url = self.recording.files[file].url.clone();
        let state = &self.states[file];
        let fields = &state.fields;
        let content_type = fields.get(http::header::CONTENT_TYPE);
        let encoding =
            content_type.and_then(|value| charset::of_content_type(value.to_str().ok()?));
        let policies = Policies::of_response(fields);
        let frame = state.frame.clone();
        if let Some(frame) = &frame
            && !may_be_framed(fields, &url, &self.outer_urls(frame.parent))
        {
            return None;
        }
        let (page, reader) = self.open_page(file, &url, frame, policies, encoding);
        self.readers.insert(file, reader);
        Some(page)
    }

    /// Adds a page and starts its reader.
    fn open_page(
        &mut self,
        file: usize,
        url: &Url,
        frame: Option<InFrame>,
        policies: Policies,
        encoding: Option<&'static Encoding>,
    ) -> (usize, DocumentReader) {
        let viewport = match &frame {
            Some(frame) => self.settings.viewport.of_frame(frame.size.0, frame.size.1),
            None => self.settings.viewport,
        };
        let is_inner_allowed = frame.as_ref().is_none_or(|frame| frame.has_scripts);
        let has_scripts = is_inner_allowed && !policies.forbid_scripts();
        let index = self.pages.len();
        let context = Context {
            url: url.clone(),
            base: url.clone(),
            viewport,
            encoding,
            policies: policies.clone(),
            has_scripts,
            is_top: frame.is_none(),
        };
        let reader = DocumentReader::start(index, context, &self.shared);
        self.under_way += 1;
        let page = Page {
            file,
            url: url.clone(),
            base: url.clone(),
            encoding: UTF_8,
            viewport,
            policies,
            import_map: ImportMap::default(),
            slots: Vec::new(),
            style_set: None,
            is_quirky: false,
            has_scripts,
            frame,
            conditional: Vec::new(),
            frames: Vec::new(),
            displayed: None,
            tree: None,
            is_styled: false,
        };
        self.pages.push(page);
        (index, reader)
    }

    /// The addresses of a page and of those around it.
    fn outer_urls(&self, page: usize) -> Vec<Url> {
        let outer = |page: &usize| self.pages[*page].frame.as_ref().map(|frame| frame.parent);
        let pages = std::iter::successors(Some(page), outer);
        pages.map(|page| self.pages[page].url.clone()).collect()
    }

    pub(super) fn page(&self, page: usize) -> &Page {
        &self.pages[page]
    }

    pub(super) fn page_mut(&mut self, page: usize) -> &mut Page {
        &mut self.pages[page]
    }

    /// The document of a page says something.
    pub(super) fn found(&mut self, page: usize, found: Found) {
        let file = self.page(page).file;
        match found {
            Found::Start {
                encoding,
                is_quirky,
            } => {
                let page = self.page_mut(page);
                (page.encoding, page.is_quirky) = (encoding, is_quirky);
            }
            Found::Base(url) => self.page_mut(page).base = url,
            Found::File(reference) => {
                self.request(reference, Initiator::Parser, Some(file), Some(page));
            }
            Found::IfDisplayed(conditional) => self.page_mut(page).conditional.push(conditional),
            Found::Frame(frame) => self.frame(page, frame),
            Found::Sheet(link) => self.add_link(page, link),
            Found::Style(style) => self.add_style(page, style),
            Found::Module { script, nonce } => {
                let policies = &self.page(page).policies;
                if policies.allow_inline(Inline::Script, nonce.as_deref(), &script) {
                    let base = self.page(page).base.clone();
                    self.import(&script, &base, page, nonce.as_deref(), file);
                }
            }
            Found::ImportMap(text) => {
                if let Ok(map) = serde_json::from_str(&text) {
                    self.page_mut(page).import_map.merge(map);
                }
            }
            Found::Refresh(refresh) => self.refresh(page, refresh),
            Found::Policy(text) => self.page_mut(page).policies.add_meta(&text),
        }
    }

    /// Another document comes in the place of this one.
    pub(super) fn refresh(&mut self, page: usize, refresh: Refresh) {
        if refresh.delay.as_secs() > MAX_REFRESH_SECONDS {
            return;
        }
        let file = self.page(page).file;
        let frame = self.page(page).frame.clone();
        let purpose = if frame.is_some() {
            Purpose::Frame
        } else {
            Purpose::Document
        };
        let reference = Reference {
            url: refresh.url,
            purpose,
            nonce: None,
        };
        if let Some(next) = self.request(reference, Initiator::Refresh, Some(file), Some(page)) {
            self.states[next].frame = frame;
        }
    }

    fn frame(&mut self, page: usize, frame: Frame) {
        let in_frame = InFrame {
            parent: page,
            node: frame.node,
            size: frame.size,
            has_scripts: frame.has_scripts && self.page(page).has_scripts,
        };
        self.page_mut(page).frames.push(frame.node);
        let file = self.page(page).file;
        match frame.content {
            Content::File(reference) => {
                if let Some(new) =
                    self.request(reference, Initiator::Parser, Some(file), Some(page))
                {
                    self.states[new].frame.get_or_insert(in_frame);
                }
            }
            Content::Text(text) => {
                if self.pages.len() >= self.settings.max_files {
                    self.files_left_out += 1;
                    return;
                }
                let url = self.page(page).base.clone();
                let policies = self.page(page).policies.clone();
                let (_, reader) = self.open_page(file, &url, Some(in_frame), policies, Some(UTF_8));
                reader.feed(text.into_bytes());
            }
        }
    }

    /// The document of a page is read.
    pub(super) fn parsed(&mut self, page: usize, tree: Option<Box<Tree>>) {
        self.under_way -= 1;
        self.page_mut(page).tree = tree.map(Arc::from);
        self.style_if_ready(page);
    }

    /// Finds out what the style of a page needs, once its document and its style sheets are there.
    pub(super) fn style_if_ready(&mut self, index: usize) {
        if let Some(frame) = &self.page(index).frame {
            // Where a frame is not displayed, nothing in it is.
            match &self.page(frame.parent).displayed {
                Some(displayed) if displayed.contains(&frame.node) => {}
                _ => return,
            }
        }
        let shared = self.shared.clone();
        let page = self.page_mut(index);
        let is_ready = page
            .slots
            .iter()
            .all(|slot| slot.is_settled || !slot.applies);
        let Some(tree) = page.tree.clone().filter(|_| is_ready && !page.is_styled) else {
            return;
        };
        page.is_styled = true;
        let viewport = page.viewport;
        let (_, sheets): (Vec<usize>, Vec<Placed>) = page.placed().into_iter().unzip();
        let frames = page.frames.iter().map(|frame| (*frame, false));
        let conditional = page.conditional.iter();
        let conditional = conditional.map(|conditional| (conditional.node, conditional.is_lazy));
        let displayed: HashMap<NodeId, bool> = frames.chain(conditional).collect();
        let has_style_attributes = page.policies.allow_inline(Inline::StyleAttribute, None, "");
        self.under_way += 1;
        tokio::task::spawn_blocking(move || {
            let needs = needs(&Wanted {
                tree: &tree,
                sheets: &sheets,
                viewport,
                has_style_attributes,
                displayed: &displayed,
            });
            let at = shared.start.elapsed();
            let news = News::Styled(index, needs);
            // Nobody who stopped listening is missed: then the load is over.
            drop(shared.reports.blocking_send(Report { file: 0, at, news }));
        });
    }

    pub(super) fn styled(&mut self, index: usize, needs: Needs) {
        self.under_way -= 1;
        self.is_style_cut |= needs.is_cut;
        let placed: Vec<usize> = self
            .page(index)
            .placed()
            .into_iter()
            .map(|(slot, _)| slot)
            .collect();
        for need in needs.files {
            let purpose = if need.is_font {
                Purpose::Font
            } else {
                Purpose::Image
            };
            let page = self.page(index);
            let (base, encoding, from) = match need.sheet {
                Some(sheet) => {
                    let slot = &page.slots[placed[sheet]];
                    let base = slot.base.as_ref().unwrap_or(&page.base);
                    (
                        base,
                        slot.encoding.unwrap_or(page.encoding),
                        slot.file.unwrap_or(page.file),
                    )
                }
                None => (&page.base, page.encoding, page.file),
            };
            if let Some(reference) = Reference::encoded(base, &need.address, purpose, encoding) {
                self.request(reference, Initiator::Style, Some(from), Some(index));
            }
        }
        for conditional in std::mem::take(&mut self.page_mut(index).conditional) {
            if needs.displayed.contains(&conditional.node) {
                self.found(index, *conditional.then);
            }
        }
        // Nothing is asked about it any more.
        self.page_mut(index).tree = None;
        self.page_mut(index).displayed = Some(needs.displayed);
        for inner in 0..self.pages.len() {
            self.style_if_ready(inner);
        }
    }

    /// The file's document says by its fields that another comes in its place.
    pub(super) fn refresh_of(&mut self, page: usize, fields: &HeaderMap) {
        let base = self.page(page).url.clone();
        if let Some(refresh) = crate::load::page::refresh_of_field(fields, &base) {
            self.refresh(page, refresh);
        }
    }
}

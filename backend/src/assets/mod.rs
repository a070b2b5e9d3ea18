//! The browser client: its files, compressed once, and what its document needs.
//!
//! The files are inside the program, or are read from a folder when the server starts. They do
//! not change while it runs: who builds another client into the folder restarts the server.

mod asset;
mod compress;
mod content_security_policy;
mod content_type;
mod document;
mod first_events;
mod folder;
mod html;
mod links;
mod need;
mod page;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use roomcast_shared::prime::PrimeEvent;

use crate::config::BasePath;

pub use asset::{Asset, Representation};
pub(crate) use content_security_policy::WITHOUT_SCRIPTS;
pub use document::Document;
pub use folder::FolderError;
pub(crate) use html::escaped;
pub use need::Need;
pub use page::Page;

/// The paths that are nothing but a page of the client. A room's address is more than that.
pub const CLIENT_ROUTES: [(&str, Page); 3] = [
    ("/", Page::Primes),
    (INDEX, Page::Primes),
    ("/rooms", Page::Rooms),
];

const INDEX: &str = "/index.html";

/// How browsers reach this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By TLS.
    Secure,
    /// Without TLS, or behind a proxy of which we do not know whether it has it.
    Plain,
}

/// Deployment of this server, as far as documents and their cookies depend on it.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// Way in which browsers reach this server.
    pub origin: Origin,
    /// Id of the server among those on its host: letters, digits, - and _. Cookies know no ports (RFC 6265, section
    /// 8.5), so their names carry it: two servers on one host do not overwrite each other's.
    pub server_id: String,
    /// `true` if the certificate was made by this server, so that browsers warn of it.
    pub has_self_signed_certificate: bool,
    /// Prefix of all paths.
    pub base_path: BasePath,
}

impl Deployment {
    /// A deployment over TLS.
    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        Self {
            origin: Origin::Secure,
            server_id: "t".to_owned(),
            has_self_signed_certificate: false,
            base_path: BasePath::default(),
        }
    }
}

/// All files of the client.
#[derive(Debug)]
pub struct Assets {
    files: HashMap<String, Asset>,
    /// In the order of [`Page::ALL`].
    documents: Option<[Document; Page::ALL.len()]>,
    base_path: BasePath,
}

/// Why there is no client to serve.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// The folder cannot be served.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The folder holds something else.
    #[error("{} has no index.html: give the folder that `trunk build --release` made", .0.display())]
    NoDocument(PathBuf),
    /// The document is no text.
    #[error("index.html is not UTF-8 text: build the client again with `trunk build --release`")]
    NotText,
    /// A file could not be compressed.
    #[error("cannot compress {path}: {source}")]
    Compress {
        /// The path of the file's URL.
        path: String,
        /// Why not.
        source: io::Error,
    },
}

/// A file that the build script put into the program.
struct EmbeddedFile {
    path: &'static str,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

// FILES, sorted by path; empty when the client was not built before the server.
include!(concat!(env!("OUT_DIR"), "/client.rs"));

impl Assets {
    /// The client inside the program, with these first events of the default stream in its
    /// document.
    ///
    /// When the client was not built before the server, there is no document: see
    /// [`Assets::document`].
    ///
    /// # Errors
    /// [`AssetsError`] when the document that was built is no text.
    pub fn embedded(
        first_events: &[PrimeEvent],
        deployment: &Deployment,
    ) -> Result<Self, AssetsError> {
        let file = |file: &EmbeddedFile| {
            let asset = Asset::new(
                file.path,
                Bytes::from_static(file.identity),
                file.brotli.map(Bytes::from_static),
                file.gzip.map(Bytes::from_static),
            );
            (file.path.to_owned(), asset)
        };
        let (index, files): (Vec<_>, Vec<_>) = FILES.iter().partition(|file| file.path == INDEX);
        let index = index.first().map(|file| file.identity);
        Self::new(
            files.into_iter().map(file).collect(),
            index,
            first_events,
            deployment,
        )
    }

    /// The client in a folder: reads and compresses all its files, which takes about a second
    /// for each megabyte.
    ///
    /// # Errors
    /// [`AssetsError`] when the folder cannot be read or holds no client.
    pub fn from_dir(
        directory: &Path,
        first_events: &[PrimeEvent],
        deployment: &Deployment,
    ) -> Result<Self, AssetsError> {
        let mut files = HashMap::new();
        let mut index = None;
        for file in folder::read(directory)? {
            if file.path == INDEX {
                index = Some(file.content);
                continue;
            }
            let compressed = compress::compress(&file.path, &file.content).map_err(|source| {
                AssetsError::Compress {
                    path: file.path.clone(),
                    source,
                }
            })?;
            let asset = Asset::compressed(&file.path, file.content, compressed);
            files.insert(file.path, asset);
        }
        let index = index.ok_or_else(|| AssetsError::NoDocument(directory.to_owned()))?;
        Self::new(files, Some(&index), first_events, deployment)
    }

    /// A server that was built before the client.
    #[cfg(test)]
    pub(crate) fn without_client() -> Self {
        Self {
            files: HashMap::new(),
            documents: None,
            base_path: BasePath::default(),
        }
    }

    fn new(
        files: HashMap<String, Asset>,
        index: Option<&[u8]>,
        first_events: &[PrimeEvent],
        deployment: &Deployment,
    ) -> Result<Self, AssetsError> {
        let base_path = deployment.base_path.clone();
        let Some(index) = index else {
            return Ok(Self {
                files,
                documents: None,
                base_path,
            });
        };
        let built = str::from_utf8(index).map_err(|_| AssetsError::NotText)?;
        let document = |page| {
            let hash_of = |path: &str| files.get(base_path.strip(path)?).map(Asset::hash);
            Document::new(built, page, first_events, deployment, hash_of).map_err(|source| {
                AssetsError::Compress {
                    path: INDEX.to_owned(),
                    source,
                }
            })
        };
        let [primes, rooms, room] = Page::ALL.map(document);
        let documents = [primes?, rooms?, room?];
        Ok(Self {
            files,
            documents: Some(documents),
            base_path,
        })
    }

    /// Prefix of all paths in the documents.
    pub(crate) fn base_path(&self) -> &BasePath {
        &self.base_path
    }

    /// The file at the path of a URL, without the base path. The document is not one of them.
    pub fn file(&self, path: &str) -> Option<&Asset> {
        self.files.get(path)
    }

    /// The document of a page; `None` when the client was not built before the server.
    pub fn document(&self, page: Page) -> Option<&Document> {
        let documents = self.documents.as_ref()?;
        documents.get(page.index())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_is_served_with_its_document_apart() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("index.html"),
            "<script src=/a.js></script>",
        )
        .unwrap();
        fs::write(folder.path().join("a.js"), "1").unwrap();

        let assets = Assets::from_dir(folder.path(), &[], &Deployment::for_test()).unwrap();

        assert_eq!(
            assets.document(Page::Primes).unwrap().needs()[0].path(),
            "/a.js"
        );
        assert!(assets.file("/a.js").is_some());
        assert!(assets.file("/index.html").is_none());
        assert!(assets.file("/../a.js").is_none());
    }

    #[test]
    fn a_folder_without_a_document_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let error = Assets::from_dir(folder.path(), &[], &Deployment::for_test()).unwrap_err();
        assert!(error.to_string().contains("has no index.html"), "{error}");
    }

    #[test]
    fn a_document_that_is_no_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), [0xFF, 0xFE]).unwrap();
        let refused = Assets::from_dir(folder.path(), &[], &Deployment::for_test());
        assert!(matches!(refused, Err(AssetsError::NotText)));
    }

    #[test]
    fn the_client_inside_the_program_has_a_document_or_no_files_at_all() {
        let assets = Assets::embedded(&[], &Deployment::for_test()).unwrap();
        assert_eq!(assets.document(Page::Room).is_some(), !FILES.is_empty());
        assert_eq!(assets.files.len(), FILES.len().saturating_sub(1));
    }
}

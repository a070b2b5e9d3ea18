//! Connections as a browser keeps them: one to an origin over HTTP/2, up to six over HTTP/1.1.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Request, Uri, Version};
use roomcast_client::http::{Connection, Error, Options, Pending, Versions, empty};
use tokio::sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::failed::Failed;
use super::limits::HTTP1_CONNECTIONS;
use super::recording::ConnectionRecord;
use super::reference::Purpose;

/// All connections of one load.
pub(super) struct Pool {
    options: Options,
    start: Instant,
    origins: Mutex<HashMap<String, Arc<Origin>>>,
    records: Mutex<Vec<ConnectionRecord>>,
}

/// The connections to one origin.
struct Origin {
    name: String,
    uri: Uri,
    versions: Versions,
    state: AsyncMutex<State>,
    /// Over HTTP/1.1: those that wait for a request.
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

enum State {
    /// Nobody has connected yet, so the version is not known.
    Unknown,
    Http1,
    Http2(Arc<AsyncMutex<Connection>>),
    /// Not to be tried again for each file.
    Failed(Failed),
}

/// The right to send a request on a connection.
pub(super) struct Lease {
    kind: Kind,
    origin: Arc<Origin>,
    /// Whether others used the connection before, so that it may have come to its end meanwhile.
    pub(super) was_used: bool,
}

enum Kind {
    Own(Box<Connection>, OwnedSemaphorePermit),
    Shared(Arc<AsyncMutex<Connection>>),
}

impl Pool {
    pub(super) fn new(options: Options, start: Instant) -> Self {
        Self {
            options,
            start,
            origins: Mutex::default(),
            records: Mutex::default(),
        }
    }

    /// What happened to connections so far.
    pub(super) fn records(&self) -> Vec<ConnectionRecord> {
        lock(&self.records).clone()
    }

    /// Waits until a request for this file can go over a connection: over a new one if it is sent
    /// `again`, as any other may be at its end as well.
    ///
    /// # Errors
    /// Why there is none, in a sentence.
    pub(super) async fn lease(
        &self,
        url: &Url,
        purpose: Purpose,
        again: bool,
    ) -> Result<Lease, Failed> {
        let origin = self.origin(url, purpose)?;
        let mut state = origin.state.lock().await;
        if matches!(*state, State::Unknown) && origin.is_http1_for_certain() {
            *state = State::Http1;
        }
        match &*state {
            State::Failed(error) => return Err(error.clone()),
            State::Http2(connection) => {
                let kind = Kind::Shared(connection.clone());
                drop(state);
                return Ok(Lease::new(kind, origin, true));
            }
            State::Unknown => {
                let connection = match self.open(&origin).await {
                    Ok(connection) => connection,
                    Err(error) => {
                        let failed = Failed::from(error);
                        *state = State::Failed(failed.clone());
                        return Err(failed);
                    }
                };
                if connection.version() == Version::HTTP_2 {
                    let connection = Arc::new(AsyncMutex::new(connection));
                    *state = State::Http2(connection.clone());
                    drop(state);
                    return Ok(Lease::new(Kind::Shared(connection), origin, false));
                }
                lock(&origin.idle).push(connection);
                *state = State::Http1;
            }
            State::Http1 => {}
        }
        drop(state);
        self.lease_http1(origin, again).await
    }

    async fn lease_http1(&self, origin: Arc<Origin>, again: bool) -> Result<Lease, Failed> {
        let permit = origin.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|closed| closed.to_string())?;
        let idle = lock(&origin.idle).pop().filter(|_| !again);
        let (connection, was_used) = if let Some(connection) = idle {
            (connection, true)
        } else {
            (self.open(&origin).await?, false)
        };
        Ok(Lease::new(
            Kind::Own(Box::new(connection), permit),
            origin,
            was_used,
        ))
    }

    /// The origin of a file. That of the document alone has to speak HTTP/2 where that is asked for:
    /// others may not know it, and would fail a page that every browser loads.
    fn origin(&self, url: &Url, purpose: Purpose) -> Result<Arc<Origin>, String> {
        let name = url.origin().ascii_serialization();
        let mut origins = lock(&self.origins);
        if let Some(origin) = origins.get(&name) {
            return Ok(origin.clone());
        }
        let uri = format!("{name}/")
            .parse()
            .map_err(|_| format!("{name} is no address of a server"))?;
        let versions = match self.options.versions {
            Versions::Http2 if purpose != Purpose::Document => Versions::Both,
            versions => versions,
        };
        let origin = Arc::new(Origin {
            name: name.clone(),
            uri,
            versions,
            state: AsyncMutex::new(State::Unknown),
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(HTTP1_CONNECTIONS)),
        });
        origins.insert(name, origin.clone());
        Ok(origin)
    }

    async fn open(&self, origin: &Origin) -> Result<Connection, Error> {
        let index = {
            let mut records = lock(&self.records);
            records.push(ConnectionRecord {
                origin: origin.name.clone(),
                version: None,
                begun_at: self.start.elapsed(),
                open_at: Duration::ZERO,
            });
            records.len() - 1
        };
        let options = Options {
            versions: origin.versions,
            ..self.options.clone()
        };
        let result = Connection::open(&origin.uri, &options).await;
        let mut records = lock(&self.records);
        records[index].open_at = self.start.elapsed();
        records[index].version = result.as_ref().ok().map(Connection::version);
        result
    }
}

impl Origin {
    /// Whether the version is known without asking the server.
    fn is_http1_for_certain(&self) -> bool {
        match self.versions {
            Versions::Http1 => true,
            Versions::Http2 => false,
            Versions::Both => self.uri.scheme_str() == Some("http"),
        }
    }
}

impl Lease {
    fn new(kind: Kind, origin: Arc<Origin>, was_used: bool) -> Self {
        Self {
            kind,
            origin,
            was_used,
        }
    }

    /// Sends a request, and says over which version of HTTP.
    ///
    /// # Errors
    /// The connection takes no request any more.
    pub(super) async fn begin(
        &mut self,
        request: Request<()>,
    ) -> Result<(Pending, Version), Error> {
        let request = request.map(|()| empty());
        match &mut self.kind {
            Kind::Own(connection, _) => Ok((connection.begin(request).await?, Version::HTTP_11)),
            Kind::Shared(connection) => {
                let mut connection = connection.lock().await;
                Ok((connection.begin(request).await?, Version::HTTP_2))
            }
        }
    }

    /// Gives the connection back, after the whole response.
    pub(super) fn give_back(self) {
        if let Kind::Own(connection, permit) = self.kind {
            lock(&self.origin.idle).push(*connection);
            // Only now: whoever waits for it looks for an idle connection at once.
            drop(permit);
        }
    }

    /// Lets nobody have the connection again: it is no good any more.
    pub(super) async fn discard(self) {
        if let Kind::Shared(connection) = &self.kind {
            let mut state = self.origin.state.lock().await;
            if matches!(&*state, State::Http2(current) if Arc::ptr_eq(current, connection)) {
                *state = State::Unknown;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

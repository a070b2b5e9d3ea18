//! Who a request comes from.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderName, StatusCode, header};
use roomcast_shared::person::{PersonId, PersonName};
use serde::Deserialize;

use super::{RoomService, query, sentence};
use crate::connection_limit::subscriber_of;
use crate::handler::problem::Problem;
use crate::middleware::origin::AllowedPage;
use crate::person::Site;
use crate::room::publish::{CountedWith, Sender};

/// The field with the name that a program goes by, in UTF-8.
const NAME: HeaderName = HeaderName::from_static("roomcast-name");

/// Extracts the person behind a request: the one of the cookie, or a new one.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who it is.
    pub id: PersonId,
    /// The name given by `?name=` or the field `Roomcast-Name`.
    pub name: Option<PersonName>,
    /// How their messages are counted.
    pub sender: Sender,
    site: Site,
    is_new: bool,
}

#[derive(Deserialize)]
struct NameQuery {
    name: Option<String>,
}

impl Visitor {
    /// `true` if the request shows no cookie and gives no name: nobody whom others would know.
    pub fn is_nobody(&self) -> bool {
        self.is_new && self.name.is_none()
    }

    /// Lets the browser keep who it is.
    pub fn remember(&self, service: &RoomService, response: &mut Response) {
        if self.is_new {
            let path = service.base_path.cookie_path();
            let cookie = service.people.set_cookie(self.id, self.site, path);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

impl<S> FromRequestParts<S> for Visitor
where
    S: Send + Sync,
    Arc<RoomService>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let service = Arc::<RoomService>::from_ref(state);
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = address.map(|ConnectInfo(address)| subscriber_of(address.ip()));
        let name = name(parts)?;
        let site = match parts.extensions.get::<AllowedPage>() {
            Some(AllowedPage) => Site::Other,
            None => Site::Ours,
        };
        if let Some(id) = service.people.find(&parts.headers) {
            return Ok(Self {
                id,
                name,
                sender: Sender {
                    counted: CountedWith::Themselves(id),
                    address,
                },
                site,
                is_new: false,
            });
        }
        let id = service
            .people
            .create()
            .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, sentence(&error)))?;
        let counted = address.map_or(CountedWith::Themselves(id), CountedWith::Strangers);
        Ok(Self {
            id,
            name,
            sender: Sender { counted, address },
            site,
            is_new: true,
        })
    }
}

fn name(parts: &Parts) -> Result<Option<PersonName>, Problem> {
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let name = if let Some(value) = parts.headers.get(NAME) {
        let name = std::str::from_utf8(value.as_bytes());
        let name = name.map_err(|_| bad("Write Roomcast-Name in UTF-8.".to_owned()))?;
        Some(name.to_owned())
    } else {
        let name = query::<NameQuery>(&parts.uri)?.name;
        // What stands in the place of bytes that are no characters.
        if name.as_ref().is_some_and(|name| name.contains('\u{fffd}')) {
            return Err(bad("Write the name in UTF-8.".to_owned()));
        }
        name
    };
    let Some(name) = name else {
        return Ok(None);
    };
    let name = PersonName::parse(&name).map_err(|error| bad(sentence(&error)))?;
    Ok(Some(name))
}

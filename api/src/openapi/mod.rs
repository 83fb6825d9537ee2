//! The description of the api in OpenAPI 3.1. It is made of the URL table, of what stands at each handler, and of what
//! the middleware answers for all of them (docs/adr/0017-a-description-from-the-url-table.md).

mod answers;
pub(crate) mod examples;
mod lenient;
mod page;
mod refusals;
mod served;
mod time_filter;

use std::sync::LazyLock;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, InfoBuilder, LicenseBuilder, OpenApi, ServerBuilder};

use crate::routes::{URLS, described};

pub(crate) use lenient::LenientNumber;
pub(crate) use page::{PAGE, PageFile};
pub(crate) use refusals::{Detail, Responses, refuse, refuses};
pub(crate) use served::Served;
pub(crate) use time_filter::TimeFilter;

/// The document as it is served. It is made once.
pub(crate) static DOCUMENT: LazyLock<Served> = LazyLock::new(|| {
    let json = serde_json::to_string(&document()).expect("all keys are texts");
    Served::new("application/json", json)
});

const ABOUT: &str = "\
Upload images, and get each of them back in two smaller sizes.

1. Register (`POST /user/register/`) and log in (`POST /user/login/`), which gives a token.
2. Send the token with every request: `Authorization: Token <key>`.
3. Upload a file (`POST /image/`). The answer has a signed URL of the original.
4. Ask for the image until `small` and `medium` are there (`GET /image/{id}/`). They are signed URLs too, and work without a token until they expire.

Every answer is compact JSON in UTF-8 unless it says otherwise, and times are UTC with microseconds. A path that ends with a slash redirects to itself if the slash is missing: `GET` with 301, everything else with 308. `HEAD` answers like `GET` without the body, `OPTIONS` with 204, and any other method that a path does not have with 405; all of them name the methods in `Allow`. An unknown path is 404 `{\"detail\":\"Not found.\"}`.";

const TAGS: [(&str, &str); 6] = [
    ("images", "Upload images, page through them, and delete them."),
    ("account", "Register, log in, and keep an account in order."),
    ("webhooks", "Have the events of one's images posted to a URL (Standard Webhooks)."),
    ("files", "The files behind signed URLs, where the api serves them itself."),
    (
        "operators",
        "See how the service is, and mend it. Only users whom `resizinator user admin` has named may.",
    ),
    ("service", "The state of the service, and this description."),
];

/// The names of the ways to authenticate. Either is enough.
const SCHEMES: [&str; 2] = ["token", "bearer"];

fn document() -> OpenApi {
    let mut document = described();
    document.info = InfoBuilder::new()
        .title("Resizinator")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(
            LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build(),
        ))
        .build();
    // Relative to the address of the document, since a proxy may serve the api under any host.
    document.servers = Some(vec![ServerBuilder::new().url("/").build()]);
    let tags = TAGS.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build());
    document.tags = Some(tags.into());
    let components = document.components.get_or_insert_with(Components::new);
    add_schemes(components);
    answers::add_schemas(components);
    for url in URLS {
        let path = document.paths.paths.get_mut(&url.template());
        let path = path.unwrap_or_else(|| panic!("the handlers of {} name another path", url.path));
        let operations = [&mut path.get, &mut path.post, &mut path.delete];
        for operation in operations.into_iter().flatten() {
            answers::complete(operation, url.access);
        }
    }
    document
}

fn add_schemes(components: &mut Components) {
    let about = "The word `Token`, a space, and the key that `POST /user/login/` gives.";
    let token = ApiKey::Header(ApiKeyValue::with_description("Authorization", about));
    components.add_security_scheme(SCHEMES[0], SecurityScheme::ApiKey(token));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The same key, without the word."));
    components.add_security_scheme(SCHEMES[1], SecurityScheme::Http(bearer.build()));
}

//! The URL table of the api. It serves the paths, and it describes them: a handler without a `#[utoipa::path]` does not
//! compile.

use actix_web::guard::fn_guard;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use utoipa::openapi::OpenApi;

use crate::console;
use crate::handlers::{self, other_method, other_method_of_admin, other_method_of_user, slash, unknown_path};
use crate::metrics::Route;
use crate::middleware::resource;

/// One line of the URL table.
#[derive(Debug, Clone, Copy)]
pub struct Url {
    /// The path, as a pattern of `actix_web::web::resource`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// The methods apart from `OPTIONS`, as the header `Allow` names them.
    pub methods: &'static [&'static str],
}

/// Who may use a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A user with a token, who sees only what is their own.
    User,
    /// An operator with a token: a user whom `resizinator user admin` has named, and who sees what is of all users.
    Admin,
    /// A user with a token, who gets a stream of events.
    Stream,
    /// Anyone: this is how one becomes a user and gets a token.
    Anyone,
    /// Anyone who has a signed URL.
    Signed,
    /// Anyone, with a browser or another program. Such a path has types of its own, and needs no backend.
    Page,
    /// Anyone, if the console is on. Otherwise the path is unknown.
    Console,
    /// Anyone who names `text/html` in `Accept`, if the console is on. Otherwise the path is unknown.
    Home,
    /// Anyone, and supervisors above all.
    Probe,
}

impl Access {
    /// Whether a request needs a token.
    pub fn needs_token(self) -> bool {
        matches!(self, Self::User | Self::Admin | Self::Stream)
    }

    /// Whether requests count for the limits on how often one may ask.
    pub fn is_counted(self) -> bool {
        !matches!(self, Self::Signed | Self::Probe)
    }
}

impl Url {
    /// The path as OpenAPI writes it: `/image/{id}/`, without the pattern of the parameter.
    pub fn template(&self) -> String {
        let mut parts = self.path.split(':');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |path, rest| path + &rest[rest.find('}').unwrap_or(0)..])
    }
}

/// Makes the table and what serves it from the same lines, so that neither has a path that the other lacks.
macro_rules! url_table {
    ($($access:ident $path:literal { $($method:ident => $handler:ident,)+ })+) => {
        /// All paths that are served. Those that end with a slash are also known without it, and redirect.
        pub const URLS: &[Url] = &[$(
            Url { path: $path, access: Access::$access, methods: &[$(stringify!($method)),+] }
        ),+];

        /// The descriptions that stand at the handlers. That of `HEAD` is the one of `GET`.
        pub(crate) fn described() -> OpenApi {
            let mut all = OpenApi::default();
            $($({
                #[derive(utoipa::OpenApi)]
                #[openapi(paths(handlers::$handler::handle))]
                struct Row;
                all.merge(<Row as utoipa::OpenApi>::openapi());
            })+)+
            all
        }

        pub(crate) fn configure(config: &mut ServiceConfig) {
            $(
                let resource = web::resource($path).app_data(Route::of($path))$(.route(method!($method).to(handlers::$handler::handle)))+;
                let allowed = concat!($(stringify!($method), ", ",)+ "OPTIONS");
                config.service(serve!($access resource).wrap(resource::allow(allowed)));
            )+
            let without_slash = URLS.iter().filter_map(|url| url.path.strip_suffix('/')).filter(|path| !path.is_empty()).collect::<Vec<_>>();
            config
                .service(web::resource(without_slash).default_service(web::to(slash::handle)))
                .default_service(web::to(unknown_path::handle));
        }
    };
}

macro_rules! method {
    (GET) => {
        web::get()
    };
    (HEAD) => {
        web::head()
    };
    (POST) => {
        web::post()
    };
    (DELETE) => {
        web::delete()
    };
}

/// What all resources of the same access have around their handlers.
macro_rules! serve {
    (User $resource:ident) => {
        $resource.default_service(web::to(other_method_of_user::handle)).wrap(from_fn(resource::negotiate))
    };
    (Admin $resource:ident) => {
        $resource.default_service(web::to(other_method_of_admin::handle)).wrap(from_fn(resource::negotiate))
    };
    (Stream $resource:ident) => {
        $resource
            .default_service(web::to(other_method_of_user::handle))
            .wrap(from_fn(resource::negotiate_stream))
    };
    (Anyone $resource:ident) => {
        $resource.default_service(web::to(other_method::handle)).wrap(from_fn(resource::negotiate))
    };
    (Signed $resource:ident) => {
        $resource.default_service(web::to(other_method::handle))
    };
    (Page $resource:ident) => {
        $resource.default_service(web::to(other_method::handle))
    };
    (Console $resource:ident) => {
        $resource.guard(fn_guard(console::is_on)).default_service(web::to(other_method::handle))
    };
    (Home $resource:ident) => {
        $resource
            .guard(fn_guard(console::is_on))
            .guard(fn_guard(console::is_for_a_browser))
            .default_service(web::to(other_method::handle))
    };
    (Probe $resource:ident) => {
        $resource.default_service(web::to(other_method::handle))
    };
}

url_table! {
    User "/image/" {
        GET => list_images,
        POST => upload_image,
        HEAD => list_images,
    }
    User "/image/{id:[0-9]+}/" {
        GET => get_image,
        DELETE => delete_image,
        HEAD => get_image,
    }
    User "/image/{id:[0-9]+}/status/" {
        GET => get_status,
        HEAD => get_status,
    }
    User "/image/{id:[0-9]+}/retry/" {
        POST => retry_image,
    }
    User "/image/delete/" {
        POST => delete_images,
    }
    User "/limits/" {
        GET => limits,
        HEAD => limits,
    }
    User "/user/" {
        GET => get_user,
        DELETE => delete_user,
        HEAD => get_user,
    }
    User "/user/logout/" {
        POST => logout,
    }
    User "/user/password/" {
        POST => change_password,
    }
    User "/user/tokens/" {
        GET => list_tokens,
        HEAD => list_tokens,
    }
    User "/user/tokens/{token:[0-9]+}/" {
        DELETE => revoke_token,
    }
    User "/user/webhooks/" {
        GET => list_webhooks,
        POST => register_webhook,
        HEAD => list_webhooks,
    }
    User "/user/webhooks/{webhook:[0-9]+}/" {
        DELETE => delete_webhook,
    }
    User "/user/webhooks/{webhook:[0-9]+}/test/" {
        POST => test_webhook,
    }
    User "/user/webhooks/{webhook:[0-9]+}/deliveries/" {
        GET => list_deliveries,
        HEAD => list_deliveries,
    }
    User "/user/webhooks/{webhook:[0-9]+}/enable/" {
        POST => enable_webhook,
    }
    User "/user/webhooks/{webhook:[0-9]+}/rotate/" {
        POST => rotate_webhook,
    }
    Admin "/admin/overview/" {
        GET => overview,
        HEAD => overview,
    }
    Admin "/admin/retry/" {
        POST => retry_failed,
    }
    Stream "/events/" {
        GET => stream_events,
    }
    Anyone "/user/register/" {
        POST => register,
    }
    Anyone "/user/login/" {
        POST => login,
    }
    Signed "/objects/{key:.*}" {
        GET => objects,
        HEAD => objects,
    }
    Page "/openapi.json" {
        GET => openapi,
        HEAD => openapi,
    }
    Page "/docs/" {
        GET => docs,
        HEAD => docs,
    }
    Page "/docs/{file}" {
        GET => docs_file,
        HEAD => docs_file,
    }
    Home "/" {
        GET => console,
        HEAD => console,
    }
    Console "/console/{version}/{file}" {
        GET => console_file,
        HEAD => console_file,
    }
    Probe "/healthz" {
        GET => healthz,
        HEAD => healthz,
    }
    Probe "/readyz" {
        GET => readyz,
        HEAD => readyz,
    }
}

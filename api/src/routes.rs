//! The URL table of the api.

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};

use crate::handlers::{
    change_password, delete_image, delete_images, delete_user, get_image, get_status, healthz, limits,
    list_images, list_tokens, login, logout, objects, other_method, other_method_of_user, readyz, register,
    retry_image, revoke_token, slash, unknown_path, upload_image,
};
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
    /// Anyone: this is how one becomes a user and gets a token.
    Anyone,
    /// Anyone who has a signed URL.
    Signed,
    /// Anyone, and supervisors above all.
    Probe,
}

/// Makes the table and what serves it from the same lines, so that neither has a path that the other lacks.
macro_rules! url_table {
    ($($access:ident $path:literal { $($method:ident => $handler:path,)+ })+) => {
        /// All paths that are served. Those that end with a slash are also known without it, and redirect.
        pub const URLS: &[Url] = &[$(
            Url { path: $path, access: Access::$access, methods: &[$(stringify!($method)),+] }
        ),+];

        pub(crate) fn configure(config: &mut ServiceConfig) {
            $(
                let resource = web::resource($path)$(.route(method!($method).to($handler)))+;
                let allowed = concat!($(stringify!($method), ", ",)+ "OPTIONS");
                config.service(serve!($access resource).wrap(resource::allow(allowed)));
            )+
            let without_slash = URLS.iter().filter_map(|url| url.path.strip_suffix('/')).collect::<Vec<_>>();
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
    (Anyone $resource:ident) => {
        $resource.default_service(web::to(other_method::handle)).wrap(from_fn(resource::negotiate))
    };
    (Signed $resource:ident) => {
        $resource.default_service(web::to(other_method::handle))
    };
    (Probe $resource:ident) => {
        $resource.default_service(web::to(other_method::handle))
    };
}

url_table! {
    User "/image/" {
        GET => list_images::handle,
        POST => upload_image::handle,
        HEAD => list_images::handle,
    }
    User "/image/{id:[0-9]+}/" {
        GET => get_image::handle,
        DELETE => delete_image::handle,
        HEAD => get_image::handle,
    }
    User "/image/{id:[0-9]+}/status/" {
        GET => get_status::handle,
        HEAD => get_status::handle,
    }
    User "/image/{id:[0-9]+}/retry/" {
        POST => retry_image::handle,
    }
    User "/image/delete/" {
        POST => delete_images::handle,
    }
    User "/limits/" {
        GET => limits::handle,
        HEAD => limits::handle,
    }
    User "/user/" {
        DELETE => delete_user::handle,
    }
    User "/user/logout/" {
        POST => logout::handle,
    }
    User "/user/password/" {
        POST => change_password::handle,
    }
    User "/user/tokens/" {
        GET => list_tokens::handle,
        HEAD => list_tokens::handle,
    }
    User "/user/tokens/{token:[0-9]+}/" {
        DELETE => revoke_token::handle,
    }
    Anyone "/user/register/" {
        POST => register::handle,
    }
    Anyone "/user/login/" {
        POST => login::handle,
    }
    Signed "/objects/{key:.*}" {
        GET => objects::handle,
        HEAD => objects::handle,
    }
    Probe "/healthz" {
        GET => healthz::handle,
        HEAD => healthz::handle,
    }
    Probe "/readyz" {
        GET => readyz::handle,
        HEAD => readyz::handle,
    }
}

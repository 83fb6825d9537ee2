//! The URL table of the api.

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};

use crate::handlers::{
    delete_image, get_image, healthz, list_images, login, objects, other_method, other_method_of_user,
    readyz, register, slash, unknown_path, upload_image,
};
use crate::middleware::resource;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/image/")
                .route(web::get().to(list_images::handle))
                .route(web::head().to(list_images::handle))
                .route(web::post().to(upload_image::handle))
                .default_service(web::to(other_method_of_user::handle))
                .wrap(from_fn(resource::negotiate))
                .wrap(resource::allow("GET, POST, HEAD, OPTIONS")),
        )
        .service(
            web::resource("/image/{id:[0-9]+}/")
                .route(web::get().to(get_image::handle))
                .route(web::head().to(get_image::handle))
                .route(web::delete().to(delete_image::handle))
                .default_service(web::to(other_method_of_user::handle))
                .wrap(from_fn(resource::negotiate))
                .wrap(resource::allow("GET, DELETE, HEAD, OPTIONS")),
        )
        .service(
            web::resource("/user/register/")
                .route(web::post().to(register::handle))
                .default_service(web::to(other_method::handle))
                .wrap(from_fn(resource::negotiate))
                .wrap(resource::allow("POST, OPTIONS")),
        )
        .service(
            web::resource("/user/login/")
                .route(web::post().to(login::handle))
                .default_service(web::to(other_method::handle))
                .wrap(from_fn(resource::negotiate))
                .wrap(resource::allow("POST, OPTIONS")),
        )
        .service(
            web::resource("/objects/{key:.*}")
                .route(web::get().to(objects::handle))
                .route(web::head().to(objects::handle))
                .default_service(web::to(other_method::handle))
                .wrap(resource::allow("GET, HEAD, OPTIONS")),
        )
        .service(
            web::resource("/healthz")
                .route(web::get().to(healthz::handle))
                .route(web::head().to(healthz::handle))
                .default_service(web::to(other_method::handle))
                .wrap(resource::allow("GET, HEAD, OPTIONS")),
        )
        .service(
            web::resource("/readyz")
                .route(web::get().to(readyz::handle))
                .route(web::head().to(readyz::handle))
                .default_service(web::to(other_method::handle))
                .wrap(resource::allow("GET, HEAD, OPTIONS")),
        )
        .service(
            web::resource(["/image", "/image/{id:[0-9]+}", "/user/register", "/user/login"])
                .default_service(web::to(slash::handle)),
        )
        .default_service(web::to(unknown_path::handle));
}

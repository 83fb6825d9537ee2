//! How an endpoint says what it refuses: by the errors that it answers with, so that status, body and headers in the
//! description are those of the answers.

use std::collections::BTreeMap;

use actix_web::ResponseError;
use actix_web::http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, Header, ObjectBuilder, Ref, RefOr, Response};

use crate::error::ApiError;

/// The reason of a refusal, as a sentence.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it is only described")]
pub(crate) struct Detail {
    detail: String,
}

/// The reason why a request about an account is refused, as a sentence.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it is only described")]
pub(super) struct AccountError {
    error: String,
}

/// The reasons why the file of an upload is refused, as sentences.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it is only described")]
pub(super) struct OriginalErrors {
    #[schema(min_items = 1)]
    original: Vec<String>,
}

/// What is wrong with each field or parameter of the request, as sentences.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it is only described")]
pub(super) struct FieldErrors(#[schema(inline)] BTreeMap<String, Vec<String>>);

/// The responses of an operation, by their status.
pub(crate) type Responses = BTreeMap<String, RefOr<Response>>;

/// Names the errors that a handler itself answers with, each with a word that tells it from the others of its status. It
/// makes the type `Refusals`, which stands among the handler's `responses`.
macro_rules! refuses {
    ($($name:literal => $error:expr,)+) => {
        /// The requests that this endpoint refuses.
        pub(crate) struct Refusals;

        impl utoipa::IntoResponses for Refusals {
            fn responses() -> $crate::openapi::Responses {
                let mut responses = std::collections::BTreeMap::new();
                $($crate::openapi::refuse(&mut responses, $name, &$error);)+
                responses
            }
        }
    };
}
pub(crate) use refuses;

/// Adds one error to the responses of an operation.
pub(crate) fn refuse(responses: &mut Responses, name: &str, error: &ApiError) {
    let status = error.status_code();
    let response = responses
        .entry(status.as_str().to_owned())
        .or_insert_with(|| RefOr::T(Response::new(reason(status))));
    let RefOr::T(response) = response else { return };
    let body = error.body();
    let content = response.content.entry("application/json".to_owned());
    let content = content.or_insert_with(|| ContentBuilder::new().build());
    let schema = if body.get("detail").is_some() {
        Ref::from_schema_name(Detail::name())
    } else if body.get("error").is_some() {
        Ref::from_schema_name(AccountError::name())
    } else if body.get("original").is_some() {
        Ref::from_schema_name(OriginalErrors::name())
    } else {
        Ref::from_schema_name(FieldErrors::name())
    };
    content.schema = Some(either(content.schema.take(), RefOr::Ref(schema)));
    let example = ExampleBuilder::new().summary(error.to_string()).value(Some(body)).build();
    content.examples.insert(name.to_owned(), RefOr::T(example));
    if let Some((name, value)) = error.header() {
        let (name, about) = match name.as_str() {
            "retry-after" => ("Retry-After", "After how many seconds the request may be tried again."),
            "www-authenticate" => ("WWW-Authenticate", "The scheme of `Authorization` that is expected."),
            other => (other, ""),
        };
        let kind = if value.parse::<u64>().is_ok() { Type::Integer } else { Type::String };
        response.headers.insert(name.to_owned(), header(kind, about));
    }
}

/// The sentence that says what a status means when a request is refused.
fn reason(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "The request cannot be understood.",
        401 => "The request is not authenticated.",
        403 => "The request is understood, and forbidden.",
        404 => "There is no such thing, or it belongs to another user.",
        406 => "The client does not accept JSON.",
        408 => "The body of the request came too slowly.",
        409 => "The request does not fit the present state.",
        413 => "The body of the request is too large.",
        415 => "The type or the encoding of the body is not one that is read here.",
        422 => "The request is well-formed, and what it asks for cannot be done.",
        429 => "The requests come too often, or there are too many at the same time.",
        500 => "The service is at fault.",
        503 => "The service is overloaded, or a backend is away.",
        _ => "The request is refused.",
    }
}

/// A schema of either of two.
fn either(known: Option<RefOr<Schema>>, other: RefOr<Schema>) -> RefOr<Schema> {
    match known {
        None => other,
        Some(known) if known == other => known,
        Some(RefOr::T(Schema::OneOf(mut one_of))) => {
            if !one_of.items.contains(&other) {
                one_of.items.push(other);
            }
            RefOr::T(Schema::OneOf(one_of))
        }
        Some(known) => RefOr::T(Schema::OneOf(OneOfBuilder::new().item(known).item(other).build())),
    }
}

/// A header of a response.
pub(super) fn header(kind: Type, about: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(SchemaType::Type(kind)).build();
    HeaderBuilder::new().schema(schema).description(Some(about)).build()
}

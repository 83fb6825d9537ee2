//! The parameters that are never refused.

use utoipa::openapi::schema::{AnyOfBuilder, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A number in a query, where any other text counts as its default.
pub(crate) struct LenientNumber;

impl PartialSchema for LenientNumber {
    fn schema() -> RefOr<Schema> {
        let one = |kind| ObjectBuilder::new().schema_type(SchemaType::Type(kind));
        RefOr::T(Schema::AnyOf(AnyOfBuilder::new().item(one(Type::Integer)).item(one(Type::String)).build()))
    }
}

impl ToSchema for LenientNumber {}

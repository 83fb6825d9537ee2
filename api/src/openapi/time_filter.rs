//! The parameters that are times.

use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A time as in RFC 3339, or a date. An empty one is none.
pub(crate) struct TimeFilter;

impl PartialSchema for TimeFilter {
    fn schema() -> RefOr<Schema> {
        let one = |format| {
            ObjectBuilder::new()
                .schema_type(SchemaType::Type(Type::String))
                .format(Some(SchemaFormat::KnownFormat(format)))
        };
        let empty = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).max_length(Some(0));
        let either =
            AnyOfBuilder::new().item(one(KnownFormat::DateTime)).item(one(KnownFormat::Date)).item(empty);
        RefOr::T(Schema::AnyOf(either.build()))
    }
}

impl ToSchema for TimeFilter {}

//! The parameters that are times.

use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A time as in RFC 3339, or a date.
pub(crate) struct TimeFilter;

impl PartialSchema for TimeFilter {
    fn schema() -> RefOr<Schema> {
        let one = |format| {
            ObjectBuilder::new()
                .schema_type(SchemaType::Type(Type::String))
                .format(Some(SchemaFormat::KnownFormat(format)))
        };
        let either = AnyOfBuilder::new().item(one(KnownFormat::DateTime)).item(one(KnownFormat::Date));
        RefOr::T(Schema::AnyOf(either.build()))
    }
}

impl ToSchema for TimeFilter {}

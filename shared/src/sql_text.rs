//! Macros for types that are stored by their names in a text column.

/// Implements `ToSql` for a type, by the text that one of its methods returns.
macro_rules! to_sql_text {
    ($type:ty, $text:ident) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $type
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                self.$text().to_sql(out)
            }
        }
    };
}
pub(crate) use to_sql_text;

/// Implements `FromSql` for a type, by parsing the text. If the text cannot be parsed, the query fails.
macro_rules! from_sql_text {
    ($type:ty) => {
        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $type
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(String::from_sql(value)?.parse()?)
            }
        }
    };
}
pub(crate) use from_sql_text;

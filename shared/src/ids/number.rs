//! The macro that defines types for the whole numbers of a row, and the error that they share.

/// The error for a value that is not a whole number in the range of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a whole number from {lowest} to {highest}")]
pub struct OutOfRange {
    pub(super) found: String,
    pub(super) lowest: i64,
    pub(super) highest: i64,
}

/// Defines a type for a whole number of a row that is not below a lowest value. In JSON it is a plain number, and in
/// SQL it has the given type.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident($integer:ident as $sql_type:ident), from $lowest:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[serde(transparent)]
        #[diesel(sql_type = $sql_type)]
        pub struct $name($integer);

        impl $name {
            /// The plain number.
            pub const fn get(self) -> $integer {
                self.0
            }

            fn out_of_range(found: impl ToString) -> OutOfRange {
                OutOfRange { found: found.to_string(), lowest: $lowest, highest: $integer::MAX.into() }
            }
        }

        impl TryFrom<$integer> for $name {
            type Error = OutOfRange;

            fn try_from(number: $integer) -> Result<Self, OutOfRange> {
                if number >= $lowest { Ok(Self(number)) } else { Err(Self::out_of_range(number)) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = OutOfRange;

            fn from_str(text: &str) -> Result<Self, OutOfRange> {
                text.parse::<$integer>().map_err(|_| Self::out_of_range(text))?.try_into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $integer::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
            }
        }

        impl<DB> diesel::deserialize::FromSql<$sql_type, DB> for $name
        where
            DB: diesel::backend::Backend,
            $integer: diesel::deserialize::FromSql<$sql_type, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok($integer::from_sql(value)?.try_into()?)
            }
        }

        impl<DB> diesel::serialize::ToSql<$sql_type, DB> for $name
        where
            DB: diesel::backend::Backend,
            $integer: diesel::serialize::ToSql<$sql_type, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                self.0.to_sql(out)
            }
        }
    };
}
pub(super) use number;

//! Types of columns that hold types of other crates, and conditions that are spelled as in the partial indexes.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::dsl::sql;
use diesel::expression::{AsExpression, SqlLiteral};
use diesel::sql_types::{BigInt, Bool, Text};
use resizinator_formats::{Format, UnknownFormat};

use crate::image::State;
use crate::sql_text::{from_sql_text, to_sql_text};

/// The format of an original, stored by its name.
#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(super) struct FormatColumn(pub(super) Format);

impl FormatColumn {
    fn name(&self) -> &'static str {
        self.0.name()
    }
}

impl std::str::FromStr for FormatColumn {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        name.parse().map(Self)
    }
}

to_sql_text!(FormatColumn, name);
from_sql_text!(FormatColumn);

/// A number that is never negative. Postgres has no such type, so it is stored as a `BIGINT`.
#[derive(Debug, Clone, Copy, FromSqlRow)]
pub(super) struct Unsigned(pub(super) u32);

impl<DB: Backend> FromSql<BigInt, DB> for Unsigned
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(i64::from_sql(value)?.try_into()?))
    }
}

/// The states of images that clients never see.
pub(super) const HIDDEN: [State; 2] = [State::Receiving, State::Deleted];

/// The names of states in SQL, separated by commas.
pub(super) fn names(states: &[State]) -> String {
    states.iter().map(|state| format!("'{state}'")).collect::<Vec<_>>().join(", ")
}

/// The condition that clients see the image.
pub(super) fn is_shown() -> SqlLiteral<Bool> {
    sql(&format!("state NOT IN ({})", names(&HIDDEN)))
}

/// The condition that the image is in this state, spelled as in the partial indexes of single states. With bind
/// parameters, the database would not know that the index contains all of these rows.
pub(super) fn is_in(state: State) -> SqlLiteral<Bool> {
    sql(&format!("state = '{state}'"))
}

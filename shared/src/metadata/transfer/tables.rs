//! The tables that make up a database.

/// A table that is copied.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The number by which its rows are read page by page.
    pub(super) number: &'static str,
    /// The text that the primary key has beside the number.
    pub(super) text: Option<&'static str>,
    /// Whether the database gives new rows the next id of a sequence.
    pub(super) has_sequence: bool,
}

/// All tables but that of the migrations, and that of the workers that are running, which say so at the target themselves. A
/// table comes after those that it refers to, and after those whose triggers
/// write to it: `users` begins the totals, and `images` counts and announces.
pub(super) const TABLES: [Table; 11] = [
    numbered("users"),
    numbered("tokens"),
    numbered("images"),
    Table { name: "user_totals", number: "user_id", text: None, has_sequence: false },
    numbered("account_events"),
    Table { name: "idempotency_keys", number: "user_id", text: Some("key"), has_sequence: false },
    numbered("image_event_outbox"),
    Table { name: "image_events", number: "id", text: None, has_sequence: false },
    Table { name: "image_event_ids", number: "id", text: None, has_sequence: false },
    numbered("webhooks"),
    numbered("webhook_deliveries"),
];

/// The tables that the migrations leave with rows in them, so that those do not show that a database is in use.
pub(super) const FILLED_BY_MIGRATIONS: [&str; 1] = ["image_event_ids"];

const fn numbered(name: &'static str) -> Table {
    Table { name, number: "id", text: None, has_sequence: true }
}

/// The names of all tables, for a statement that locks them.
pub(super) fn names() -> String {
    TABLES.map(|table| table.name).join(", ")
}

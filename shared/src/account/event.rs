//! The events of an account, which an operator can list.

use std::fmt;

use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::sql_text::to_sql_text;

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Text)]
pub enum AccountEvent {
    /// The user registered, or an operator created the user.
    Created,
    /// A login succeeded.
    Login,
    /// A login failed, since the password was wrong or the user is disabled.
    LoginFailed,
    /// The user ended the use of the token that the request had.
    Logout,
    /// The user ended the use of another token.
    TokenRevoked,
    /// The password was changed, and the tokens were revoked.
    PasswordChanged,
    /// A request to change the password or to delete the user had a valid token and a wrong current password.
    PasswordRefused,
    /// An operator disabled the user.
    Disabled,
    /// An operator enabled the user.
    Enabled,
    /// The user was deleted.
    Deleted,
    /// An operator changed the user's quotas.
    QuotaChanged,
    /// An operator made the user an operator too.
    AdminGranted,
    /// An operator took the rights of an operator from the user.
    AdminRevoked,
}

impl AccountEvent {
    /// The event's name in the database and in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::Logout => "logout",
            Self::TokenRevoked => "token_revoked",
            Self::PasswordChanged => "password_changed",
            Self::PasswordRefused => "password_refused",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Deleted => "deleted",
            Self::QuotaChanged => "quota_changed",
            Self::AdminGranted => "admin_granted",
            Self::AdminRevoked => "admin_revoked",
        }
    }
}

to_sql_text!(AccountEvent, name);

impl fmt::Display for AccountEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

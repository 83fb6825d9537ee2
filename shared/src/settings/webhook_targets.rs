//! The targets that webhooks may have.

/// `RESIZINATOR_WEBHOOK_TARGETS`: which URLs users may name as targets of their webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookTargets {
    /// `https` alone, and hosts whose addresses are all public.
    #[default]
    Public,
    /// `http` too, and any address: for tests, and for networks where every user may reach every service.
    Private,
}

impl WebhookTargets {
    /// Reads `public` or `private`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "public" => Some(Self::Public),
            "private" => Some(Self::Private),
            _ => None,
        }
    }
}

//! What a request of the statement API is about: its verb and the type of its object, never its text.

/// The operations that are told apart in logs and faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum Operation {
    CreateStore,
    UpdateStore,
    DropStore,
    /// `LIST STORES` and a query of the system table.
    ListStores,
    DescribeStore,
    /// Any other statement, also one that cannot be read.
    OtherStatement,
    /// The result of a statement, or one partition of it.
    Poll,
    Version,
}

impl Operation {
    /// Every operation.
    pub(in crate::emulator) const ALL: [Self; 8] = [
        Self::CreateStore,
        Self::UpdateStore,
        Self::DropStore,
        Self::ListStores,
        Self::DescribeStore,
        Self::OtherStatement,
        Self::Poll,
        Self::Version,
    ];

    /// Its name on our command line and in the request log.
    pub(in crate::emulator) fn name(self) -> &'static str {
        match self {
            Self::CreateStore => "create-store",
            Self::UpdateStore => "update-store",
            Self::DropStore => "drop-store",
            Self::ListStores => "list-stores",
            Self::DescribeStore => "describe-store",
            Self::OtherStatement => "other-statement",
            Self::Poll => "poll",
            Self::Version => "version",
        }
    }

    /// Whether it executes a statement.
    pub(in crate::emulator) fn is_statement(self) -> bool {
        !matches!(self, Self::Poll | Self::Version)
    }

    /// Whether a login at the backend of a store is part of it.
    pub(in crate::emulator) fn logs_in(self) -> bool {
        matches!(self, Self::CreateStore | Self::UpdateStore)
    }
}

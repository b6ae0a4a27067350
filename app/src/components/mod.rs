//! The design system: small parts, one per file, styled by `style/components/<file>.css`.
//!
//! Parts are native HTML wherever HTML has them (`<dialog>`, popover, `<details>`). To add one:
//! a file here, a style sheet of the same name, and a `pub use` below.

mod banner;
mod button;
mod checkbox;
mod clock;
mod confirm;
mod connection;
mod copy;
mod dialog;
mod empty;
mod error_summary;
mod failure;
mod field;
mod icon;
mod issues;
mod page_header;
mod popover;
mod provider_icon;
mod publish;
mod relative_time;
mod secret_input;
mod select;
mod skeleton;
mod status_badge;
mod tabs;
mod text_input;
mod toasts;

pub use banner::{Banner, Tone};
pub use button::{Button, ButtonKind, ButtonLink, ButtonSize, IconButton};
pub use checkbox::Checkbox;
pub use clock::{provide_clock, use_now, use_today};
pub use confirm::ConfirmDialog;
pub use connection::{ConnectionNotice, report_offline};
pub use copy::CopyButton;
pub use dialog::Dialog;
pub use empty::EmptyState;
pub use error_summary::{ErrorSummary, FieldLabel};
pub use failure::Failure;
pub use field::{Field, FieldContext};
pub use icon::{Icon, IconName};
pub use issues::{ChangeList, IssueList};
pub use page_header::PageHeader;
pub use popover::{Popover, close_popover};
pub use provider_icon::ProviderIcon;
pub use publish::{Publish, PublishBanner, PublishButton, provide_publish, use_publish};
pub use relative_time::{DueTime, RelativeTime};
pub use secret_input::SecretInput;
pub use select::Select;
pub use skeleton::Skeleton;
pub use status_badge::StatusBadge;
pub use tabs::{TabItem, TabPanel, Tabs};
pub use text_input::{InputKind, TextInput};
pub use toasts::{Toast, ToastRegion, Toasts, provide_toasts, use_toasts};

//! The apps whose inside a lens could show.

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::AppInfo;

use super::Lens;
use crate::format;
use crate::text::Role;

/// Most apps to choose from; connected ones come first.
pub const CHOICES_MAX: usize = 40;

/// Cells of an app's name.
const NAME_CELLS_MAX: usize = 60;

/// An app to choose, escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppChoice {
    /// Which process.
    pub tracer: TracerId,
    /// `catalog`, the service's name.
    pub name: String,
    /// `pid 4711`; the start of the tracer's id where the process is not known.
    pub process: String,
    /// The colour of the service.
    pub role: Role,
    /// Whether it can be asked.
    pub is_connected: bool,
}

impl AppChoice {
    fn of(app: &AppInfo) -> Self {
        let name = match app.run.service_name.as_str() {
            "" => "(no name)",
            name => name,
        };
        Self {
            tracer: app.tracer_id,
            name: format::truncate(&format::escape(name), NAME_CELLS_MAX).into(),
            process: match app.run.pid {
                0 => app.tracer_id.to_string().split_off(24),
                pid => format!("pid {pid}"),
            },
            role: Role::of_service(&app.run.service_name),
            is_connected: app.state == "connected",
        }
    }
}

/// The apps that offer the lens' service or did: connected ones first, else in the order of the
/// list. The one that is `asked` for is always among them, if the hub knows it.
pub fn choices(lens: Lens, apps: &[AppInfo], asked: Option<TracerId>) -> Vec<AppChoice> {
    let is_wanted = |app: &&AppInfo| lens.is_offered_by(app) || asked == Some(app.tracer_id);
    let mut found: Vec<&AppInfo> = apps.iter().filter(is_wanted).collect();
    found.sort_by_key(|app| app.state != "connected");
    let is_beyond =
        |(index, app): &(usize, &&AppInfo)| *index < CHOICES_MAX || asked == Some(app.tracer_id);
    let kept = found.iter().enumerate().filter(is_beyond);
    kept.map(|(_, app)| AppChoice::of(app)).collect()
}

/// The app to show: the one that is asked for, else the first that can be asked.
pub fn chosen(lens: Lens, apps: &[AppInfo], asked: Option<TracerId>) -> Option<TracerId> {
    let first = || {
        let choices = choices(lens, apps, None);
        let live = choices.iter().find(|choice| choice.is_connected);
        live.map(|choice| choice.tracer)
    };
    asked.or_else(first)
}

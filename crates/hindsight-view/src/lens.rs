//! Lenses: views that understand one framework, and which of them there is something to see in.
//!
//! In: the apps that the hub lists with the services they offer, and which lenses have stored spans.
//! Out: the tabs to show ([`tabs`]), the apps to choose from ([`choices`]), and how an app stands to
//! a service ([`Standing`]). Holds: a lens is known by the name of a service and by keys of
//! attributes, here and nowhere else; what apps say is escaped. Bounded: [`CHOICES_MAX`] apps.

mod choice;
pub mod dodeca;
pub mod generic;
pub mod picante;
pub mod roam;
mod standing;

#[cfg(test)]
mod tests;

use hindsight_protocol::hub::AppInfo;

pub use choice::{AppChoice, CHOICES_MAX, choices, chosen};
pub use standing::Standing;

/// The service by which apps describe what they offer. Every traced app has it, without listing it.
pub const INTROSPECTION: &str = "ServiceIntrospection";

/// A view that understands one framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lens {
    /// Calls, channels and connections of roam.
    Roam,
    /// Queries of picante and what they depend on.
    Picante,
    /// Builds of dodeca.
    Dodeca,
}

impl Lens {
    /// All, in the order of their tabs.
    pub const ALL: [Self; 3] = [Self::Roam, Self::Picante, Self::Dodeca];

    /// Its name, as people read it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Roam => "Roam",
            Self::Picante => "Picante",
            Self::Dodeca => "Dodeca",
        }
    }

    /// The roam service with which an app turns it on.
    pub const fn service(self) -> &'static str {
        match self {
            Self::Roam => "RoamIntrospection",
            Self::Picante => "PicanteIntrospection",
            Self::Dodeca => "DodecaIntrospection",
        }
    }

    /// A query for stored spans with its attributes. It tests keys, and the value of one; a hub
    /// leaves out whole segments by it, and stops at the first span if one is asked for.
    pub const fn stored_query(self) -> &'static str {
        match self {
            Self::Roam => "span.rpc.system in (roam, vox)",
            Self::Picante => "exists(span.picante.query) or exists(span.picante.input)",
            Self::Dodeca => "exists(span.dodeca.build) or exists(span.dodeca.phase)",
        }
    }

    /// Whether an app offers its service.
    pub fn is_offered_by(self, app: &AppInfo) -> bool {
        app.services.iter().any(|name| name == self.service())
    }
}

/// The lenses to show tabs of: those that a connected app offers, those with `stored` spans, and the
/// one the reader is at, so that its tab stays when the last app goes.
pub fn tabs(apps: &[AppInfo], stored: &[Lens], here: Option<Lens>) -> Vec<Lens> {
    let is_live = |lens: Lens| {
        let mut connected = apps.iter().filter(|app| app.state == "connected");
        connected.any(|app| lens.is_offered_by(app))
    };
    let all = Lens::ALL.into_iter();
    all.filter(|lens| here == Some(*lens) || stored.contains(lens) || is_live(*lens))
        .collect()
}

//! The colours of a picture, by what they mean.

use crate::text::{Role, SERVICE_COLORS};

use super::frame::Color;

/// Colours by meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// Behind everything.
    pub background: Color,
    /// Behind what lies deeper: minimap, row under the pointer.
    pub sunk: Color,
    /// Thin lines.
    pub rule: Color,
    /// Ordinary text.
    pub text: Color,
    /// Less important text.
    pub dim: Color,
    /// What the viewer has chosen.
    pub accent: Color,
    /// Failures.
    pub bad: Color,
    /// What is well, or runs.
    pub good: Color,
    /// What asks for a look.
    pub warning: Color,
    /// Services, by their place in the palette.
    pub services: [Color; SERVICE_COLORS as usize],
}

impl Theme {
    /// The colour of a piece of text.
    pub fn of(&self, role: Role) -> Color {
        match role {
            Role::Plain | Role::Strong => self.text,
            Role::Dim | Role::Key => self.dim,
            Role::Good => self.good,
            Role::Warning => self.warning,
            Role::Error => self.bad,
            Role::Service(place) => self.services[usize::from(place % SERVICE_COLORS)],
            Role::Heat(_) => self.accent,
        }
    }

    /// The colour of a service's bars.
    pub fn service(&self, service: &str) -> Color {
        self.of(Role::of_service(service))
    }

    /// Behind the selected row.
    pub fn selected(&self) -> Color {
        self.background.mix(self.accent, 0.18)
    }

    /// Behind a row that a search found.
    pub fn found(&self) -> Color {
        self.background.mix(self.warning, 0.16)
    }
}

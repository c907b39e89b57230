//! Dark, light, or as the system has it.
//!
//! The choice stands on the root element, where the style sheet looks, and is kept for the next
//! visit. The canvas reads the same tokens as the style sheet.

use crate::reactive::prelude::*;
use hindsight_view::canvas::{Color, Theme as Colors};

use crate::browser;

const KEY: &str = "hindsight.theme";

/// What the reader chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// What was chosen before.
    pub(crate) fn stored() -> Self {
        let stored = browser::local_storage().and_then(|storage| storage.get_item(KEY).ok()?);
        match stored.as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// Its name, for people and for the style sheet.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn apply(self) {
        let root = browser::document().and_then(|document| document.document_element());
        if let Some(root) = root {
            root.set_attribute("data-theme", self.name()).ok();
        }
        // Where nothing can be stored the choice lasts until the page is left.
        if let Some(storage) = browser::local_storage() {
            storage.set_item(KEY, self.name()).ok();
        }
    }
}

/// The button that goes through the themes.
#[component]
pub(crate) fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(Theme::stored());
    let shown = expect_context::<Shown>().0;
    Effect::new(move || {
        theme.get().apply();
        shown.update(|number| *number += 1);
    });
    view! {
        <button
            type="button"
            class="quiet"
            title="Colours: system, light or dark"
            on:click=move |_| theme.update(|theme| *theme = theme.next())
        >
            {move || format!("Theme: {}", theme.get().name())}
        </button>
    }
}

/// Grows when the colours have changed, by choice or by the system.
#[derive(Clone, Copy)]
struct Shown(RwSignal<u32>);

/// Makes [`shown`] work in everything below; once a page.
pub(crate) fn provide() {
    let shown = RwSignal::new(0);
    provide_context(Shown(shown));
    browser::on_system_theme(move || shown.update(|number| *number += 1));
}

/// Changes with the colours, for who draws with them.
pub(crate) fn shown() -> Signal<u32> {
    expect_context::<Shown>().0.into()
}

/// The colours of the canvas: the style sheet's tokens, which must be registered with `@property`,
/// as of now.
pub(crate) fn colors() -> Colors {
    let mut colors = Colors {
        background: token("--background"),
        sunk: token("--sunk"),
        rule: token("--rule"),
        text: token("--text"),
        dim: token("--dim"),
        accent: token("--accent"),
        bad: token("--bad"),
        good: token("--good"),
        warning: token("--warning"),
        ..Colors::default()
    };
    for (number, color) in colors.services.iter_mut().enumerate() {
        *color = token(&format!("--service-{number}"));
    }
    colors
}

fn token(name: &str) -> Color {
    let root = browser::document().and_then(|document| document.document_element());
    let value = root.and_then(|root| browser::computed(&root, name));
    // Grey can be seen on any background.
    let color = value.as_deref().and_then(Color::parse);
    color.unwrap_or(Color::new(128, 128, 128))
}

//! Dark, light, or as the system has it.
//!
//! The choice stands on the root element, where the style sheet looks, and is kept for the next
//! visit. The canvas reads the same tokens as the style sheet.

use leptos::prelude::*;

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
    Effect::new(move || theme.get().apply());
    view! {
        <button
            type="button"
            class="quiet"
            title="Colours: system, light or dark"
            on:click=move |_| theme.update(|theme| *theme = theme.next())
        >
            {move || theme.get().name()}
        </button>
    }
}

/// The value of a colour token such as `--accent`, resolved for the present theme: for the canvas.
/// The token must be registered with `@property`.
#[expect(dead_code, reason = "the first canvas comes with the waterfall")]
pub(crate) fn token(name: &str) -> Option<String> {
    let root = browser::document()?.document_element()?;
    let style = browser::window()?.get_computed_style(&root).ok()??;
    let value = style.get_property_value(name).ok()?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

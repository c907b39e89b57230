//! A note beside the picture: the span under the pointer, or the row that keys have reached.
//!
//! In: what the worker tells ([`crate::trace::Hint`]). Out: a box over the picture that takes no
//! room and no pointer. Holds: it comes after the pointer has rested, goes at once, and with Escape,
//! after which it does not come back of the same row; for keys it is there only while the picture has the focus. What it says of a selected row, the
//! panel and the sentence for readers of screens say too.

use std::time::Duration;

use crate::reactive::prelude::*;
use leptos::ev::keydown;
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::model::Model;
use super::pieces;
use crate::browser;
use crate::trace::Hint;

/// How long the pointer rests, or no key is pressed, before a note comes.
const REST: Duration = Duration::from_millis(300);
/// Pixels between the note and what it is about.
const GAP_PX: f64 = 4.0;

/// The view.
#[component]
pub(super) fn HintBox(
    model: Model,
    /// Width and height of the picture, in pixels of the page.
    size: Signal<(f64, f64)>,
) -> impl IntoView {
    let shown = RwSignal::new(None::<Hint>);
    // What the reader does not want to be told again.
    let dismissed = RwSignal::new(None::<Hint>);
    let is_dismissed = move |hint: &Hint| {
        let of = dismissed.try_get_untracked().flatten();
        of.is_some_and(|of| is_of_same_row(&of, hint))
    };
    Effect::new(move || {
        let hint = model.hint().get();
        let is_shown = shown.with_untracked(Option::is_some);
        let Some(hint) = hint else {
            dismissed.set(None);
            if is_shown {
                shown.set(None);
            }
            return;
        };
        if is_dismissed(&hint) {
            return;
        }
        dismissed.set(None);
        if is_shown {
            return shown.set(Some(hint));
        }
        spawn_local(async move {
            sleep(REST).await;
            // Still about the same?
            let now = model.hint().try_get_untracked().flatten();
            let stays = now.as_ref().is_some_and(|now| now.top == hint.top);
            if stays && !is_dismissed(&hint) && (!hint.is_of_keys || has_focus()) {
                shown.try_set(now);
            }
        });
    });
    let escape = window_event_listener(keydown, move |event| {
        if event.key() == "Escape" && shown.with_untracked(Option::is_some) {
            dismissed.set(shown.get_untracked());
            shown.set(None);
        }
    });
    on_cleanup(move || escape.remove());
    move || {
        let hint = shown.get()?;
        let scale = browser::window().map_or(1.0, |window| window.device_pixel_ratio());
        let px = |at: f32| f64::from(at) / scale;
        let (width, height) = size.get_untracked();
        let (x, top, bottom) = (px(hint.x), px(hint.top), px(hint.bottom));
        // To the side where there is room.
        let (is_left, is_above) = (x > width / 2.0, bottom > height / 2.0);
        let y = match is_above {
            true => top - GAP_PX,
            false => bottom + GAP_PX,
        };
        let lines = hint.lines.into_iter();
        let lines = lines.map(|line| view! { <p>{pieces(line)}</p> });
        Some(view! {
            <div
                class="hint"
                role="tooltip"
                class:is-left=is_left
                class:is-above=is_above
                style:left=format!("{x:.0}px")
                style:top=format!("{y:.0}px")
            >
                {lines.collect_view()}
            </div>
        })
    }
}

/// Whether both are about one row, whatever has become of its span meanwhile.
fn is_of_same_row(one: &Hint, other: &Hint) -> bool {
    one.top == other.top && one.lines.first() == other.lines.first()
}

/// Whether the picture has the keyboard.
fn has_focus() -> bool {
    let active = browser::document().and_then(|document| document.active_element());
    active.is_some_and(|element| element.tag_name().eq_ignore_ascii_case("canvas"))
}

//! Why the selected query was computed: asked of the app, else found in stored spans.

use hindsight_protocol::introspection::picante::{ExplainRequest, Explanation};
use hindsight_view::lens::picante::{Why, parse_name};
use leptos::task::spawn_local;

use super::{Model, Source};
use crate::browser;
use crate::view::change;

/// Why a query was computed, and who tells.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::view::picante) struct Told {
    pub(in crate::view::picante) name: String,
    pub(in crate::view::picante) why: Why,
    pub(in crate::view::picante) by_app: bool,
    /// What went wrong with the app's answer, if it was asked.
    pub(in crate::view::picante) trouble: String,
}

impl Model {
    /// Finds out why the query of that name was computed.
    pub(super) fn explain(self, name: String) {
        if name.is_empty() {
            return change(self.told, None);
        }
        let source = self.source.get_untracked();
        let query = parse_name(&name);
        let request = ExplainRequest {
            kind: query.kind,
            key: query.key,
            limit: 0,
        };
        spawn_local(async move {
            let mut trouble = String::new();
            let by_app = match source {
                Source::App => {
                    let request = request.clone();
                    let call = self
                        .relayed
                        .call(|client| async move { client.explain(request).await });
                    match call.await {
                        Ok(told) => Some(told),
                        Err(why) => {
                            trouble = why.sentence();
                            None
                        }
                    }
                }
                _ => None,
            };
            let is_asked = self.set.try_with_untracked(|set| set.query == name) == Some(true);
            if !is_asked {
                return;
            }
            let tell = |told: &Explanation| Why::new(told, browser::zone());
            let stored = self.stored.try_get_value().flatten();
            let (why, is_by_app) = match (&by_app, stored) {
                (Some(told), _) => (tell(told), true),
                (None, Some(stored)) => (tell(&stored.explain(&request)), false),
                (None, None) => return,
            };
            let told = Told {
                name,
                why,
                by_app: is_by_app,
                trouble,
            };
            change(self.told, Some(told));
        });
    }
}

//! A service of an app that nobody has made a view for: its methods, forms to call them, answers.
//!
//! In: an app and the name of a service; what the app says of it when it is asked. Out: methods with
//! their signatures, forms, answers as tables and trees, streams as they come. Holds: nothing is called
//! that the app does not allow, and what may change something only when the reader says so twice; an
//! answer stays until the next; what apps say is shown as text. Bounded: by `hindsight_view::lens::generic`,
//! and [`stream::ITEMS_MAX`] items.

use hindsight_protocol::introspection::DescribeServiceRequest;
use hindsight_protocol::{ServiceIntrospectionClient, TracerId};
use hindsight_schema::Method;
use hindsight_view::format;
use hindsight_view::lens::generic::{Consent, MethodSheet, refusal, sheets};
use leptos::task::spawn_local;

use crate::hub::Trouble;
use crate::hub::relay::{Purpose, Relayed};
use crate::reactive::prelude::*;

mod answer;
mod call;
mod fields;
mod stream;

use answer::AnswerView;
use call::Call;
use fields::Fields;
use stream::Items;

/// Cells of a service's documentation.
const DOC_CELLS_MAX: usize = 400;

/// What an app told of a service.
#[derive(Clone, Default, PartialEq)]
struct Told {
    doc: String,
    methods: Vec<MethodSheet>,
    trouble: Option<Trouble>,
}

/// A service of an app.
#[component]
pub(crate) fn ServiceView(
    /// Which app.
    app: Signal<Option<TracerId>>,
    /// The name of its trait.
    service: String,
) -> impl IntoView {
    let told = RwSignal::new(Told::default());
    let methods = RwSignal::new(Vec::<Method>::new());
    let relayed = Relayed::<ServiceIntrospectionClient>::keep(app, Purpose::Calls);
    let (epoch, name) = (relayed.epoch(), service.clone());
    Effect::new(move || {
        if epoch.get() == 0 {
            return;
        }
        let request = DescribeServiceRequest { name: name.clone() };
        spawn_local(async move {
            let call = relayed.call(|client| async move { client.describe_service(request).await });
            match call.await.map(|reply| reply.service) {
                Ok(described) => {
                    let read = described
                        .first()
                        .map(Method::of_service)
                        .unwrap_or_default();
                    let is_none = described.is_empty();
                    let text = "The app does not offer this now.";
                    let doc = described.first().map(|service| service.doc.trim());
                    let doc = format::escape(doc.unwrap_or_default());
                    told.set(Told {
                        doc: format::truncate(&doc, DOC_CELLS_MAX).into_owned(),
                        methods: sheets(&read),
                        trouble: is_none.then(|| Trouble::Said(text.into())),
                    });
                    methods.set(read);
                }
                Err(trouble) => told.update(|told| told.trouble = Some(trouble)),
            }
        });
    });
    let trouble = move || {
        let said = told.with(|told| told.trouble.as_ref().map(Trouble::sentence));
        said.or_else(|| relayed.trouble().get().map(|trouble| trouble.sentence()))
    };
    let each = move || told.with(|told| told.methods.clone());
    let child = move |sheet: MethodSheet| {
        let method = methods.with_untracked(|methods| {
            let mut all = methods.iter();
            all.find(|method| method.name == sheet.key).cloned()
        });
        method.map(|method| view! { <MethodView app method sheet /> })
    };
    view! {
        <p class="about">{move || told.with(|told| told.doc.clone())}</p>
        <p class="about dim" role="status">{trouble}</p>
        <ul class="methods">
            <For each key=|sheet| format!("{sheet:?}") children=child />
        </ul>
    }
}

#[component]
fn MethodView(app: Signal<Option<TracerId>>, method: Method, sheet: MethodSheet) -> impl IntoView {
    let call = Call::new(app, method);
    let may = match (sheet.consent, sheet.is_stream) {
        (Consent::Free, false) => ("good", "may be called"),
        (Consent::Free, true) => ("good", "may be followed"),
        (Consent::Ask, _) => ("warning", "asks first"),
        (Consent::No, _) => ("dim", "may not be called"),
    };
    let doc = sheet.doc.iter().map(|line| view! { <p>{line.clone()}</p> });
    let types = sheet
        .definitions
        .iter()
        .map(|text| view! { <li><code>{text.clone()}</code></li> });
    let types = (!sheet.definitions.is_empty())
        .then(|| view! { <ul class="types" aria-label="Types">{types.collect_view()}</ul> });
    let below = match (sheet.can_be_called(), &sheet.obstacle) {
        (true, _) => view! { <CallView call sheet=sheet.clone() /> }.into_any(),
        (false, Some(obstacle)) => view! { <p class="dim">{obstacle.clone()}</p> }.into_any(),
        (false, None) => view! {
            <p class="dim">
                "The app does not let it be called. Where it exposes the service, it may say: "
                <code>{refusal(&sheet.key)}</code>
            </p>
        }
        .into_any(),
    };
    let about = sheet.doc.first().cloned();
    view! {
        <li>
            <details>
                <summary>
                    <code>{sheet.signature.clone()}</code>
                    <span class=may.0>{may.1}</span>
                    <span class="dim first">{about}</span>
                </summary>
                <div class="method">
                    {doc.collect_view()}
                    {types}
                    {below}
                </div>
            </details>
        </li>
    }
}

/// The form, what is to be said before it is sent, and what came back.
#[component]
fn CallView(call: Call, sheet: MethodSheet) -> impl IntoView {
    let (is_stream, asks) = (sheet.is_stream, sheet.consent == Consent::Ask);
    let is_asking = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        match asks && !is_asking.get_untracked() {
            true => is_asking.set(call.is_filled()),
            false => {
                is_asking.set(false);
                call.start();
            }
        }
    };
    let word = move || match (is_asking.get(), is_stream) {
        (true, _) => "Yes, call it",
        (false, true) => "Follow",
        (false, false) => "Call",
    };
    let question = move || {
        is_asking.get().then(|| {
            view! {
                <span class="warning">"It may change something."</span>
                <button type="button" on:click=move |_| is_asking.set(false)>"No"</button>
            }
        })
    };
    let running = move || {
        call.is_running().get().then(|| view! {
            <span class="dim">{if is_stream { "following" } else { "waiting for the app" }}</span>
            <button type="button" on:click=move |_| call.stop()>"Stop"</button>
        })
    };
    let items = is_stream.then(|| view! { <Items call /> });
    view! {
        <form on:submit=submit aria-label=format!("Call {}", call.title())>
            <Fields call />
            <p class="act">
                <button type="submit" disabled=move || call.is_running().get()>{word}</button>
                {question}
                {running}
                <span class="bad" role="alert">{move || call.trouble().get()}</span>
            </p>
        </form>
        {items}
        <AnswerView call />
    }
}

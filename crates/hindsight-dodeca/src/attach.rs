//! Between `hindsight-picante` and what is known of the site.
//!
//! The site is one of the process, since queries are; a tap or an observer finds it here. Each call takes the
//! site's lock for a moment.

use std::sync::{Arc, Once};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use facet_reflect::Peek;
use hindsight::{AttributeValue, Context, Key, Service, Tracer};
use hindsight_picante::{Access, Adapter, InputChange, Phase};
use hindsight_protocol::introspection::dodeca::attribute;
use hindsight_protocol::introspection::picante::QueryRef;
use hindsight_protocol::{DodecaIntrospectionDispatcher, dodeca_introspection_service_descriptor};
use parking_lot::{Mutex, RwLock};

use crate::keeper::Keeper;
use crate::kind::{self, Input, Role, Subject};
use crate::service::Introspection;
use crate::site::{Ended, InputSet, Site, SiteMeta, Started};
use crate::tap;

/// The site of the process.
static ATTACHED: RwLock<Option<Arc<Attached>>> = RwLock::new(None);
static HOOKS: Once = Once::new();

/// What viewers may call: everything, for nothing changes anything.
const METHODS: [&str; 5] = [
    "get_build_info",
    "list_pages",
    "get_template_stats",
    "explain_change",
    "stream_build_events",
];

/// A site and who looks after it.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) site: Mutex<Site>,
    pub(crate) keeper: Keeper,
    pub(crate) tracer: Tracer,
}

/// What the guard of the program keeps.
#[derive(Debug)]
pub(crate) struct Kept(Arc<Attached>);

impl Kept {
    pub(crate) fn introspection(&self) -> Introspection {
        Introspection::new(&self.0)
    }

    pub(crate) fn finish(&self, flush_timeout: Duration) {
        let is_same = |attached: &Arc<Attached>| Arc::ptr_eq(attached, &self.0);
        let mut current = ATTACHED.write();
        if current.as_ref().is_some_and(is_same) {
            *current = None;
        }
        drop(current);
        self.0.keeper.end();
        self.0.site.lock().end_build(now_ns());
        self.0.tracer.flush_blocking(flush_timeout);
    }
}

pub(crate) fn attach(tracer: &Tracer, meta: SiteMeta) -> Option<Kept> {
    if !tracer.is_enabled() {
        return None;
    }
    let attached = Arc::new(Attached {
        site: Mutex::new(Site::new(meta, tracer.clone())),
        keeper: Keeper::default(),
        tracer: tracer.clone(),
    });
    if let Err(error) = Keeper::begin(&attached) {
        let text = format!("builds end late: no thread looks after them: {error}");
        attached.site.lock().warn(&text);
    }
    *ATTACHED.write() = Some(attached.clone());
    HOOKS.call_once(hook);
    hindsight_picante::install(tracer);
    let descriptor = dodeca_introspection_service_descriptor();
    let dispatcher = DodecaIntrospectionDispatcher::new(Introspection::new(&attached));
    tracer.expose(Service::new(descriptor, dispatcher).read_only(METHODS));
    Some(Kept(attached))
}

fn hook() {
    hindsight_picante::observe(|access| with(|site| observe(site, access)));
    hindsight_picante::adapt(Hooks);
    hindsight_picante::tap("build_tree", |_, value| {
        let tree = tap::tree(value);
        with(|site| site.tree(tree));
    });
    hindsight_picante::tap("build_site", |_, value| {
        let built = tap::built(value);
        with(|site| site.built(built));
    });
    hindsight_picante::tap("process_image", |key, value| {
        if let Some(detail) = tap::image(value) {
            with(|site| site.value_said("process_image", key, detail));
        }
    });
    for kind in ["serve_html", "render_page", "render_section", "parse_file"] {
        hindsight_picante::tap(kind, move |key: &str, value: Peek<'_, '_>| {
            if let Some(error) = tap::page_error(value) {
                with(|site| site.value_failed(kind, key, error));
            }
        });
    }
}

/// The site of the process, if there is one.
pub(crate) fn current() -> Option<Arc<Attached>> {
    ATTACHED.read().clone()
}

/// Does something with the site of the process, if there is one.
pub(crate) fn with(work: impl FnOnce(&mut Site)) {
    let Some(attached) = current() else { return };
    let mut site = attached.site.lock();
    work(&mut site);
    if site.builds.is_open() {
        attached.keeper.wake(&mut site);
    }
}

pub(crate) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}

fn query(kind: &str, key: &str, key_hash: u64) -> QueryRef {
    QueryRef {
        kind: kind.to_owned(),
        key: key.to_owned(),
        key_hash,
    }
}

fn observe(site: &mut Site, access: &Access) {
    let query = query(access.kind, &access.key, access.key_hash);
    if access.phase == Phase::Started {
        return site.started(Started {
            id: access.id,
            parent: access.parent,
            query,
            at_ns: access.started_ns,
        });
    }
    let dependency = |of: &hindsight_picante::Dependency| self::query(of.kind, &of.key, 0);
    site.ended(&Ended {
        id: access.id,
        query,
        at_ns: access.ended_ns,
        outcome: access.outcome.map_or("", |outcome| outcome.as_str()),
        compute_ns: access.compute_ns,
        dependencies: access.dependencies.iter().map(dependency).collect(),
        error: access.error.as_deref().unwrap_or_default().to_owned(),
        trace_id: access.trace_id,
        span_id: access.span_id,
    });
}

/// What picante asks.
struct Hooks;

impl Adapter for Hooks {
    fn root_context(&self, _kind: &'static str, is_input: bool) -> Option<Context> {
        let mut context = None;
        with(|site| context = site.root_context(is_input, now_ns()));
        context
    }

    fn input_changed(&self, change: &InputChange) {
        let set = InputSet {
            query: query(change.kind, &change.key, change.key_hash),
            at_ns: change.at_ns,
            is_removed: change.is_removed,
            trace_id: change.trace_id,
            span_id: change.span_id,
        };
        with(|site| site.input_set(&set));
    }

    fn attributes(&self, kind: &'static str, key: &str) -> Vec<(Key, AttributeValue)> {
        if let Input::File(folder) = kind::input(kind) {
            let path = kind::path_in(folder, &kind::first_text(key));
            return vec![(attribute::SOURCE_PATH.into(), path.into())];
        }
        let Some(meaning) = kind::meaning(kind) else {
            return Vec::new();
        };
        let mut attributes: Vec<(Key, AttributeValue)> = Vec::new();
        if !meaning.phase.is_empty() {
            attributes.push((attribute::PHASE.into(), meaning.phase.into()));
        }
        let name = match (meaning.subject, meaning.role) {
            (Subject::Route, _) => attribute::ROUTE,
            (Subject::Url, _) => attribute::URL,
            (Subject::File("content" | "data"), _) => attribute::SOURCE_PATH,
            (Subject::File(_), _) | (Subject::Site(_), Role::Step) => attribute::ASSET,
            (Subject::Site(_), _) => return attributes,
        };
        let subject = kind::subject_of(meaning, key);
        attributes.push((name.into(), subject.into()));
        attributes
    }
}

//! What an app offers, as far as it is remembered.
//!
//! In: the list that the app told. Out: the same services with their methods, cut. Holds: a name is kept
//! whole or left out with what it names, because a cut name would name something else. Bounded:
//! `services_max` services, `offers_bytes_max` bytes in all; names of services go before methods.

use std::collections::HashSet;

use hindsight_protocol::introspection::{MethodInfo, ServiceInfo};

use super::app::cut_text;
use crate::config::DiscoveryLimits;

/// What a service or method costs beyond its texts.
const ENTRY_BYTES: usize = 32;
/// Most bytes of a line of documentation.
const DOC_BYTES_MAX: usize = 256;

/// What an app offers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Offers {
    pub(crate) services: Vec<ServiceInfo>,
    /// Something was left out.
    pub(crate) cut: bool,
}

impl Offers {
    /// What is remembered of a list.
    pub(crate) fn cut(listed: Vec<ServiceInfo>, limits: &DiscoveryLimits) -> Self {
        let mut room = Room {
            left: limits.offers_bytes_max,
            name_bytes_max: limits.text_bytes_max,
            cut: false,
        };
        let mut names = HashSet::new();
        let mut kept: Vec<(ServiceInfo, Vec<MethodInfo>)> = Vec::new();
        for listed in listed {
            // A second service of the same name could not be asked for.
            if kept.len() == limits.services_max || !names.insert(listed.name.clone()) {
                room.cut = true;
                continue;
            }
            if let Some((name, doc)) = room.entry(listed.name, &listed.doc) {
                let service = ServiceInfo {
                    name,
                    doc,
                    methods: Vec::new(),
                };
                kept.push((service, listed.methods));
            }
        }
        let with_methods = |(mut service, methods): (ServiceInfo, Vec<MethodInfo>)| {
            let methods = methods.into_iter();
            service.methods = methods.filter_map(|method| room.method(method)).collect();
            service
        };
        let services = kept.into_iter().map(with_methods).collect();
        Self {
            services,
            cut: room.cut,
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.services.iter().map(|s| s.name.clone()).collect()
    }

    pub(crate) fn has(&self, service: &str) -> bool {
        self.services.iter().any(|offer| offer.name == service)
    }
}

/// What is left to be filled.
struct Room {
    left: usize,
    name_bytes_max: usize,
    cut: bool,
}

impl Room {
    fn take(&mut self, bytes: usize) -> Option<()> {
        match self.left.checked_sub(bytes + ENTRY_BYTES) {
            Some(left) => self.left = left,
            None => {
                self.cut = true;
                return None;
            }
        }
        Some(())
    }

    fn is_name(&mut self, name: &str) -> bool {
        let fits = (1..=self.name_bytes_max).contains(&name.len());
        self.cut |= !fits;
        fits
    }

    /// A name and the first line of its documentation.
    fn entry(&mut self, name: String, doc: &str) -> Option<(String, String)> {
        if !self.is_name(&name) {
            return None;
        }
        let mut lines = doc.lines().map(str::trim);
        let mut doc = lines
            .find(|line| !line.is_empty())
            .unwrap_or_default()
            .to_owned();
        self.cut |= cut_text(&mut doc, DOC_BYTES_MAX);
        self.take(name.len() + doc.len())?;
        Some((name, doc))
    }

    fn method(&mut self, method: MethodInfo) -> Option<MethodInfo> {
        let arguments = method.argument_names.iter();
        let bytes: usize = arguments.map(|name| name.len() + ENTRY_BYTES).sum();
        self.take(bytes)?;
        let (name, doc) = self.entry(method.name, &method.doc)?;
        Some(MethodInfo {
            name,
            doc,
            arguments_schema: Vec::new(),
            answer_schema: Vec::new(),
            ..method
        })
    }
}

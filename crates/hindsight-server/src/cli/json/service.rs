//! A service of an app.

use hindsight_protocol::introspection::{MethodInfo, ServiceInfo};
use serde::Serialize;

/// One element of `services`.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceJson<'a> {
    service: &'a str,
    doc: &'a str,
    methods: Vec<MethodJson<'a>>,
}

#[derive(Debug, Serialize)]
struct MethodJson<'a> {
    method: &'a str,
    id: String,
    arguments: &'a [String],
    doc: &'a str,
    callable: bool,
    read_only: bool,
}

impl<'a> From<&'a ServiceInfo> for ServiceJson<'a> {
    fn from(service: &'a ServiceInfo) -> Self {
        Self {
            service: &service.name,
            doc: &service.doc,
            methods: service.methods.iter().map(MethodJson::from).collect(),
        }
    }
}

impl<'a> From<&'a MethodInfo> for MethodJson<'a> {
    fn from(method: &'a MethodInfo) -> Self {
        Self {
            method: &method.name,
            id: format!("{:016x}", method.id),
            arguments: &method.argument_names,
            doc: &method.doc,
            callable: method.callable,
            read_only: method.is_read_only,
        }
    }
}

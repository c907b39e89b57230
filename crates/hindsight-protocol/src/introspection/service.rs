//! `ServiceIntrospection`: what any app tells about the roam services it offers.

use facet::Facet;

/// Nothing to say yet.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListServicesRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// The services an app offers.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListServicesReply {
    /// Without the shapes.
    #[facet(default)]
    pub services: Vec<ServiceInfo>,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ServiceInfo {
    /// Name of the trait.
    #[facet(default)]
    pub name: String,
    /// Its documentation.
    #[facet(default)]
    pub doc: String,
    /// Its methods.
    #[facet(default)]
    pub methods: Vec<MethodInfo>,
}

/// A method of a service.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct MethodInfo {
    /// Name of the method.
    #[facet(default)]
    pub name: String,
    /// roam's id of it.
    #[facet(default)]
    pub id: u64,
    /// Its documentation.
    #[facet(default)]
    pub doc: String,
    /// Names of the arguments.
    #[facet(default)]
    pub argument_names: Vec<String>,
    /// roam's schema of the arguments as a tuple; empty in a list.
    #[facet(default)]
    pub arguments_schema: Vec<u8>,
    /// roam's schema of the answer; empty in a list.
    #[facet(default)]
    pub answer_schema: Vec<u8>,
    /// Whether the app lets viewers call it.
    #[facet(default)]
    pub callable: bool,
    /// Whether the app says that a call changes nothing: a viewer makes it without asking first.
    #[facet(default)]
    pub is_read_only: bool,
}

/// Which service.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct DescribeServiceRequest {
    /// Name of the trait.
    #[facet(default)]
    pub name: String,
}

/// The service, or none.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct DescribeServiceReply {
    /// One element, or none when there is no such service.
    #[facet(default)]
    pub service: Vec<ServiceInfo>,
}

/// Which method.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct HasMethodRequest {
    /// roam's method id.
    #[facet(default)]
    pub id: u64,
}

/// Whether it is offered.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct HasMethodReply {
    /// Whether it is.
    #[facet(default)]
    pub offered: bool,
}

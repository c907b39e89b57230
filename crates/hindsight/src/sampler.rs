//! Head sampling: whether a new span is recorded, decided from its parent and its trace id.

use hindsight_protocol::TraceId;

use crate::Context;

/// Which traces are recorded.
///
/// A span that is not recorded still has a context, with the sampled flag off, so that the processes
/// it calls decide alike.
#[derive(Clone, Debug, PartialEq)]
pub enum Sampler {
    /// All.
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// This fraction of all traces, by trace id: every process that uses it decides alike.
    TraceIdRatio(f64),
    /// As the parent's flag says; the inner sampler decides for roots.
    ParentBased(Box<Sampler>),
}

impl Default for Sampler {
    /// Parent-based, all roots.
    fn default() -> Self {
        Self::ParentBased(Box::new(Self::AlwaysOn))
    }
}

impl Sampler {
    pub(crate) fn samples(&self, trace_id: TraceId, parent: Option<&Context>) -> bool {
        match self {
            Self::AlwaysOn => true,
            Self::AlwaysOff => false,
            Self::TraceIdRatio(ratio) => below(trace_id, *ratio),
            Self::ParentBased(root) => match parent {
                Some(parent) => parent.is_sampled(),
                None => root.samples(trace_id, None),
            },
        }
    }

    /// Whether any span at all may be recorded.
    pub(crate) fn may_record(&self) -> bool {
        match self {
            Self::AlwaysOn => true,
            Self::AlwaysOff => false,
            Self::TraceIdRatio(ratio) => *ratio > 0.0,
            // A remote parent may be sampled, whatever is decided for roots.
            Self::ParentBased(_) => true,
        }
    }

    /// Reads `OTEL_TRACES_SAMPLER` and its argument; none if the name is not known.
    pub(crate) fn from_env(name: &str, argument: Option<&str>) -> Option<Self> {
        let ratio = || {
            let ratio = argument.and_then(|text| text.parse().ok());
            Self::TraceIdRatio(ratio.unwrap_or(1.0))
        };
        let (parent_based, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name),
        };
        let sampler = match root {
            "always_on" => Self::AlwaysOn,
            "always_off" => Self::AlwaysOff,
            "traceidratio" => ratio(),
            _ => return None,
        };
        Some(match parent_based {
            true => Self::ParentBased(Box::new(sampler)),
            false => sampler,
        })
    }
}

/// Whether the trace id's last 56 bits, which are random, lie within the lowest `ratio` of all.
fn below(trace_id: TraceId, ratio: f64) -> bool {
    let random = trace_id.low & ((1 << 56) - 1);
    (random as f64) < ratio * (1u64 << 56) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_keeps_about_that_part_of_all_traces() {
        let sampler = Sampler::TraceIdRatio(0.25);
        let ids = (0..10_000).map(|_| crate::random::root_ids().0);
        let kept = ids.filter(|id| sampler.samples(*id, None)).count();
        assert!((2_200..2_800).contains(&kept), "{kept} of 10000");
        let id = crate::random::root_ids().0;
        assert!(Sampler::TraceIdRatio(1.0).samples(id, None));
        assert!(!Sampler::TraceIdRatio(0.0).samples(id, None));
    }

    #[test]
    fn the_names_of_the_environment_variable_are_those_of_opentelemetry() {
        let check = |name, argument, expected| {
            assert_eq!(Sampler::from_env(name, argument), expected, "{name}");
        };
        check("always_on", None, Some(Sampler::AlwaysOn));
        check("always_off", None, Some(Sampler::AlwaysOff));
        check(
            "traceidratio",
            Some("0.5"),
            Some(Sampler::TraceIdRatio(0.5)),
        );
        let parent_based = |root| Some(Sampler::ParentBased(Box::new(root)));
        check(
            "parentbased_always_on",
            None,
            parent_based(Sampler::AlwaysOn),
        );
        let ratio = parent_based(Sampler::TraceIdRatio(0.1));
        check("parentbased_traceidratio", Some("0.1"), ratio);
        check("jaeger_remote", None, None);
    }
}

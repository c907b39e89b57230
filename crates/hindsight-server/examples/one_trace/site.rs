//! The site: a build in the shape of dodeca's, on one thread.

use std::time::Duration;

use hindsight::Tracer;
use hindsight_dodeca::SiteMeta;
use hindsight_dodeca_shape::Steps;

use super::services::{Site, SiteDispatcher};
use super::{Error, part};

#[derive(Clone)]
struct Builds;

impl Site for Builds {
    async fn build(&self) -> u64 {
        let site = hindsight_dodeca_shape::Site::small();
        let built = hindsight_dodeca_shape::build(&site, Steps::default()).await;
        built.map_or(0, |build| build.pages as u64)
    }
}

/// Answers until the standard input ends.
pub async fn serve() -> Result<(), Error> {
    let tracer = Tracer::builder().service_name("site").connect().await?;
    hindsight_roam::introspect(&tracer);
    let meta = SiteMeta {
        name: "example".into(),
        output: String::new(),
    };
    let _attached = hindsight_dodeca::attach(&tracer, meta);
    part::serve(|lane| hindsight_roam::serve(lane, SiteDispatcher::new(Builds))).await?;
    tracer.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

//! `picante`: what watching queries costs, next to plain picante in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hindsight::Tracer;

use crate::Scale;
use crate::figure::{Figure, median};
use crate::role::{Played, Role};

/// Nanoseconds of one access each.
struct Costs {
    /// A value that is there, asked for by the program.
    hit: f64,
    /// The same, asked for by a query.
    nested: f64,
    /// Two queries and an input found unchanged in a new revision.
    revalidate: f64,
    /// Two queries computed.
    compute: f64,
}

/// The same program for picante and for the facade.
macro_rules! program {
    ($name:ident, $picante:ident) => {
        mod $name {
            use std::sync::Arc;

            use $picante::{
                DerivedIngredient, DynIngredient, HasRuntime, IngredientLookup, IngredientRegistry,
                InputIngredient, QueryKindId, Runtime,
            };

            use super::*;

            #[derive(Default)]
            struct Db {
                runtime: Runtime,
                ingredients: IngredientRegistry<Db>,
            }

            impl HasRuntime for Db {
                fn runtime(&self) -> &Runtime {
                    &self.runtime
                }
            }

            impl IngredientLookup for Db {
                fn ingredient(&self, kind: QueryKindId) -> Option<&dyn DynIngredient<Self>> {
                    self.ingredients.ingredient(kind)
                }
            }

            /// Hits of one query.
            const NESTED: u64 = 1000;

            pub(super) async fn costs(rounds: u32, pause: Duration) -> anyhow::Result<Costs> {
                let mut db = Db::default();
                let text = InputIngredient::<String, String>::new(QueryKindId(1), "text");
                let text = Arc::new(text);
                let lines = Arc::new(DerivedIngredient::<Db, String, u64>::new(
                    QueryKindId(2),
                    "lines",
                    {
                        let text = text.clone();
                        move |db, key| {
                            let text = text.clone();
                            Box::pin(async move {
                                let text = text.get(db, &key)?.unwrap_or_default();
                                Ok(text.lines().count() as u64)
                            })
                        }
                    },
                ));
                let double = Arc::new(DerivedIngredient::<Db, String, u64>::new(
                    QueryKindId(3),
                    "double",
                    {
                        let lines = lines.clone();
                        move |db, key| {
                            let lines = lines.clone();
                            Box::pin(async move { Ok(2 * lines.get(db, key).await?) })
                        }
                    },
                ));
                let many = Arc::new(DerivedIngredient::<Db, u64, u64>::new(
                    QueryKindId(4),
                    "many",
                    {
                        let double = double.clone();
                        move |db, _| {
                            let double = double.clone();
                            Box::pin(async move {
                                let begun = Instant::now();
                                for _ in 0..NESTED {
                                    black_box(double.get(db, "a.md".to_owned()).await?);
                                }
                                Ok(begun.elapsed().as_nanos() as u64)
                            })
                        }
                    },
                ));
                db.ingredients.register(text.clone());
                db.ingredients.register(lines.clone());
                db.ingredients.register(double.clone());
                db.ingredients.register(many.clone());
                let key = || "a.md".to_owned();
                let error = |error: Arc<$picante::PicanteError>| anyhow::anyhow!("{error}");
                text.set(&db, key(), "one".to_owned());
                double.get(&db, key()).await.map_err(error)?;

                let (mut hit, mut nested) = (Vec::new(), Vec::new());
                let (mut revalidate, mut compute) = (Vec::new(), Vec::new());
                for round in 0..rounds {
                    let begun = Instant::now();
                    for _ in 0..1000 {
                        black_box(double.get(&db, key()).await.map_err(error)?);
                    }
                    hit.push(begun.elapsed().as_nanos() as f64 / 1000.0);
                    let taken = many.get(&db, u64::from(round)).await.map_err(error)?;
                    nested.push(taken as f64 / NESTED as f64);
                    let mut taken = Duration::ZERO;
                    for other in 0..100 {
                        text.set(&db, "b.md".to_owned(), format!("{round} {other}"));
                        let begun = Instant::now();
                        black_box(double.get(&db, key()).await.map_err(error)?);
                        taken += begun.elapsed();
                    }
                    revalidate.push(taken.as_nanos() as f64 / 100.0);
                    let mut taken = Duration::ZERO;
                    for other in 0..100 {
                        text.set(&db, key(), "\n".repeat(other + 1));
                        let begun = Instant::now();
                        black_box(double.get(&db, key()).await.map_err(error)?);
                        taken += begun.elapsed();
                    }
                    compute.push(taken.as_nanos() as f64 / 100.0);
                    // Time for the exporter.
                    std::thread::park_timeout(pause);
                }
                Ok(Costs {
                    hit: median(hit),
                    nested: median(nested),
                    revalidate: median(revalidate),
                    compute: median(compute),
                })
            }
        }
    };
}

program!(plain, picante);
program!(facade, hindsight_picante);

pub(crate) fn run(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let hub = Played::start(Role::Hub)?;
    let address = hub.addresses.get(1).context("no address")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let rounds = scale.pick(300, 3);
    let pause = Duration::from_millis(2);
    let plain = runtime.block_on(plain::costs(rounds, pause))?;
    let off = runtime.block_on(facade::costs(rounds, pause))?;
    let builder = Tracer::builder().endpoint(format!("tcp://{address}"));
    let tracer = runtime.block_on(builder.service_name("bench").connect())?;
    hindsight_picante::install(&tracer);
    let on = runtime.block_on(facade::costs(rounds, pause))?;
    let figure =
        |name, value, reference| Figure::new(name, value, "ns").against(reference, "plain picante");
    Ok(vec![
        figure("picante.hit", on.hit, plain.hit),
        figure("picante.hit.nested", on.nested, plain.nested),
        figure("picante.hit.off", off.hit, plain.hit),
        figure("picante.revalidate", on.revalidate, plain.revalidate),
        figure("picante.revalidate.off", off.revalidate, plain.revalidate),
        figure("picante.compute", on.compute, plain.compute),
        figure("picante.compute.off", off.compute, plain.compute),
    ])
}

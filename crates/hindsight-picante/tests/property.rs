//! Random programs: the facade answers as plain picante does, and tells exactly what a naive model of picante's
//! rules says must run, and why.
//!
//! Apart from `it`, which has the facade under picante's name: here both are needed.

use std::sync::{Arc, LazyLock, Mutex};

use hindsight_picante::{Access, Introspection, Op, Outcome, Phase};
use hindsight_protocol::introspection::picante::{ExplainRequest, PicanteIntrospection};
use proptest::prelude::*;

/// Something that is read: an input, or a query with a lower number.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Read {
    Input(u32),
    Query(u32),
}

#[derive(Clone, Debug)]
struct Query {
    reads: Vec<Read>,
    /// Large ones make values that often stay the same.
    divisor: i64,
    /// Stops reading at the first odd sum, so that dependencies differ from run to run.
    is_hasty: bool,
}

type Program = Arc<Vec<Query>>;

#[derive(Clone, Debug)]
enum Step {
    Set(u32, i64),
    Ask(u32),
}

const INPUTS: u32 = 3;

/// A query before its reads are known to be there.
type Raw = (Vec<(bool, u32)>, i64, bool);

fn program() -> impl Strategy<Value = Vec<Query>> {
    let read = (any::<bool>(), 0..100_u32);
    let query = (prop::collection::vec(read, 1..4), 1..4_i64, any::<bool>());
    prop::collection::vec(query, 1..7).prop_map(|queries| {
        let queries = queries.into_iter().enumerate();
        let query = |(at, (reads, divisor, is_hasty)): (usize, Raw)| Query {
            reads: reads
                .into_iter()
                .map(|(is_query, number)| match (is_query, at as u32) {
                    (true, 1..) => Read::Query(number % at as u32),
                    _ => Read::Input(number % INPUTS),
                })
                .collect(),
            divisor,
            is_hasty,
        };
        queries.map(query).collect()
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..INPUTS, 0..6_i64).prop_map(|(input, value)| Step::Set(input, value)),
        (0..100_u32).prop_map(Step::Ask),
    ];
    prop::collection::vec(step, 1..25)
}

/// The program's database, in picante and in the facade.
macro_rules! database {
    ($name:ident, $picante:ident) => {
        mod $name {
            use std::sync::{Arc, OnceLock};

            use $picante::{
                DerivedIngredient, DynIngredient, HasRuntime, IngredientLookup, IngredientRegistry,
                InputIngredient, QueryKindId, Runtime,
            };

            use super::{Program, Read};

            pub(super) struct Db {
                runtime: Runtime,
                ingredients: IngredientRegistry<Db>,
                program: Program,
                inputs: Arc<InputIngredient<u32, i64>>,
                queries: OnceLock<Arc<DerivedIngredient<Db, u32, i64>>>,
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

            impl Db {
                pub(super) fn new(program: Program) -> Self {
                    let inputs = Arc::new(InputIngredient::new(QueryKindId(1), "input"));
                    let mut ingredients = IngredientRegistry::new();
                    ingredients.register(inputs.clone());
                    let queries =
                        DerivedIngredient::new(QueryKindId(2), "query", |db: &Db, query| {
                            Box::pin(db.compute(query))
                        });
                    let queries = Arc::new(queries);
                    ingredients.register(queries.clone());
                    Self {
                        runtime: Runtime::new(),
                        ingredients,
                        program,
                        inputs,
                        queries: OnceLock::from(queries),
                    }
                }

                async fn compute(&self, query: u32) -> $picante::PicanteResult<i64> {
                    let query = &self.program[query as usize];
                    let mut sum = 0;
                    for read in &query.reads {
                        sum += match read {
                            Read::Input(input) => self.inputs.get(self, input)?.unwrap_or(0),
                            Read::Query(query) => self.ask(*query).await?,
                        };
                        if query.is_hasty && sum % 2 == 1 {
                            break;
                        }
                    }
                    Ok(sum / query.divisor)
                }

                pub(super) async fn ask(&self, query: u32) -> $picante::PicanteResult<i64> {
                    let queries = self.queries.get().expect("made with it");
                    queries.get(self, query).await
                }

                pub(super) fn set(&self, input: u32, value: i64) {
                    self.inputs.set(self, input, value);
                }
            }
        }
    };
}

database!(plain, picante);
database!(facade, hindsight_picante);

/// picante's rules, naively.
#[derive(Default)]
struct Model {
    program: Program,
    revision: u64,
    /// Value, and revision of the last change.
    inputs: [(Option<i64>, u64); INPUTS as usize],
    queries: Vec<Option<Record>>,
    /// Accesses that ended, other than hits.
    ended: Vec<(Op, u32, Outcome)>,
}

#[derive(Clone)]
struct Record {
    value: i64,
    verified_at: u64,
    changed_at: u64,
    reads: Vec<Read>,
    /// What made it run the last time.
    because: Option<Read>,
}

impl Model {
    fn set(&mut self, input: u32, value: i64) {
        let entry = &mut self.inputs[input as usize];
        if entry.0 != Some(value) {
            self.revision += 1;
            *entry = (Some(value), self.revision);
        }
    }

    fn access(&mut self, op: Op, query: u32) -> Record {
        let revision = self.revision;
        let before = self.queries[query as usize].clone();
        if let Some(record) = before
            .as_ref()
            .filter(|record| record.verified_at == revision)
        {
            return record.clone();
        }
        let because = before
            .as_ref()
            .and_then(|record| self.first_changed(record));
        let (record, outcome) = match before {
            Some(record) if because.is_none() => {
                let record = Record {
                    verified_at: revision,
                    ..record
                };
                (record, Outcome::Validated)
            }
            before => self.computed(query, before, because),
        };
        self.queries[query as usize] = Some(record.clone());
        self.ended.push((op, query, outcome));
        record
    }

    fn first_changed(&mut self, record: &Record) -> Option<Read> {
        let changed_at = |model: &mut Self, read: &Read| match read {
            Read::Input(input) => model.inputs[*input as usize].1,
            Read::Query(query) => model.access(Op::Touch, *query).changed_at,
        };
        let mut reads = record.reads.iter();
        reads
            .find(|read| changed_at(self, read) > record.changed_at)
            .copied()
    }

    fn computed(
        &mut self,
        query: u32,
        before: Option<Record>,
        because: Option<Read>,
    ) -> (Record, Outcome) {
        let program = self.program.clone();
        let of = &program[query as usize];
        let (mut sum, mut reads) = (0, Vec::new());
        for read in &of.reads {
            reads.push(*read);
            sum += match read {
                Read::Input(input) => self.inputs[*input as usize].0.unwrap_or(0),
                Read::Query(query) => self.access(Op::Get, *query).value,
            };
            if of.is_hasty && sum % 2 == 1 {
                break;
            }
        }
        let value = sum / of.divisor;
        let same = before.filter(|before| before.value == value);
        let record = Record {
            value,
            verified_at: self.revision,
            changed_at: same
                .as_ref()
                .map_or(self.revision, |before| before.changed_at),
            reads,
            because,
        };
        match same {
            Some(_) => (record, Outcome::ComputedUnchanged),
            None => (record, Outcome::ComputedChanged),
        }
    }
}

static ENDED: LazyLock<Mutex<Vec<Access>>> = LazyLock::new(|| {
    hindsight_picante::observe(|access| {
        let is_told = access.phase == Phase::Ended && access.outcome != Some(Outcome::Hit);
        if is_told {
            ENDED.lock().expect("sound").push(access.clone());
        }
    });
    Mutex::default()
});

async fn run(program: Vec<Query>, steps: Vec<Step>) -> Result<(), TestCaseError> {
    LazyLock::force(&ENDED);
    let program = Program::new(program);
    let (plain, facade) = (
        plain::Db::new(program.clone()),
        facade::Db::new(program.clone()),
    );
    let mut model = Model {
        queries: vec![None; program.len()],
        program: program.clone(),
        ..Model::default()
    };
    for step in steps {
        let query = match step {
            Step::Set(input, value) => {
                plain.set(input, value);
                facade.set(input, value);
                model.set(input, value);
                continue;
            }
            Step::Ask(query) => query % program.len() as u32,
        };
        let expected = model.access(Op::Get, query);
        let plain = plain.ask(query).await.expect("no errors");
        let answer = facade.ask(query).await.expect("no errors");
        prop_assert_eq!((answer, plain), (expected.value, expected.value));
        let told: Vec<Access> = std::mem::take(&mut *ENDED.lock().expect("sound"));
        let told = told.iter().map(|access| {
            let number = access.key.parse().expect("a number");
            (access.op, number, access.outcome.expect("ended"))
        });
        let told: Vec<(Op, u32, Outcome)> = told.collect();
        prop_assert_eq!(told, std::mem::take(&mut model.ended));
        explained(query, &expected).await?;
    }
    Ok(())
}

/// The first cause is what picante found first.
async fn explained(query: u32, expected: &Record) -> Result<(), TestCaseError> {
    let request = ExplainRequest {
        kind: "query".into(),
        key: query.to_string(),
        limit: 0,
    };
    let explanation = Introspection.explain(request).await;
    let cause = explanation.causes.get(1).map(|cause| {
        let number = cause.query.key.parse().expect("a number");
        match cause.is_input {
            true => Read::Input(number),
            false => Read::Query(number),
        }
    });
    prop_assert_eq!(cause, expected.because, "{}", explanation.summary);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_runs_and_why_is_what_the_rules_say(program in program(), steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(run(program, steps))?;
    }
}

//! The lines of the documentation, in a program that takes the facade under picante's name.

use std::sync::Arc;

use hindsight::Tracer;
use picante::{
    DerivedIngredient, DynIngredient, HasRuntime, IngredientLookup, IngredientRegistry,
    PicanteResult, QueryKindId, Runtime, WithTracer,
};

struct Db {
    runtime: Runtime,
    ingredients: IngredientRegistry<Db>,
    my_query: Arc<DerivedIngredient<Db, String, u64>>,
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
    fn new(runtime: Runtime) -> Self {
        let my_query = DerivedIngredient::new(QueryKindId(1), "my_query", |_, key: String| {
            Box::pin(async move { Ok(key.len() as u64) })
        });
        Self {
            runtime,
            ingredients: IngredientRegistry::new(),
            my_query: Arc::new(my_query),
        }
    }
}

#[tokio::test]
async fn the_documented_lines_compile_and_run() -> PicanteResult<()> {
    let tracer = Tracer::builder().endpoint("localhost:1").lazy();
    let key = "four".to_owned();

    let runtime = Runtime::new().with_tracer(tracer);
    let db = Db::new(runtime);
    let result = db.my_query.get(&db, key).await?;

    assert_eq!(result, 4);
    Ok(())
}

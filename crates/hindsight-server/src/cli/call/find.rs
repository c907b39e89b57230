//! Which method a person means.

use hindsight_protocol::hub::AppInfo;

use super::error::MethodError;
use crate::cli::app;

/// Names that a message lists.
const NAMED_MAX: usize = 12;

/// Service and method of `Service.method`, or of `method` where one service has it.
pub(super) fn method(app: &AppInfo, named: &str) -> Result<(String, String), MethodError> {
    if let Some((service, method)) = named.rsplit_once('.') {
        let offered = app.offer(service);
        // What the hub forgot the app may still have.
        if offered.is_none() && !app.offers_cut {
            return Err(no_service(app, service));
        }
        return Ok((service.to_owned(), method.to_owned()));
    }
    let has = |name: &str| -> Vec<&str> {
        let offers = app.offers.iter();
        let having = offers.filter(|offer| offer.methods.iter().any(|m| m.name == name));
        having.map(|offer| offer.name.as_str()).collect()
    };
    match has(named)[..] {
        [service] => Ok((service.to_owned(), named.to_owned())),
        [] => {
            let methods = app.offers.iter().flat_map(|offer| {
                let methods = offer.methods.iter();
                methods.map(|method| format!("{}.{}", offer.name, method.name))
            });
            let known: Vec<String> = methods.collect();
            let app = app::describe(app);
            let text = format!("{app} has no method {named:?}{}", alike(named, &known));
            Err(MethodError::Unknown(text))
        }
        ref services => {
            let services = services.join(", ");
            let text = format!("several services have a method {named:?}: {services}; name one");
            Err(MethodError::Unknown(text))
        }
    }
}

/// The app offers no such service.
pub(super) fn no_service(app: &AppInfo, service: &str) -> MethodError {
    let known: Vec<String> = app.offers.iter().map(|offer| offer.name.clone()).collect();
    let app = app::describe(app);
    let text = format!(
        "{app} offers no service {service:?}{}",
        alike(service, &known)
    );
    MethodError::Unknown(text)
}

/// The service has no such method.
pub(super) fn no_method(service: &str, method: &str, known: &[String]) -> MethodError {
    let text = format!("{service} has no method {method:?}{}", alike(method, known));
    MethodError::Unknown(text)
}

/// `; did you mean "price"?`, or what there is.
fn alike(named: &str, known: &[String]) -> String {
    let short = |name: &str| name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let wanted = short(named);
    let distances = known
        .iter()
        .map(|name| (distance(&wanted, &short(name)), name));
    let nearest = distances.min_by_key(|(distance, _)| *distance);
    match nearest {
        None => "; it offers none".into(),
        Some((distance, name)) if distance <= wanted.len() / 3 + 1 => {
            format!("; did you mean {name:?}?")
        }
        Some(_) => {
            let more = if known.len() > NAMED_MAX { ", ..." } else { "" };
            let listed = known[..known.len().min(NAMED_MAX)].join(", ");
            format!("; there are {listed}{more}")
        }
    }
}

/// Letters to change, add or take away to make one of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    const LETTERS_MAX: usize = 64;
    let b: Vec<char> = b.chars().take(LETTERS_MAX).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, letter) in a.chars().take(LETTERS_MAX).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use hindsight_protocol::introspection::{MethodInfo, ServiceInfo};

    use super::*;

    fn app() -> AppInfo {
        let service = |name: &str, methods: &[&str]| ServiceInfo {
            name: name.into(),
            methods: methods
                .iter()
                .map(|name| MethodInfo {
                    name: (*name).into(),
                    ..MethodInfo::default()
                })
                .collect(),
            ..ServiceInfo::default()
        };
        AppInfo {
            offers: vec![
                service("Shop", &["list", "price", "close"]),
                service("Stock", &["list", "count"]),
            ],
            ..AppInfo::default()
        }
    }

    #[test]
    fn a_method_is_named_with_its_service_or_alone_where_that_is_clear() {
        let app = app();
        let found = |named: &str| match method(&app, named) {
            Ok((service, method)) => format!("{service} {method}"),
            Err(error) => error.to_string(),
        };
        let told = [
            found("Shop.list"),
            found("price"),
            found("list"),
            found("pirce"),
            found("Shops.list"),
            found("Bank.transfer"),
            found("unheard"),
            no_method("Shop", "lst", &["list".into(), "price".into()]).to_string(),
            no_method("Shop", "lst", &[]).to_string(),
        ];
        insta::assert_snapshot!(told.join("\n"), @r#"
        Shop list
        Shop price
        several services have a method "list": Shop, Stock; name one
        (no name) (00000000...) has no method "pirce"; did you mean "Shop.price"?
        (no name) (00000000...) offers no service "Shops"; did you mean "Shop"?
        (no name) (00000000...) offers no service "Bank"; there are Shop, Stock
        (no name) (00000000...) has no method "unheard"; there are Shop.list, Shop.price, Shop.close, Stock.list, Stock.count
        Shop has no method "lst"; did you mean "list"?
        Shop has no method "lst"; it offers none
        "#);
    }
}

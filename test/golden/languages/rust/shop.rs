//! Sells things.
use std::collections::HashMap;
use crate::prices::{self, Price, Tax as Duty};
use super::base::*;
pub use self::inner::Inner;
extern crate serde;

mod prices;
pub mod inner {
    pub struct Inner;
    impl Inner {
        pub fn new() -> Self {
            Inner
        }
    }
}

/// How many fit.
pub const LIMIT: usize = 10;
static NAMES: &[&str] = &[];

/// Has a name.
pub trait Named: Clone {
    const KIND: u8;
    fn name(&self) -> String;
    fn shout(&self) -> String {
        self.name().to_uppercase()
    }
}

#[derive(Clone, Debug)]
pub struct Item<T: Named> {
    pub price: Price,
    parts: Vec<Item<T>>,
}

pub enum Kind {
    Small,
    Large { size: u32 },
    Other(Price),
}

pub type Items<T> = Vec<Item<T>>;

impl<T: Named> Item<T> {
    /// Makes one.
    pub fn new(price: Price) -> Self {
        Self { price, parts: Vec::new() }
    }

    fn total(&self) -> Duty {
        let first = &self.parts[0];
        for part in &self.parts {
            part.total();
        }
        first.price.tax(prices::RATE)
    }
}

impl<T: Named> Named for Item<T> {
    const KIND: u8 = 1;
    fn name(&self) -> String {
        let item = Item::<T>::new(self.price);
        describe(item.total(), Kind::Large { size: LIMIT as u32 })
    }
}

macro_rules! double {
    ($x:expr) => {
        $x * 2
    };
}

pub fn sell(kind: Kind, shelf: &HashMap<String, Price>) -> Option<Price> {
    match kind {
        Kind::Small => Some(double!(Price::zero())),
        Kind::Other(price) if price.is_free() => None,
        _ => shelf.get("x").cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sells() {
        assert_eq!(sell(Kind::Small, &HashMap::new()), None);
    }
}

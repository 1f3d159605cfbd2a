//! Runs the cases of a client and tells the suite what came of each.

use std::future::Future;
use std::time::{Duration, Instant};

use serde_json::json;

/// What is wrong, in words.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Fails a case unless two values are equal.
#[macro_export]
macro_rules! same {
    ($found:expr, $expected:expr) => {
        let (found, expected) = (&$found, &$expected);
        if found != expected {
            let text = format!("line {}: {found:?} is not {expected:?}", line!());
            return Err(text.chars().take(2000).collect::<String>().into());
        }
    };
}

/// The broker's address.
pub fn bootstrap() -> String {
    std::env::var("BOOTSTRAP").expect("BOOTSTRAP")
}

/// The cases that ran so far.
#[derive(Default)]
pub struct Suite {
    count: usize,
}

impl Suite {
    /// Runs a case, half a minute at most, and prints its line.
    pub async fn run(&mut self, name: &str, case: impl Future<Output = Outcome>) {
        let began = Instant::now();
        let error = match tokio::time::timeout(Duration::from_secs(40), case).await {
            Err(_) => Some("not done within 40 s".to_string()),
            Ok(Err(error)) => Some(error.to_string()),
            Ok(Ok(())) => None,
        };
        let seconds = began.elapsed().as_secs_f64();
        println!("\n{}", json!({"case": name, "error": error, "seconds": seconds}));
        self.count += 1;
    }

    /// Tells the suite that all cases have run.
    pub fn end(self) {
        println!("\n{}", json!({"end": self.count}));
    }
}

//! The load that the benchmarks put on a broker: one workload a run, one line of JSON on stdout.
//!
//! Errors: anything the broker refuses ends the run with a message and exit code 1.

mod batch;
mod client;
mod commit;
mod consume;
mod fetch;
mod group;
mod idle;
mod join;
#[cfg(feature = "librdkafka")]
mod librdkafka;
mod paced;
mod pipeline;
mod produce;
mod slow;
mod stats;
mod tail;
mod topics;
mod wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Put load on a Kafka broker and print one line of JSON")]
struct Cli {
    /// The broker, host:port
    #[arg(long, global = true, default_value = "127.0.0.1:9092")]
    bootstrap: String,
    #[command(subcommand)]
    workload: Workload,
}

#[derive(Subcommand)]
enum Workload {
    /// Create topics and wait for their leaders
    Create(topics::CreateArgs),
    /// Delete topics and wait until they are gone
    Delete(topics::DeleteArgs),
    /// Produce batches as fast as a window of unanswered requests allows
    Produce(produce::Args),
    /// Read topics from the first offset to their ends
    Consume(consume::Args),
    /// Produce single records on many connections, each at its own pace
    Paced(paced::Args),
    /// Consume at the ends while records come
    Tail(tail::Args),
    /// Let all members of a group join at once
    Join(join::Args),
    /// Commit offsets
    Commit(commit::Args),
    /// Be a group that waits for records which do not come
    Idle(idle::Args),
    /// Ask for much and read it slowly
    Slow(slow::Args),
    /// Produce with librdkafka
    #[cfg(feature = "librdkafka")]
    LibrdkafkaProduce(librdkafka::ProduceArgs),
    /// Consume with librdkafka
    #[cfg(feature = "librdkafka")]
    LibrdkafkaConsume(librdkafka::ConsumeArgs),
}

impl Workload {
    fn run(&self, bootstrap: &str) -> anyhow::Result<stats::Outcome> {
        match self {
            Workload::Create(args) => topics::create(bootstrap, args),
            Workload::Delete(args) => topics::delete(bootstrap, args),
            Workload::Produce(args) => produce::run(bootstrap, args),
            Workload::Consume(args) => consume::run(bootstrap, args),
            Workload::Paced(args) => paced::run(bootstrap, args),
            Workload::Tail(args) => tail::run(bootstrap, args),
            Workload::Join(args) => join::run(bootstrap, args),
            Workload::Commit(args) => commit::run(bootstrap, args),
            Workload::Idle(args) => idle::run(bootstrap, args),
            Workload::Slow(args) => slow::run(bootstrap, args),
            #[cfg(feature = "librdkafka")]
            Workload::LibrdkafkaProduce(args) => librdkafka::produce(bootstrap, args),
            #[cfg(feature = "librdkafka")]
            Workload::LibrdkafkaConsume(args) => librdkafka::consume(bootstrap, args),
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.workload.run(&cli.bootstrap) {
        Ok(outcome) => {
            println!("{}", outcome.line());
            match outcome.failure {
                None => ExitCode::SUCCESS,
                Some(failure) => fail(&failure),
            }
        }
        Err(error) => fail(&format!("{error:#}")),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("loadgen: {message}");
    ExitCode::FAILURE
}

/// A number of bytes, as 100, 64KB, 50MB or 2GB (of 1024).
fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" => 1 << 10,
        "M" | "MB" => 1 << 20,
        "G" | "GB" => 1 << 30,
        unit => return Err(format!("no unit: {unit}")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("no number: {digits}"))?;
    Ok(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn sizes_have_units_of_1024() {
        let sizes = ["100", "64KB", "50MB", "2g"].map(|text| parse_size(text).unwrap());
        assert_eq!(sizes, [100, 65_536, 52_428_800, 2_147_483_648]);
        assert!(parse_size("1PB").is_err() && parse_size("MB").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

//! Reads everything of a Unicode PST with the crate outlook-pst and prints one JSON object: the nodes, the block tree's
//! entries and the blocks that were read (with their checksums and signatures), and the folder tree with item counts,
//! subjects, recipient counts and the SHA-256 of every attachment. Ends with exit code 1 and a line on standard error at
//! the first thing the crate does not accept.

mod database;
mod messages;

use std::{env, error::Error, process::ExitCode};

fn main() -> ExitCode {
    let Some(path) = env::args().nth(1) else {
        eprintln!("Usage: pst-walk FILE.pst");
        return ExitCode::from(2);
    };
    match walk(&path) {
        Ok(found) => {
            println!("{found}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn walk(path: &str) -> Result<serde_json::Value, Box<dyn Error>> {
    Ok(serde_json::json!({ "database": database::walk(path)?, "folders": messages::walk(path)? }))
}

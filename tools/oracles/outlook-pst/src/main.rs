//! Reads everything of a Unicode PST with the crate outlook-pst and prints one JSON object: the nodes, the block tree's
//! entries and the blocks that were read (with their checksums and signatures), and the folder tree with item counts,
//! subjects, recipient counts and the SHA-256 of every attachment. Ends with exit code 1 and a line on standard error at
//! the first thing the crate does not accept. With `--database` it stops after the nodes and blocks.

mod database;
mod messages;

use std::{env, error::Error, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (database_only, path) = match arguments.as_slice() {
        [path] => (false, path),
        [option, path] if option == "--database" => (true, path),
        _ => {
            eprintln!("Usage: pst-walk [--database] FILE.pst");
            return ExitCode::from(2);
        }
    };
    match walk(path, database_only) {
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

fn walk(path: &str, database_only: bool) -> Result<serde_json::Value, Box<dyn Error>> {
    let database = database::walk(path)?;
    if database_only {
        return Ok(serde_json::json!({ "database": database }));
    }
    Ok(serde_json::json!({ "database": database, "folders": messages::walk(path)? }))
}

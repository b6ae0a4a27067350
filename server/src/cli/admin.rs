//! `tokenry admin …`: what an operator does without the web app. Works beside a running server.

use crate::{config::Config, startup};
use anyhow::{Result, anyhow, bail};
use broker::{Broker, SecretString, start_up::DEFAULT_WORKSPACE};
use chrono::NaiveDate;
use model::{
    api_key::{ApiKeyInput, KeyScope},
    problem::Problem,
    user::Role,
};
use std::io::Read as _;

/// Commands of `tokenry admin`.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make an account
    CreateUser(UserOptions),
    /// Make an API key and print it, alone, on standard output
    CreateApiKey(KeyOptions),
    /// After a restored or moved database: say that it is the newest one, so that its refresh tokens
    /// may be used
    ResumeRefreshes,
}

/// Options of `create-user`.
#[derive(Debug, clap::Args)]
pub struct UserOptions {
    /// E-mail address to sign in with
    #[arg(long)]
    email: String,
    /// Role in the workspace
    #[arg(long, default_value = Role::Administrator.as_str())]
    role: Role,
    /// Workspace
    #[arg(long, default_value = DEFAULT_WORKSPACE)]
    workspace: String,
    /// Read the password from standard input
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// Options of `create-api-key`.
#[derive(Debug, clap::Args)]
pub struct KeyOptions {
    /// Workspace
    #[arg(long, default_value = DEFAULT_WORKSPACE)]
    workspace: String,
    /// Name: the program that will use it
    #[arg(long)]
    name: String,
    /// What it may be used for, separated by commas: manage, publish, tokens:read, call, audit:read
    #[arg(long, required = true, value_delimiter = ',')]
    scopes: Vec<KeyScope>,
    /// Last day on which it works
    #[arg(long, value_name = "YYYY-MM-DD")]
    expires_on: Option<NaiveDate>,
}

/// Runs a command.
pub async fn run(config: &Config, command: Command) -> Result<()> {
    let public_url = config.public_url_at(config.listen);
    let house = startup::open(config, public_url, None).await?;
    let done = match command {
        Command::CreateUser(options) => create_user(&house.broker, options).await,
        Command::CreateApiKey(options) => create_api_key(&house.broker, options).await,
        Command::ResumeRefreshes => resume_refreshes(&house.broker).await,
    };
    house.storage.close().await;
    done
}

async fn create_user(broker: &Broker, options: UserOptions) -> Result<()> {
    let password = read_password()?;
    let UserOptions {
        email,
        role,
        workspace,
        ..
    } = options;
    broker
        .create_user(&email, role, password, &workspace)
        .await
        .map_err(|error| explain(error.into()))?;
    println!("{email} is {role} of {workspace}");
    Ok(())
}

async fn create_api_key(broker: &Broker, options: KeyOptions) -> Result<()> {
    let input = ApiKeyInput {
        name: options.name,
        scopes: options.scopes,
        expires_on: options.expires_on,
    };
    let created = broker
        .create_api_key_in(&options.workspace, input)
        .await
        .map_err(|error| explain(error.into()))?;
    println!("{}", created.key);
    Ok(())
}

async fn resume_refreshes(broker: &Broker) -> Result<()> {
    match broker.resume_refreshes().await? {
        0 => println!("No authorization is held."),
        1 => println!("1 authorization is refreshed again."),
        resumed => println!("{resumed} authorizations are refreshed again."),
    }
    Ok(())
}

/// All of standard input, without the line break that `echo` adds.
fn read_password() -> Result<SecretString> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("standard input holds no password");
    }
    Ok(SecretString::from(password))
}

/// A refusal with its field errors, for a terminal.
fn explain(problem: Problem) -> anyhow::Error {
    if problem.errors.is_empty() {
        return anyhow!(problem.detail);
    }
    let lines: Vec<_> = problem
        .errors
        .iter()
        .map(|error| format!("{}: {}", error.field, error.message))
        .collect();
    anyhow!(lines.join("\n"))
}

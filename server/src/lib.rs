//! The server: everything between a socket or a terminal and the use cases of `broker`.
//!
//! - [`cli`]: the commands; [`config`], [`logging`], [`startup`], [`shutdown`]: their beginning and end
//! - [`router`]: all routes and what every request goes through; [`state`]: what handlers share
//! - [`http`]: the REST API and the routes of browsers that are not pages; [`ui`]: the web app
//! - [`middleware`], [`jobs`], [`mail`], [`assets`], [`telemetry`]; [`doctor`] looks at an installation
//!
//! Nothing here decides who may do what or touches the database: the broker does.

// The types of the web app's views nest deeply.
#![recursion_limit = "256"]

pub mod assets;
pub mod cli;
pub mod config;
pub mod doctor;
mod example;
pub mod http;
pub mod jobs;
pub mod live;
pub mod logging;
pub mod mail;
pub mod middleware;
pub mod router;
pub mod shutdown;
pub mod startup;
pub mod state;
pub mod telemetry;
pub mod ui;

//! The edge: the connections of clients, before and after the handlers.
//!
//! A stranger's connection costs a socket and memory, so each step of it is limited in time, and their number too.
//! `admission` counts the connections. `connection` knows the step that a connection is at and how long it may take,
//! and `stream` enforces that on the socket. `body` does the same for the body of a request, and `service` runs the
//! handlers: it tells the connection when a request begins and ends, and it answers `Expect: 100-continue`.

mod admission;
mod alarm;
mod body;
mod connection;
mod expect;
mod refusal;
mod server;
mod service;
mod stream;

pub(crate) use connection::Connection;
pub(crate) use server::{FAREWELLS, Options, serve};

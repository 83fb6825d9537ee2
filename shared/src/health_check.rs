//! `--health` of the programs: asks the process that runs with the same environment whether it is well, and ends with 0 or
//! 1. Supervisors and health checks of containers call it, so that an image needs neither a shell nor curl.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// How long the whole question may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// The most of an answer that is read. Our own have some hundred bytes.
const LONGEST_ANSWER: u64 = 16 << 10;

/// Asks the api whether it is alive, at the address of `RESIZINATOR_LISTEN`. Returns the exit code.
pub fn api() -> i32 {
    let listen = variable("RESIZINATOR_LISTEN").unwrap_or_else(|| "127.0.0.1:8000".into());
    exit_code(ask(&listen, "/healthz").map_err(|error| format!("RESIZINATOR_LISTEN, {error}")))
}

/// Asks the worker whether it consumes jobs, at the address of `RESIZINATOR_METRICS_LISTEN`. Returns the exit code.
pub fn worker() -> i32 {
    let found = ["RESIZINATOR_METRICS_LISTEN", "RESIZINATOR_WORKER_LISTEN"]
        .into_iter()
        .find_map(|name| Some((name, variable(name)?)));
    exit_code(match found {
        Some((name, listen)) => ask(&listen, "/readyz").map_err(|error| format!("{name}, {error}")),
        None => Err("RESIZINATOR_METRICS_LISTEN is not set: the address and the port at which the worker answers, such as \
                     127.0.0.1:8001, is expected"
            .into()),
    })
}

/// An empty variable counts as unset, as in the settings.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn exit_code(outcome: Result<(), String>) -> i32 {
    match outcome {
        Ok(()) => 0,
        Err(error) => {
            // It is not logged: there is no log yet, and no line of one is wanted for each question.
            eprintln!("{error}");
            1
        }
    }
}

/// Asks for a path at the address where a process of this host listens. The error is a sentence.
fn ask(listen: &str, path: &str) -> Result<(), String> {
    let addresses: Vec<_> = match listen.to_socket_addrs() {
        Ok(addresses) => addresses.map(reachable).collect(),
        Err(error) => return Err(format!("{listen}: {error}")),
    };
    let deadline = Instant::now() + PATIENCE;
    let mut refusal = format!("{listen}: it has no address");
    for address in addresses {
        match answer(address, path, deadline) {
            Ok(answer) => return judge(&answer).map_err(|said| format!("http://{address}{path} {said}")),
            Err(error) => refusal = format!("http://{address}{path} does not answer: {error}"),
        }
    }
    Err(refusal)
}

/// A process that listens at every address of the host is asked at the loopback address.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

/// The answer to a GET, as far as it is read by the deadline.
fn answer(address: SocketAddr, path: &str, deadline: Instant) -> std::io::Result<String> {
    let left = || {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(std::io::ErrorKind::TimedOut.into()) } else { std::io::Result::Ok(left) }
    };
    let mut connection = TcpStream::connect_timeout(&address, left()?)?;
    connection.set_write_timeout(Some(left()?))?;
    // By HTTP/1.0 the server closes the connection behind its answer. The request goes out in one piece, since one that
    // answers before it has all of it could close the connection under the rest.
    connection.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    let mut some = [0; 4096];
    while (answer.len() as u64) < LONGEST_ANSWER {
        connection.set_read_timeout(Some(left()?))?;
        match connection.read(&mut some)? {
            0 => break,
            count => answer.extend_from_slice(&some[..count]),
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn judge(answer: &str) -> Result<(), String> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
    match status {
        Some("200") => Ok(()),
        Some(status) => Err(format!("answers {status}: {}", body.trim())),
        None => Err("does not speak HTTP".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server that gives one answer, and what it was asked.
    fn server(answer: &'static str) -> (String, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address").to_string();
        let asked = thread::spawn(move || {
            let (mut connection, _) = listener.accept().expect("a connection");
            let mut head = [0; 1024];
            let count = connection.read(&mut head).expect("a request");
            connection.write_all(answer.as_bytes()).expect("is read");
            String::from_utf8_lossy(&head[..count]).into_owned()
        });
        (address, asked)
    }

    #[test]
    fn a_process_that_answers_200_is_well() {
        let (address, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        assert_eq!(ask(&address, "/readyz"), Ok(()));
        let asked = asked.join().expect("ends");
        assert!(asked.starts_with("GET /readyz HTTP/1.0\r\n"), "{asked}");
    }

    #[test]
    fn a_process_that_answers_otherwise_is_not_and_what_it_says_is_told() {
        for (answer, expected) in [
            (
                "HTTP/1.1 503 Service Unavailable\r\n\r\n{\"jobs\":\"unavailable\"}",
                "answers 503: {\"jobs\":\"unavailable\"}",
            ),
            ("SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP"),
            ("", "does not speak HTTP"),
        ] {
            let (address, asked) = server(answer);
            assert_eq!(ask(&address, "/healthz"), Err(format!("http://{address}/healthz {expected}")));
            asked.join().expect("ends");
        }
    }

    #[test]
    fn a_process_that_is_not_there_is_named_by_its_address() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        drop(listener);
        let said = ask(&address.to_string(), "/healthz").expect_err("nobody listens");
        assert!(said.starts_with(&format!("http://{address}/healthz does not answer: ")), "{said}");
        let said = ask("nonsense", "/healthz").expect_err("no address");
        assert!(said.starts_with("nonsense: "), "{said}");
    }

    #[test]
    fn a_process_that_is_silent_is_given_up_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let begin = Instant::now();
        let said = answer(
            listener.local_addr().expect("its address"),
            "/healthz",
            Instant::now() + Duration::from_millis(200),
        );
        assert!(
            said.is_err() && begin.elapsed() < Duration::from_secs(2),
            "{said:?} after {:?}",
            begin.elapsed()
        );
    }

    #[test]
    fn a_process_that_listens_everywhere_is_asked_at_the_loopback_address() {
        for (listening, asked) in [
            ("0.0.0.0:8000", "127.0.0.1:8000"),
            ("[::]:8000", "[::1]:8000"),
            ("10.0.0.7:8000", "10.0.0.7:8000"),
        ] {
            let listening: SocketAddr = listening.parse().expect("an address");
            assert_eq!(reachable(listening).to_string(), asked);
        }
    }
}

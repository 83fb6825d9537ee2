//! Properties of the division into parts, for bodies that arrive in any chunks.

use actix_web::error::PayloadError;
use actix_web::test::TestRequest;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::parameters::Parameters;
use super::{BodyFault, Boundary, Disposition, parts};
use crate::upload::body_limit::BodyLimit;

/// What came out of a body: the names and contents of its parts, and the error at its end if there is one.
type Outcome = (Vec<(Option<String>, Option<String>, Vec<u8>)>, Option<String>);

fn outcome(boundary: &str, body: &[u8], lengths: &[usize]) -> Outcome {
    let (mut rest, mut lengths, mut chunks) = (body, lengths.iter().cycle(), Vec::new());
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.len().min(*lengths.next().expect("has a length")));
        chunks.push(Ok::<_, PayloadError>(Bytes::copy_from_slice(chunk)));
        rest = after;
    }
    let boundary = Boundary::of(&format!("multipart/form-data; boundary={boundary}")).expect("a boundary");
    let limit = BodyLimit::of(&TestRequest::default().to_http_request(), 1 << 20).expect("no length");
    let mut parts = parts(stream::iter(chunks), &boundary, limit);
    let reading = async {
        let mut read = Vec::new();
        while let Some(part) = parts.next().await {
            let mut part = match part {
                Ok(part) => part,
                Err(error) => return (read, Some(BodyFault::answer(error).to_string())),
            };
            let Disposition { field, file_name, .. } = Disposition::of(part.headers());
            let mut content = Vec::new();
            while let Some(chunk) = part.next().await {
                match chunk {
                    Ok(chunk) => content.extend(chunk),
                    Err(error) => return (read, Some(BodyFault::answer(error).to_string())),
                }
            }
            read.push((field, file_name, content));
        }
        (read, None)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(reading)
}

/// Bytes that are likely to be taken for a delimiter, and any others.
fn content() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&[u8]] =
        &[b"\r\n--b", b"\r\n--", b"--b", b"\r\n", b"\r", b"\n", b"-", b"=c", b" ", b"\r\n\r\n", b"a: b"];
    let piece = prop_oneof![4 => select(PIECES).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 0..300)];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_file_comes_out_as_it_is_whatever_its_bytes(content in content(), lengths in vec(1..90_usize, 1..5)) {
        let boundary = "b=c";
        let contained = [b"\r\n", &content[..]].concat();
        prop_assume!(memchr::memmem::find(&contained, b"\r\n--b=c").is_none());
        let head = "--b=c \r\nContent-Disposition: form-data; name=x; filename=y\r\n\r\n";
        let body = [head.as_bytes(), &content, b"\r\n--b=c--"].concat();
        let expected = vec![(Some("x".to_owned()), Some("y".to_owned()), content)];
        prop_assert_eq!(outcome(boundary, &body, &lengths), (expected, None));
    }

    #[test]
    fn any_body_comes_out_alike_in_whatever_chunks_it_comes(body in content(), lengths in vec(1..90_usize, 1..5)) {
        prop_assert_eq!(outcome("b", &body, &lengths), outcome("b", &body, &[usize::MAX]));
    }

    #[test]
    fn any_parameters_are_read(text in "[;=*'\"%a-c0-9 \\\\]{0,60}", other in any::<String>()) {
        for header in [format!("x; a{text}"), format!("x;a*={text}; a*1*={other}"), other] {
            let _ = Parameters::of(&header).any("a");
            let _ = Boundary::of(&header);
        }
    }
}

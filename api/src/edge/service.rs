//! The service that runs the handlers for the requests of a connection. It tells the connection when a request begins
//! and when its answer is complete, and it gives the handlers a body whose arrival is limited in time.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::header::{HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use actix_http::{ConnectionType, HttpMessage, Payload, Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{AppConfig, ServiceResponse};
use bytes::Bytes;
use futures_util::future::{FutureExt, LocalBoxFuture};

use super::body::Body;
use super::connection::Connection;
use super::expect::Begun;

/// The handling of a request that has begun.
pub(super) type Handling = LocalBoxFuture<'static, Result<Response<BoxBody>, Response<BoxBody>>>;

/// The handlers as the HTTP server calls them.
pub(super) struct Edge<S>(S);

/// Makes an [`Edge`] for each thread of the server.
pub(super) struct EdgeFactory<F>(F);

impl<F> EdgeFactory<F> {
    pub(super) fn new(app: impl IntoServiceFactory<F, Request>) -> Self
    where
        F: ServiceFactory<Request, Config = AppConfig>,
    {
        Self(app.into_factory())
    }
}

impl<F, B> ServiceFactory<Request> for EdgeFactory<F>
where
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error> + 'static,
    F::Future: 'static,
    <F::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Config = ();
    type Service = Edge<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        // The configuration names a host for links, which `links` does without.
        let service = self.0.new_service(AppConfig::default());
        async move { Ok(Edge(service.await?)) }.boxed_local()
    }
}

impl<S, B> Service<Request> for Edge<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Future = Handling;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context).map_err(Response::from)
    }

    fn call(&self, request: Request) -> Handling {
        match Begun::take_from(&request) {
            Some(handling) => handling,
            None => self.begin(request),
        }
    }
}

impl<S, B> Edge<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    /// Begins to handle a request.
    pub(super) fn begin(&self, mut request: Request) -> Handling {
        let connection = connection(&request);
        if connection.is_last() {
            // It came behind a request after which the connection ends, so it gets no answer: this one is not sent.
            return async move {
                poll_fn(|context| connection.poll_cut(context)).await;
                Err(Response::bad_request())
            }
            .boxed_local();
        }
        // actix-http 3.20 takes a bare LF after the last chunk for the beginning of a trailer, and the head of the next
        // request for the rest of it. As long as it does, nobody can tell where the request after a chunked one begins.
        let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
        let payload = request.take_payload();
        let with_body = !matches!(payload, Payload::None);
        if with_body {
            let body = Body::new(payload, Rc::clone(&connection));
            *request.payload() = Payload::Stream { payload: Box::pin(body) };
        }
        connection.begin_request(length_of_head(&request), with_body, is_chunked);
        fit_headers(&mut request);
        let answer = self.0.call(request);
        async move {
            let mut response = match answer.await {
                Ok(response) => response.map_into_boxed_body().into(),
                Err(error) => Response::from(error),
            };
            if connection.has_unread_body() {
                // actix-http 3.20 does not notice that the handler has dropped the body if its buffer is full, and would
                // never read on. A full buffer is looked at again when the task runs once more.
                poll_fn(|context| {
                    context.waker().wake_by_ref();
                    Poll::Ready(())
                })
                .await;
            }
            if is_chunked || connection.body_is_too_slow() {
                response.head_mut().set_connection_type(ConnectionType::Close);
            }
            Ok(response.map_body(|_, body| BoxBody::new(AnswerBody { body, connection })))
        }
        .boxed_local()
    }
}

/// Moves the headers into a map of their size. actix-http 3.20 has room for at least 28 names, which is 7 KB for each
/// request that waits for its answer.
fn fit_headers(request: &mut Request) {
    let headers = mem::take(request.headers_mut());
    let mut fitting = HeaderMap::with_capacity(headers.len_keys());
    for (name, value) in headers {
        fitting.append(name, value);
    }
    *request.headers_mut() = fitting;
}

/// How many bytes the head of a request has if it is spelled as usual.
fn length_of_head(request: &Request) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let authority =
        request.uri().authority().map_or(0, |authority| "http://".len() + authority.as_str().len());
    let line = request.method().as_str().len() + target + authority + "  HTTP/1.1\r\n".len();
    let field =
        |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + ": \r\n".len();
    line + request.headers().iter().map(field).sum::<usize>() + "\r\n".len()
}

/// The connection that a request came on.
pub(super) fn connection(request: &Request) -> Rc<Connection> {
    request.conn_data::<Rc<Connection>>().expect("the server sets it").clone()
}

/// The body of an answer, which tells the connection when the server has taken all of it.
struct AnswerBody {
    body: BoxBody,
    connection: Rc<Connection>,
}

impl MessageBody for AnswerBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.connection.end_request();
    }
}

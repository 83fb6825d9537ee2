//! Answers `Expect: 100-continue` (RFC 9110, section 10.1.1). The handler decides: if it asks for the body, the client
//! is told to send it, and if it answers without the body, the client gets that answer and no `100 Continue`.

use std::future::poll_fn;
use std::task::{Context, Poll};

use actix_http::{HttpMessage, Request, Response};
use actix_service::{Service, ServiceFactory};
use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, ServiceResponse};
use futures_util::future::{FutureExt, LocalBoxFuture};

use super::service::{Edge, EdgeFactory, Handling, connection};

/// The service that the HTTP server asks before it sends `100 Continue`.
pub(super) struct Expect<S>(Edge<S>);

/// Makes an [`Expect`] for each thread of the server.
pub(super) struct ExpectFactory<F>(pub(super) EdgeFactory<F>);

/// The handling of a request that has begun and waits for the body. It travels in a request without content, since the
/// HTTP server passes nothing else from this service to the next one.
pub(super) struct Begun(Handling);

impl Begun {
    fn into_request(self) -> Request {
        let request = Request::new();
        request.extensions_mut().insert(self);
        request
    }

    pub(super) fn take_from(request: &Request) -> Option<Handling> {
        request.extensions_mut().remove::<Self>().map(|begun| begun.0)
    }
}

impl<F, B> ServiceFactory<Request> for ExpectFactory<F>
where
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error> + 'static,
    F::Future: 'static,
    <F::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Request;
    type Error = Response<BoxBody>;
    type Config = ();
    type Service = Expect<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let edge = self.0.new_service(());
        async move { Ok(Expect(edge.await?)) }.boxed_local()
    }
}

impl<S, B> Service<Request> for Expect<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = Request;
    type Error = Response<BoxBody>;
    type Future = LocalBoxFuture<'static, Result<Request, Response<BoxBody>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&self, request: Request) -> Self::Future {
        let connection = connection(&request);
        connection.close_gate();
        let mut handling = self.0.begin(request);
        async move {
            let answer = poll_fn(|context| match handling.poll_unpin(context) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if connection.is_body_wanted() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            })
            .await;
            connection.open_gate();
            match answer {
                Some(Ok(response) | Err(response)) => Err(response),
                None => Ok(Begun(handling).into_request()),
            }
        }
        .boxed_local()
    }
}

//! One try to post a message, and what its answer means. The URL stays here.

use std::time::Duration;

use super::courier::{Delivery, Destination};
use super::message::Message;
use crate::platform::http::{Deadlines, HttpClient, HttpError, HttpRequest, HttpUrl, Method, Proxy};

/// How long one try may take.
const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(5),
    read: Duration::from_secs(10),
    total: Duration::from_secs(10),
};

/// Nobody answers a webhook at length.
const ANSWER_LIMIT: usize = 1 << 20;

/// A URL that takes messages.
#[derive(Debug)]
pub(crate) struct Webhook {
    client: HttpClient,
    url: HttpUrl,
}

impl Webhook {
    /// The webhook behind a URL. Nothing is sent yet.
    ///
    /// # Errors
    /// [`HttpError::Setup`]
    pub(crate) fn new(url: HttpUrl) -> Result<Self, HttpError> {
        let client = HttpClient::new(url.origin().clone(), &Proxy::System, DEADLINES, ANSWER_LIMIT)?;
        Ok(Self { client, url })
    }
}

impl Destination for &Webhook {
    async fn post(&self, message: &Message) -> Delivery {
        let body = match serde_json::to_vec(message) {
            Ok(body) => body,
            Err(error) => return Delivery::Refused(error.to_string()),
        };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = HttpRequest {
            operation: "notify",
            method: Method::Post,
            target: self.url.target().to_owned(),
            headers: vec![
                header("content-type", "application/json"),
                header("user-agent", concat!("reconcile/", env!("CARGO_PKG_VERSION"))),
            ],
            body: Some(body),
        };
        let answer = self.client.send(&request).await;
        judge(answer.map(|answer| answer.status), &self.url)
    }
}

fn judge(answer: Result<u16, HttpError>, url: &HttpUrl) -> Delivery {
    match answer {
        Ok(200..300) => Delivery::Taken,
        Ok(status) => {
            let why = format!("{} answered with HTTP {status}", url.origin());
            if status == 429 || status >= 500 { Delivery::Later(why) } else { Delivery::Refused(why) }
        }
        Err(error @ (HttpError::Unreachable { .. } | HttpError::TimedOut { .. } | HttpError::Cut { .. })) => {
            Delivery::Later(error.to_string())
        }
        Err(
            error @ (HttpError::Setup { .. }
            | HttpError::Unsendable { .. }
            | HttpError::NotHttp { .. }
            | HttpError::TooLarge { .. }
            | HttpError::Redirect { .. }),
        ) => Delivery::Refused(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_final_unless_another_time_may_bring_another() {
        let url = HttpUrl::parse("https://hooks.example/hunter2").unwrap();
        let origin = url.origin().clone();
        let cut = HttpError::Cut { origin: origin.clone(), detail: "x".to_owned() };
        let redirect = HttpError::Redirect { origin, status: 302 };
        for (answer, wanted) in [
            (Ok(200), "Taken"),
            (Ok(204), "Taken"),
            (Ok(429), "Later"),
            (Ok(500), "Later"),
            (Ok(503), "Later"),
            (Ok(400), "Refused"),
            (Ok(404), "Refused"),
            (Err(cut), "Later"),
            (Err(redirect), "Refused"),
        ] {
            let told = format!("{:?}", judge(answer.clone(), &url));
            assert!(told.starts_with(wanted), "{answer:?}: {told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}

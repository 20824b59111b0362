mod credentials;
mod encoding;
mod request;
mod signature;

#include "base/status_macros.h"
#include "config/keys.h"

namespace keyfold {
namespace {

SetKey Text(std::string GatewayConfig::*member) {
  return [member](Config& config, const std::string& value) {
    config.gateway.*member = value;
    return absl::OkStatus();
  };
}

SetKey Integer(int64_t GatewayConfig::*member, int64_t min, int64_t max, int64_t unit = 1) {
  return [=](Config& config, const std::string& value) -> absl::Status {
    KEYFOLD_ASSIGN_OR_RETURN(const int64_t number, ParseInteger(value, min, max));
    config.gateway.*member = number * unit;
    return absl::OkStatus();
  };
}

}  // namespace

const std::vector<ScalarKey>& GatewayKeys() {
  static const auto* const keys = new std::vector<ScalarKey>{
      {"gateway.listen", "where the gateway listens, HOST:PORT; beyond loopback with TLS and tokens (127.0.0.1:8080)",
       Text(&GatewayConfig::listen)},
      {"gateway.tls_certificate", "PEM file with the certificate and its chain", Text(&GatewayConfig::tls_certificate)},
      {"gateway.tls_key", "PEM file with the certificate's key", Text(&GatewayConfig::tls_key)},
      {"gateway.tokens_file", "who may ask for what; `keyfold token` writes it", Text(&GatewayConfig::tokens_file)},
      {"gateway.audit_log", "file that a line of JSON is appended to for every answer",
       Text(&GatewayConfig::audit_log)},
      {"gateway.cors_origins", "origins whose pages may read answers, separated by commas",
       Text(&GatewayConfig::cors_origins)},
      {"gateway.public_url",
       "where the projection's other gateways reach this one, https://HOST:PORT; what they do not have they ask it",
       [](Config& config, const std::string& value) { return SetBaseUrl(value, config.gateway.public_url); }},
      {"gateway.peers_ca", "PEM file with who signs the other gateways' certificates (as the machine has it)",
       Text(&GatewayConfig::peers_ca)},
      {"gateway.peers_ms_max", "how long an answer of another gateway is waited for, ms (10000)",
       Integer(&GatewayConfig::peers_ms_max, 10, 600'000)},
      {"gateway.proxy_user_header",
       "header in which a proxy at gateway.proxy_remotes says who asks: the name of his token",
       Text(&GatewayConfig::proxy_user_header)},
      {"gateway.proxy_remotes",
       "addresses and networks of proxies whose gateway.proxy_user_header and X-Forwarded-Proto are believed",
       Text(&GatewayConfig::proxy_remotes)},
      {"gateway.session_days", "days that a browser stays signed in; 0: until it ends (30)",
       Integer(&GatewayConfig::session_days, 0, 400)},
      {"gateway.threads", "threads that carry bytes (1)", Integer(&GatewayConfig::threads, 1, 64)},
      {"gateway.handler_threads", "threads that answer questions (2)",
       Integer(&GatewayConfig::handler_threads, 1, 256)},
      {"gateway.queue_max", "questions that may wait; more are answered with 503 (256)",
       Integer(&GatewayConfig::queue_max, 1, 100'000)},
      {"gateway.connections_max", "open connections (12000)", Integer(&GatewayConfig::connections_max, 1, 1'000'000)},
      {"gateway.connections_per_remote_max", "open connections of one address (1000)",
       Integer(&GatewayConfig::connections_per_remote_max, 1, 1'000'000)},
      {"gateway.streams_max", "open streams (10000)", Integer(&GatewayConfig::streams_max, 0, 1'000'000)},
      {"gateway.streams_per_token_max", "open streams of a token that has no limit of its own; 0: any (100)",
       Integer(&GatewayConfig::streams_per_token_max, 0, 1'000'000)},
      {"gateway.requests_per_second_max", "requests of a token that has no limit of its own; 0: any (50)",
       Integer(&GatewayConfig::requests_per_second_max, 0, 1'000'000)},
      {"gateway.header_kib_max", "request line and header, KiB (16)",
       Integer(&GatewayConfig::header_bytes_max, 1, 1'024, 1 << 10)},
      {"gateway.body_kib_max", "body of a request, KiB (1024)",
       Integer(&GatewayConfig::body_bytes_max, 1, 1 << 20, 1 << 10)},
      {"gateway.posts_kib_max", "events that were posted and wait for Kafka, KiB; more are answered with 429 (32768)",
       Integer(&GatewayConfig::posts_bytes_max, 1, 1 << 20, 1 << 10)},
      {"gateway.produce_ms_max",
       "how long posted events may wait for Kafka; then they are answered with 503, ms (10000)",
       Integer(&GatewayConfig::produce_ms_max, 100, 3'600'000)},
      {"gateway.header_ms_max", "how long a request's header may take to arrive, ms (10000)",
       Integer(&GatewayConfig::header_ms_max, 10, 3'600'000)},
      {"gateway.body_ms_max", "how long a request's body may take to arrive, ms (30000)",
       Integer(&GatewayConfig::body_ms_max, 10, 3'600'000)},
      {"gateway.keep_alive_ms_max", "how long a connection may be idle between requests, ms (60000)",
       Integer(&GatewayConfig::keep_alive_ms_max, 10, 3'600'000)},
      {"gateway.write_ms_max", "how long a reader may take nothing of what is sent to it, ms (20000)",
       Integer(&GatewayConfig::write_ms_max, 10, 3'600'000)},
      {"gateway.comment_ms", "a stream with nothing to say sends a comment so often, ms (15000)",
       Integer(&GatewayConfig::comment_ms, 10, 3'600'000)},
      {"alerts.age_hours_max", "alerts that were cleared longer ago are not listed; 0: any (24)",
       Integer(&GatewayConfig::alerts_age_hours_max, 0, 1'000'000)},
  };
  return *keys;
}

}  // namespace keyfold

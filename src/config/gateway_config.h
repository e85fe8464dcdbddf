// How the gateway listens, whom it lets in, and how much it takes. The keys are gateway.*, and
// alerts.* of what is told of alerts.
#ifndef KEYFOLD_CONFIG_GATEWAY_CONFIG_H_
#define KEYFOLD_CONFIG_GATEWAY_CONFIG_H_

#include <cstdint>
#include <string>

namespace keyfold {

struct GatewayConfig {
  std::string listen = "127.0.0.1:8080";  // HOST:PORT, [::1]:PORT; port 0: any that is free
  std::string tls_certificate;            // PEM, the chain included; empty: plain HTTP
  std::string tls_key;                    // PEM
  std::string tokens_file;                // what `keyfold token` writes; empty: nobody is asked who he is
  std::string audit_log;                  // JSON lines; empty: none
  std::string cors_origins;               // separated by commas: whose pages may read answers
  std::string public_url;                 // where other gateways of the projection reach this one; empty: nowhere
  std::string peers_ca;           // PEM: who signs the other gateways' certificates; empty: as the machine has it
  std::string proxy_user_header;  // in which a proxy says who asks, by the name of a token; empty: none
  std::string proxy_remotes;      // addresses and networks of proxies, separated by commas
  int64_t session_days = 30;      // how long a browser stays signed in; 0: until it ends

  int64_t threads = 1;          // that carry bytes
  int64_t handler_threads = 2;  // that answer questions
  int64_t queue_max = 256;      // questions that wait for one of these; more are told to come again (503)

  int64_t connections_max = 12'000;
  int64_t connections_per_remote_max = 1'000;  // of one address; behind a proxy that is everybody
  int64_t streams_max = 10'000;

  // Of each token that has no limits of its own. 0: any.
  int64_t streams_per_token_max = 100;
  int64_t requests_per_second_max = 50;

  int64_t posts_bytes_max = 32 << 20;  // of events that were posted and wait for Kafka, in all; more: 429
  int64_t produce_ms_max = 10'000;     // how long they may wait for Kafka; then 503

  int64_t header_bytes_max = 16 << 10;  // request line included
  int64_t body_bytes_max = 1 << 20;

  int64_t header_ms_max = 10'000;      // from a request's first byte, or the connection's begin, to the header's end
  int64_t body_ms_max = 30'000;        // for the body of a request
  int64_t keep_alive_ms_max = 60'000;  // between two requests
  int64_t write_ms_max = 20'000;       // a reader that takes no byte for so long is let go
  int64_t comment_ms = 15'000;         // a stream that has nothing to say says so, lest proxies close it
  int64_t peers_ms_max = 10'000;       // for an answer of another gateway

  int64_t alerts_age_hours_max = 24;  // alerts.age_hours_max: what was cleared longer ago is not listed; 0: any

  // No keys.
  int64_t refresh_ms = 1'000;         // how often files (tokens, certificate, audit log) are looked at
  int64_t send_buffer_bytes_max = 0;  // the kernel's, of a connection; 0: as it is
};

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_GATEWAY_CONFIG_H_

// A handler's answer -> what is sent: what HTTP adds to it.
#ifndef KEYFOLD_GATEWAY_ANSWER_H_
#define KEYFOLD_GATEWAY_ANSWER_H_

#include <memory>
#include <string>
#include <string_view>

#include "gateway/http.h"

namespace keyfold {

// What the connection knows of the request.
struct AnswerContext {
  bool is_head = false;                // the header only
  bool is_1_0 = false;                 // no chunks
  bool keep_alive = true;              // another request may follow
  std::string_view cors_origins = {};  // separated by commas
};

// Ready to be sent.
struct Answer {
  int status = 200;
  std::string head;                         // status line and headers, to the empty line
  std::shared_ptr<const std::string> body;  // nullptr: none
  std::unique_ptr<EventSource> stream;      // its events follow, in chunks unless the client speaks 1.0
};

// Adds what every answer has (Content-Length or chunks, Cache-Control, no sniffing, a strict Content-Security-Policy,
// no Referrer), ETag and 304 for whoever has the body already, gzip for bodies of more than 1 KiB, and CORS for origins
// that are listed. Pure; takes the time of compressing the body.
Answer MakeAnswer(const HttpRequest& request, HttpResponse response, const AnswerContext& context);

// Whether a list such as "gzip, br;q=0.5" accepts gzip.
bool AcceptsGzip(std::string_view accept_encoding);

std::string Gzip(std::string_view bytes);

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_ANSWER_H_

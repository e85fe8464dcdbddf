// Bytes of a connection -> one request, within limits.
#ifndef KEYFOLD_GATEWAY_REQUEST_PARSER_H_
#define KEYFOLD_GATEWAY_REQUEST_PARSER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "gateway/http.h"

namespace keyfold {

// What stands before the body.
struct RequestHead {
  std::string method;
  std::string target;  // as it was sent
  HttpFields headers;
  bool is_1_0 = false;
  bool keep_alive = true;         // whether the client may send another one
  bool expects_continue = false;  // it sends the body only when it was told to
};

// Reads one request. Not thread-safe.
class RequestParser {
 public:
  enum class State { kHead, kBody, kDone, kFailed };

  RequestParser(size_t header_bytes_max, size_t body_bytes_max);
  ~RequestParser();

  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Takes bytes from the front of `input` until the head is complete, then until the body is, or something is wrong.
  // What it leaves is not complete yet, or belongs to the next request. The body is never longer than its limit: where
  // its length is announced, the head fails already.
  State Parse(std::string& input);

  // REQUIRES: the head is complete.
  RequestHead TakeHead();
  // REQUIRES: kDone.
  std::string TakeBody();

  // With kFailed: 400, 413, 431 or 505, and what is wrong.
  int failure_status() const { return failure_status_; }
  const std::string& failure() const { return failure_; }

 private:
  struct Implementation;

  State Fail(int status, std::string why);

  const size_t header_bytes_max_;
  std::unique_ptr<Implementation> implementation_;
  State state_ = State::kHead;
  int failure_status_ = 0;
  std::string failure_;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_REQUEST_PARSER_H_

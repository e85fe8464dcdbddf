// The one file that includes Beast.
#include "gateway/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "base/check.h"

namespace keyfold {
namespace {

namespace http = boost::beast::http;

// Boost's views of strings are types of their own, which differ between its versions.
template <typename View>
std::string Text(const View& view) {
  return std::string(view.data(), view.size());
}

}  // namespace

struct RequestParser::Implementation {
  http::request_parser<http::string_body> parser;
};

RequestParser::RequestParser(size_t header_bytes_max, size_t body_bytes_max)
    : header_bytes_max_(header_bytes_max), implementation_(std::make_unique<Implementation>()) {
  implementation_->parser.header_limit(static_cast<uint32_t>(header_bytes_max));
  implementation_->parser.body_limit(body_bytes_max);
}

RequestParser::~RequestParser() = default;

RequestParser::State RequestParser::Fail(int status, std::string why) {
  failure_status_ = status;
  failure_ = std::move(why);
  return state_ = State::kFailed;
}

RequestParser::State RequestParser::Parse(std::string& input) {
  auto& parser = implementation_->parser;
  parser.eager(state_ == State::kBody);  // stops behind the head, so that the caller can say no before there is a body
  while (state_ != State::kDone && state_ != State::kFailed && !input.empty()) {
    boost::beast::error_code error;
    const size_t taken = parser.put(boost::asio::buffer(input), error);
    input.erase(0, taken);
    if (error == http::error::header_limit) return Fail(431, "the header is too long");
    if (error == http::error::body_limit) return Fail(413, "the body is too long");
    if (error == http::error::bad_version) return Fail(505, "HTTP/1.0 and HTTP/1.1 are spoken here");
    if (error && error != http::error::need_more) return Fail(400, "this is no HTTP: " + error.message());
    if (state_ == State::kHead && parser.is_header_done()) {
      state_ = parser.is_done() ? State::kDone : State::kBody;
      return state_;
    }
    if (parser.is_done()) return state_ = State::kDone;
    if (error == http::error::need_more || taken == 0) break;
  }
  if (state_ == State::kHead && input.size() > header_bytes_max_) return Fail(431, "the header is too long");
  return state_;
}

RequestHead RequestParser::TakeHead() {
  auto& parser = implementation_->parser;
  KEYFOLD_CHECK(parser.is_header_done());
  const auto& message = parser.get();
  RequestHead head;
  head.method = Text(message.method_string());
  head.target = Text(message.target());
  for (const auto& field : message) head.headers.emplace_back(Text(field.name_string()), Text(field.value()));
  head.is_1_0 = message.version() < 11;
  head.keep_alive = message.keep_alive();
  const std::string* const expect = FindField(head.headers, "Expect");
  head.expects_continue = expect != nullptr && SameName(*expect, "100-continue");
  return head;
}

std::string RequestParser::TakeBody() {
  KEYFOLD_CHECK(state_ == State::kDone);
  return std::move(implementation_->parser.get().body());
}

}  // namespace keyfold

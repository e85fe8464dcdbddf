// Server-sent events over the wire.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/server_world.h"
#include "support/test_certificate.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The latest value of each of the ids that sources were made for, as a dashboard's would be.
class Board {
 public:
  class Source;

  void Set(int id, int64_t value) {
    const std::lock_guard lock(mutex_);
    values_[id] = value;
    for (Source* source : sources_) Tell(*source, id);
  }
  void Finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    for (Source* source : sources_) Tell(*source, -1);
  }
  size_t sources() const {
    const std::lock_guard lock(mutex_);
    return sources_.size();
  }

 private:
  void Tell(Source& source, int id);

  mutable std::mutex mutex_;
  std::map<int, int64_t> values_;
  std::set<Source*> sources_;
  bool finished_ = false;
};

class Board::Source : public EventSource {
 public:
  explicit Source(Board& board) : board_(board) {}
  ~Source() override {
    const std::lock_guard lock(board_.mutex_);
    board_.sources_.erase(this);
  }

  void OnWake(std::function<void()> wake) override {
    const std::lock_guard lock(board_.mutex_);
    wake_ = std::move(wake);
    board_.sources_.insert(this);
    for (const auto& [id, value] : board_.values_) due_.insert(id);
  }

  bool Next(std::string& out, size_t bytes_max) override {
    const std::lock_guard lock(board_.mutex_);
    while (!due_.empty() && out.size() < bytes_max) {
      const int id = *due_.begin();
      due_.erase(due_.begin());
      AppendEvent(out, "", "", absl::StrCat(id, "=", board_.values_[id]));
    }
    return !board_.finished_ || !due_.empty();
  }

 private:
  friend class Board;

  Board& board_;
  std::set<int> due_;
  std::function<void()> wake_;
};

void Board::Tell(Source& source, int id) {
  if (id >= 0) source.due_.insert(id);
  source.wake_();
}

class StreamTest : public ServerTest {
 protected:
  void StartBoard(const GatewayConfig& config = {}) {
    Start(config, [this](const HttpRequest&) { return StreamResponse(std::make_unique<Board::Source>(board_)); });
  }

  // A stream whose header and retry were read.
  std::unique_ptr<WireClient> Open(const HttpFields& fields = {},
                                   WireClient::Security security = WireClient::Security::kPlain) {
    auto client = std::make_unique<WireClient>(port(), security);
    client->Send(RequestText("/stream", fields));
    EXPECT_THAT(client->ReadUntil("\r\n\r\n"), HasSubstr("text/event-stream"));
    EXPECT_THAT(client->ReadUntil("\n\n\r\n"), HasSubstr("retry: "));
    return client;
  }

  Board board_;
};

TEST_F(StreamTest, SendsWhatIsDueAndWhatBecomesDue) {
  board_.Set(1, 10);
  StartBoard();
  const auto client = Open();
  EXPECT_THAT(client->ReadUntil("\n\n"), HasSubstr("data: 1=10"));
  board_.Set(2, 20);
  EXPECT_THAT(client->ReadUntil("\n\n"), HasSubstr("data: 2=20"));
  EXPECT_EQ(server_->counts().streams, 1);
  board_.Finish();
  EXPECT_EQ(client->ReadUntil("0\r\n\r\n"), "\r\n0\r\n\r\n");
  EXPECT_TRUE(client->ReadsEnd());
  EXPECT_TRUE(Eventually([&] { return server_->counts().streams == 0 && board_.sources() == 0; }));
}

TEST_F(StreamTest, OldClientsGetItWithoutChunks) {
  board_.Set(1, 10);
  StartBoard();
  WireClient client(port());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  client.ReadUntil("\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("\n\n"), StartsWith("retry: "));
  EXPECT_EQ(client.ReadUntil("\n\n"), "data: 1=10\n\n");
}

TEST_F(StreamTest, AReaderOverTls) {
  GatewayConfig config;
  config.tls_certificate = File("certificate");
  config.tls_key = File("key");
  WriteCertificate(config.tls_certificate, config.tls_key, 1);
  StartBoard(config);
  const auto client = Open({}, WireClient::Security::kTls);
  for (int i = 0; i < 100; ++i) {
    board_.Set(7, i);
    EXPECT_THAT(client->ReadUntil("\n\n"), HasSubstr(absl::StrCat("data: 7=", i)));
  }
  server_->Stop(absl::Seconds(20));
  EXPECT_THAT(client->ReadUntil("0\r\n\r\n"), HasSubstr("0\r\n\r\n"));
}

TEST_F(StreamTest, ASlowReaderGetsTheLatest) {
  GatewayConfig config;
  config.send_buffer_bytes_max = 4'096;
  StartBoard(config);
  WireClient client(port(), WireClient::Security::kPlain, /*receive_bytes=*/4'096);
  client.Send(RequestText("/"));
  ASSERT_TRUE(Eventually([&] { return board_.sources() == 1; }));
  constexpr int kIds = 100;
  for (int64_t value = 0; value < 10'000; ++value) {
    for (int id = 0; id < kIds; ++id) board_.Set(id, value);
  }
  board_.Finish();
  const std::string all = client.ReadUntil("0\r\n\r\n");
  EXPECT_LT(all.size(), size_t{10'000} * kIds * 5);  // far from everything
  for (int id = 0; id < kIds; ++id) EXPECT_THAT(all, HasSubstr(absl::StrCat("data: ", id, "=9999\n")));
}

TEST_F(StreamTest, AReaderThatNeverReadsIsLetGo) {
  GatewayConfig config;
  config.send_buffer_bytes_max = 4'096;
  config.write_ms_max = 100;
  config.audit_log = File("audit");
  StartBoard(config);
  WireClient client(port(), WireClient::Security::kPlain, /*receive_bytes=*/4'096);
  client.Send(RequestText("/"));
  ASSERT_TRUE(Eventually([&] { return board_.sources() == 1; }));
  int64_t value = 0;
  EXPECT_TRUE(Eventually([&] {
    for (int id = 0; id < 1'000; ++id) board_.Set(id, value);
    ++value;
    return board_.sources() == 0;
  }));
  EXPECT_TRUE(Eventually([&] { return server_->counts().connections == 0; }));
}

TEST_F(StreamTest, AReaderThatGoesIsNoticed) {
  StartBoard();
  auto client = Open();
  client = nullptr;
  EXPECT_TRUE(Eventually([&] { return board_.sources() == 0 && server_->counts().streams == 0; }));
}

TEST_F(StreamTest, ASilentStreamSaysThatItIsThere) {
  GatewayConfig config;
  config.comment_ms = 20;
  StartBoard(config);
  const auto client = Open();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(client->ReadUntil(": \n\n\r\n"), HasSubstr(": \n\n"));
}

TEST_F(StreamTest, StreamsEndWhenTheServerStops) {
  StartBoard();
  std::vector<std::unique_ptr<WireClient>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(Open());
  std::thread stopping([this] { server_->Stop(absl::Seconds(20)); });
  for (const auto& client : clients) {
    EXPECT_THAT(client->ReadUntil("0\r\n\r\n"), HasSubstr("0\r\n\r\n"));
    EXPECT_TRUE(client->ReadsEnd());
  }
  clients.clear();
  stopping.join();
  EXPECT_EQ(board_.sources(), 0U);
  board_.Set(1, 1);  // nobody is woken any more
}

TEST_F(StreamTest, StreamsAreCounted) {
  const std::string token = AddToken({.name = "few", .streams = 2});
  const std::string other = AddToken({.name = "other"});
  GatewayConfig config;
  config.tokens_file = File("tokens");
  config.streams_max = 3;
  StartBoard(config);
  auto first = Open(Bearer(token));
  const auto second = Open(Bearer(token));
  const ClientResponse third = Ask("/", Bearer(token));
  EXPECT_EQ(third.status, 429);
  EXPECT_NE(third.Header("Retry-After"), "");
  const auto of_other = Open(Bearer(other));
  EXPECT_EQ(Ask("/", Bearer(other)).status, 503);
  first = nullptr;
  EXPECT_TRUE(Eventually([&] { return server_->counts().streams == 2; }));
  Open(Bearer(token));
}

TEST_F(StreamTest, AStreamEndsWithItsRights) {
  const std::string token = AddToken({.name = "Nord", .roles = {Role::kReader}, .groups = {"manager:M7"}});
  GatewayConfig config;
  config.tokens_file = File("tokens");
  config.refresh_ms = 10;
  config.audit_log = File("audit");
  StartBoard(config);
  const auto client = Open(Bearer(token));
  ASSERT_TRUE(EditTokens(File("tokens"), [](std::vector<TokenRecord>& records) {
                records[0].groups = {"manager:M8"};
                return absl::OkStatus();
              }).ok());
  EXPECT_THAT(client->ReadUntil("0\r\n\r\n"), HasSubstr("0\r\n\r\n"));
  const auto again = Open(Bearer(token));
  ASSERT_TRUE(EditTokens(File("tokens"), [](std::vector<TokenRecord>& records) {
                records[0].revoked = absl::Now();
                return absl::OkStatus();
              }).ok());
  EXPECT_THAT(again->ReadUntil("0\r\n\r\n"), HasSubstr("0\r\n\r\n"));
  EXPECT_EQ(Ask("/", Bearer(token)).status, 401);
  server_ = nullptr;
  EXPECT_THAT(Content("audit"), HasSubstr("\"stream\":\"opened\""));
  EXPECT_THAT(Content("audit"), HasSubstr("\"stream\":\"closed\""));
}

// Sources wake from many threads while readers come and go.
TEST_F(StreamTest, WakingAndLeavingAtTheSameTime) {
  GatewayConfig config;
  config.threads = 2;
  StartBoard(config);
  std::atomic<bool> done = false;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 2; ++writer) {
    writers.emplace_back([&, writer] {
      for (int64_t value = 0; !done; ++value) board_.Set(writer, value);
    });
  }
  for (int i = 0; i < 100; ++i) {
    WireClient client(port());
    client.Send(RequestText("/"));
    EXPECT_THAT(client.ReadUntil("data: "), HasSubstr("data: "));
  }
  server_ = nullptr;  // while they write
  done = true;
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace keyfold

#include "gateway/loop.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "gateway/connection.h"

namespace keyfold {
namespace {

constexpr std::chrono::milliseconds kTick(50);

}  // namespace

Loop::Loop(ServerParts& server) : server_(server), io_(/*concurrency_hint=*/1), work_(io_.get_executor()), timer_(io_) {
  Post([this] { Tick(); });
  thread_ = std::thread([this] { io_.run(); });
}

Loop::~Loop() { Join(); }

void Loop::Post(std::function<void()> task) { boost::asio::post(io_, std::move(task)); }

void Loop::Add(Socket socket, std::string remote) {
  auto moved = std::make_shared<Socket>(std::move(socket));
  Post([this, moved, remote = std::move(remote)] {
    auto connection = std::make_shared<Connection>(server_, *this, std::move(*moved), remote);
    connections_.insert(connection);
    connection->Start();
  });
}

void Loop::Forget(std::shared_ptr<Connection> connection, const std::string& remote) {
  server_.connections.Release(remote);
  // Later: the caller may be going through them, and the connection must outlive what it is doing.
  Post([this, connection = std::move(connection)] { connections_.erase(connection); });
  const std::lock_guard lock(server_.mutex);
  server_.closed.notify_all();
}

void Loop::EndConnections() {
  Post([this] {
    for (const auto& connection : connections_) connection->End();
  });
}

void Loop::CloseConnections() {
  Post([this] {
    for (const auto& connection : connections_) connection->Close();
    timer_.cancel();
    work_.reset();
  });
}

void Loop::Join() {
  if (thread_.joinable()) thread_.join();
}

void Loop::Tick() {
  const int64_t now_ms = MonotonicMs();
  for (const auto& connection : connections_) connection->Tick(now_ms);
  if (!work_.owns_work()) return;
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

}  // namespace keyfold

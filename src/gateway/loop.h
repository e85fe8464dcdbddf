// What the connections of a server share, and the thread that carries the bytes of some of them. Internal to the
// server.
#ifndef KEYFOLD_GATEWAY_LOOP_H_
#define KEYFOLD_GATEWAY_LOOP_H_

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/container/flat_hash_set.h"
#include "gateway/admission.h"
#include "gateway/audit_log.h"
#include "gateway/handler_pool.h"
#include "gateway/limits.h"
#include "gateway/tls.h"
#include "rights/tokens.h"

namespace keyfold {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// Of one server. The parts are thread-safe.
struct ServerParts {
  ServerParts(const GatewayConfig& configured, HttpHandler answering, PublicPaths is_public,
              std::unique_ptr<Tokens> known, std::unique_ptr<TlsIdentity> identity, std::unique_ptr<AuditLog> log)
      : config(configured),
        handler(std::move(answering)),
        tokens(std::move(known)),
        tls(std::move(identity)),
        audit(std::move(log)),
        admission(config, tokens.get(), std::move(is_public)),
        pool(config.handler_threads, config.queue_max),
        gateways_pool(config.handler_threads, config.queue_max) {}

  const GatewayConfig config;
  const HttpHandler handler;
  const std::unique_ptr<Tokens> tokens;    // may be null
  const std::unique_ptr<TlsIdentity> tls;  // may be null
  const std::unique_ptr<AuditLog> audit;   // may be null
  Admission admission;
  OpenCounts connections;
  HandlerPool pool;
  HandlerPool gateways_pool;  // for what other gateways ask (kAskedByGateway)

  std::atomic<bool> stopping = false;
  std::atomic<int64_t> requests = 0;
  std::atomic<int64_t> body_bytes = 0;
  std::atomic<int64_t> refused = 0;

  std::mutex mutex;
  std::condition_variable closed;  // a connection was
};

class Connection;

// One thread and its connections, which are touched by it only. What others want of them they post.
class Loop {
 public:
  explicit Loop(ServerParts& server);
  ~Loop();

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  boost::asio::io_context& io() { return io_; }

  // Thread-safe.
  void Post(std::function<void()> task);
  void Add(Socket socket, std::string remote);  // counted by the caller; Forget() releases it
  void EndConnections();                        // each when it has answered what it has begun
  void CloseConnections();
  void Join();  // after CloseConnections()

  // Of the loop's thread.
  void Forget(std::shared_ptr<Connection> connection, const std::string& remote);
  std::array<char, 16 << 10>& scratch() { return scratch_; }

 private:
  void Tick();

  ServerParts& server_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  absl::flat_hash_set<std::shared_ptr<Connection>> connections_;
  std::array<char, 16 << 10> scratch_;  // what was read goes on from here at once
  std::thread thread_;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_LOOP_H_

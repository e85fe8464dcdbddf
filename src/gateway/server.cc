#include "gateway/server.h"

#include <signal.h>

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "gateway/listener.h"
#include "gateway/loop.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

namespace asio = boost::asio;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptAgain(100);  // when there is no descriptor left

absl::StatusOr<asio::ip::tcp::endpoint> Resolve(const std::string& text) {
  KEYFOLD_ASSIGN_OR_RETURN(const ListenAddress address, ParseListenAddress(text));
  asio::io_context io;
  asio::ip::tcp::resolver resolver(io);
  error_code error;
  const auto found =
      resolver.resolve(address.host, std::to_string(address.port),
                       asio::ip::tcp::resolver::passive | asio::ip::tcp::resolver::numeric_service, error);
  if (error || found.begin() == found.end()) {
    return absl::InvalidArgumentError(absl::StrCat("gateway.listen: ", address.host, ": ", error.message()));
  }
  return found.begin()->endpoint();
}

absl::StatusOr<std::unique_ptr<ServerParts>> OpenParts(GatewayConfig config, HttpHandler handler,
                                                       PublicPaths is_public) {
  std::unique_ptr<Tokens> tokens;
  std::unique_ptr<TlsIdentity> tls;
  std::unique_ptr<AuditLog> audit;
  if (!config.tokens_file.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(tokens, Tokens::Open(config.tokens_file));
  }
  if (!config.tls_certificate.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(tls, TlsIdentity::Load(config.tls_certificate, config.tls_key));
  }
  if (!config.audit_log.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(audit, AuditLog::Open(config.audit_log));
  }
  config.connections_max = ConnectionsThatFit(config.connections_max);
  return std::make_unique<ServerParts>(config, std::move(handler), std::move(is_public), std::move(tokens),
                                       std::move(tls), std::move(audit));
}

}  // namespace

class HttpServer::Implementation {
 public:
  explicit Implementation(std::unique_ptr<ServerParts> parts) : parts_(std::move(parts)) {
    for (int64_t i = 0; i < parts_->config.threads; ++i) loops_.push_back(std::make_unique<Loop>(*parts_));
    acceptor_ = std::make_unique<Acceptor>(loops_[0]->io());
    accept_timer_ = std::make_unique<asio::steady_timer>(loops_[0]->io());
    hangups_ = std::make_unique<asio::signal_set>(loops_[0]->io());
  }

  ~Implementation() { Stop(absl::ZeroDuration()); }

  absl::Status Listen(const asio::ip::tcp::endpoint& endpoint) {
    error_code error;
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", parts_->config.listen, ": ", error.message()));
    }
    port_ = acceptor_->local_endpoint().port();
    hangups_->add(SIGHUP, error);
    refresher_ = std::thread([this] { Refresh(); });
    loops_[0]->Post([this] {
      Accept();
      AwaitHangup();
    });
    return absl::OkStatus();
  }

  void Stop(absl::Duration grace) {
    const std::lock_guard stop_lock(stop_mutex_);
    if (stopped_) return;
    stopped_ = true;
    parts_->stopping = true;
    loops_[0]->Post([this] {
      error_code error;
      acceptor_->close(error);
      accept_timer_->cancel();
      hangups_->clear(error);
      hangups_->cancel(error);
    });
    for (const auto& loop : loops_) loop->EndConnections();
    {
      std::unique_lock lock(parts_->mutex);
      parts_->closed.wait_for(lock, absl::ToChronoNanoseconds(grace),
                              [this] { return parts_->connections.total() == 0; });
    }
    for (const auto& loop : loops_) loop->CloseConnections();
    parts_->pool.Stop();
    parts_->gateways_pool.Stop();
    for (const auto& loop : loops_) loop->Join();
    {
      const std::lock_guard lock(refresh_mutex_);
      refresh_ending_ = true;
    }
    refresh_.notify_one();
    if (refresher_.joinable()) refresher_.join();
  }

  uint16_t port() const { return port_; }

  HttpServerCounts counts() const {
    return {.connections = parts_->connections.total(),
            .streams = parts_->admission.streams(),
            .requests = parts_->requests,
            .body_bytes = parts_->body_bytes,
            .connections_refused = parts_->refused};
  }

 private:
  void Accept() {
    Loop& loop = *loops_[next_loop_++ % loops_.size()];
    acceptor_->async_accept(loop.io(), [this, &loop](const error_code& error, Socket socket) {
      if (!acceptor_->is_open()) return;
      if (!error) {
        Take(loop, std::move(socket));
        return Accept();
      }
      spdlog::warn("gateway: cannot take a connection: {}", error.message());
      accept_timer_->expires_after(kAcceptAgain);
      accept_timer_->async_wait([this](const error_code& cancelled) {
        if (!cancelled) Accept();
      });
    });
  }

  // A connection too many is closed at once: an answer would take what is short.
  void Take(Loop& loop, Socket socket) {
    error_code error;
    const asio::ip::tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // it has gone already
    std::string remote = peer.address().to_string();
    const GatewayConfig& config = parts_->config;
    if (parts_->connections.Take(remote, config.connections_per_remote_max, config.connections_max)) {
      loop.Add(std::move(socket), std::move(remote));
    } else if (parts_->refused++ == 0) {
      spdlog::warn("gateway: too many connections, {} is the first that was not taken", remote);
    }
  }

  void AwaitHangup() {
    hangups_->async_wait([this](const error_code& error, int /*signal*/) {
      if (error) return;
      {
        const std::lock_guard lock(refresh_mutex_);
        refresh_now_ = true;
      }
      refresh_.notify_one();
      AwaitHangup();
    });
  }

  // A thread of its own: files may lie on disks that are slow.
  void Refresh() {
    const std::chrono::milliseconds every(parts_->config.refresh_ms);
    std::unique_lock lock(refresh_mutex_);
    while (!refresh_ending_) {
      refresh_.wait_for(lock, every, [this] { return refresh_ending_ || refresh_now_; });
      refresh_now_ = false;
      if (parts_->tokens != nullptr) parts_->tokens->Refresh();
      if (parts_->tls != nullptr) parts_->tls->Refresh();
    }
  }

  const std::unique_ptr<ServerParts> parts_;
  std::vector<std::unique_ptr<Loop>> loops_;
  size_t next_loop_ = 0;
  uint16_t port_ = 0;

  // Of the first loop.
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<asio::steady_timer> accept_timer_;
  std::unique_ptr<asio::signal_set> hangups_;

  std::mutex refresh_mutex_;
  std::condition_variable refresh_;
  bool refresh_now_ = false;
  bool refresh_ending_ = false;
  std::thread refresher_;

  std::mutex stop_mutex_;
  bool stopped_ = false;
};

HttpServer::HttpServer(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}

HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const GatewayConfig& config, HttpHandler handler,
                                                              PublicPaths is_public) {
  KEYFOLD_ASSIGN_OR_RETURN(const asio::ip::tcp::endpoint endpoint, Resolve(config.listen));
  KEYFOLD_RETURN_IF_ERROR(CheckListener(config, endpoint.address().is_loopback()));
  KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<ServerParts> parts,
                           OpenParts(config, std::move(handler), std::move(is_public)));
  std::signal(SIGPIPE, SIG_IGN);
  auto implementation = std::make_unique<Implementation>(std::move(parts));
  KEYFOLD_RETURN_IF_ERROR(implementation->Listen(endpoint));
  spdlog::info("gateway: listening on {}, port {}", config.listen, implementation->port());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(implementation)));
}

void HttpServer::Stop(absl::Duration grace) { implementation_->Stop(grace); }

uint16_t HttpServer::port() const { return implementation_->port(); }

HttpServerCounts HttpServer::counts() const { return implementation_->counts(); }

}  // namespace keyfold

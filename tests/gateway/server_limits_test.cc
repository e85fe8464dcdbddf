// What the server does where somebody asks for too much, too slowly, or while it stops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "gateway/server_world.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

TEST_F(ServerTest, ABodyOfAHundredMegabytesIsNotTaken) {
  Start();
  WireClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n");
  const std::string piece(64 << 10, 'b');
  for (int i = 0; i < 1'600 && client.Send(piece); ++i) {
  }
  EXPECT_EQ(client.Read().status, 413);
  EXPECT_EQ(server_->counts().body_bytes, 0);
  EXPECT_EQ(Ask("/").status, 200);
}

TEST_F(ServerTest, ABodyInChunksIsTakenUpToItsLimit) {
  Start();
  WireClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = absl::StrCat("10000\r\n", std::string(64 << 10, 'b'), "\r\n");
  for (int i = 0; i < 1'600 && client.Send(chunk); ++i) {
  }
  EXPECT_EQ(client.Read().status, 413);
  EXPECT_LT(server_->counts().body_bytes, (1 << 20) + (64 << 10));
}

TEST_F(ServerTest, WhoAsksBeforeHeSendsIsTold) {
  Start();
  WireClient client(port());
  client.Send("POST /e HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("body");
  EXPECT_EQ(client.Read().body, "POST /e local body");
  client.Send("POST /e HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 400000000\r\n\r\n");
  EXPECT_EQ(client.Read().status, 413);
}

TEST_F(ServerTest, AHeaderOfAMegabyteIsNotTaken) {
  Start();
  WireClient client(port());
  client.Send(absl::StrCat("GET / HTTP/1.1\r\nHost: localhost\r\nA: ", std::string(1 << 20, 'a'), "\r\n\r\n"));
  EXPECT_EQ(client.Read().status, 431);
  EXPECT_TRUE(client.ReadsEnd());
}

TEST_F(ServerTest, SlowRequestsAreLetGoAndHoldUpNobody) {
  constexpr int kSlow = 500;
  GatewayConfig config;
  config.header_ms_max = 1'500;
  Start(config);
  std::vector<std::unique_ptr<WireClient>> slow;
  for (int i = 0; i < kSlow; ++i) {
    slow.push_back(std::make_unique<WireClient>(port()));
    if (i % 2 == 0) slow.back()->Send("GET / HT");
  }
  EXPECT_TRUE(Eventually([&] { return server_->counts().connections == kSlow; }));
  EXPECT_EQ(Ask("/").status, 200);
  for (int i = 0; i < kSlow; ++i) {
    if (i % 2 == 0) {
      EXPECT_EQ(slow[i]->Read().status, 408);
    }
    EXPECT_TRUE(slow[i]->ReadsEnd());
  }
  slow.clear();
  EXPECT_TRUE(Eventually([&] { return server_->counts().connections == 0; }));
}

TEST_F(ServerTest, ABodyThatDoesNotComeIsNotWaitedFor) {
  GatewayConfig config;
  config.body_ms_max = 50;
  Start(config);
  WireClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(client.Read().status, 408);
}

TEST_F(ServerTest, IdleConnectionsAreLetGo) {
  GatewayConfig config;
  config.keep_alive_ms_max = 50;
  Start(config);
  WireClient client(port());
  EXPECT_EQ(client.Ask("/").status, 200);
  EXPECT_TRUE(client.ReadsEnd());
}

TEST_F(ServerTest, ConnectionsAreCounted) {
  GatewayConfig config;
  config.connections_per_remote_max = 3;
  Start(config);
  std::vector<std::unique_ptr<WireClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<WireClient>(port()));
    EXPECT_EQ(clients.back()->Ask("/").status, 200);
  }
  EXPECT_TRUE(WireClient(port()).ReadsEnd());
  EXPECT_EQ(server_->counts().connections_refused, 1);
  clients.pop_back();
  EXPECT_TRUE(Eventually([&] { return Ask("/").status == 200; }));
}

TEST_F(ServerTest, WhatDoesNotFitIntoTheQueueIsToldToComeAgain) {
  Gate gate;
  GatewayConfig config;
  config.handler_threads = 1;
  config.queue_max = 1;
  Start(config, [&](const HttpRequest&) {
    gate.Pass();
    return BodyResponse("late");
  });
  WireClient running(port());
  running.Send(RequestText("/1"));
  gate.AwaitWaiting(1);
  WireClient waiting(port());
  waiting.Send(RequestText("/2"));
  ClientResponse busy;
  EXPECT_TRUE(Eventually([&] {
    WireClient third(port());
    third.Send(RequestText("/3"));
    busy = third.Read();  // one of the two is in the queue
    return busy.status == 503;
  }));
  EXPECT_EQ(busy.Header("Retry-After"), "1");
  gate.Open();
  EXPECT_EQ(running.Read().body, "late");
  EXPECT_EQ(waiting.Read().body, "late");
}

TEST_F(ServerTest, WhatGatewaysAskDoesNotWaitForThoseWhoWaitForGateways) {
  Gate gate;
  GatewayConfig config;
  config.handler_threads = 1;
  Start(config, [&](const HttpRequest& request) {
    if (request.Header(kAskedByGateway) == nullptr) gate.Pass();
    return BodyResponse(request.target.path);
  });
  WireClient waiting(port());
  waiting.Send(RequestText("/waits"));
  gate.AwaitWaiting(1);
  EXPECT_EQ(Ask("/asked", {{"keyfold-asks", "answer"}}).body, "/asked");
  gate.Open();
  EXPECT_EQ(waiting.Read().body, "/waits");
}

TEST_F(ServerTest, WhatRunsIsAnsweredWhenItStops) {
  Gate gate;
  Start({}, [&](const HttpRequest&) {
    gate.Pass();
    return BodyResponse("done");
  });
  WireClient idle(port());
  auto running = std::make_unique<WireClient>(port());
  running->Send(RequestText("/"));
  gate.AwaitWaiting(1);
  std::thread stopping([this] { server_->Stop(absl::Seconds(20)); });
  EXPECT_TRUE(idle.ReadsEnd());
  gate.Open();
  const ClientResponse response = running->Read();
  EXPECT_EQ(response.body, "done");
  EXPECT_TRUE(running->ReadsEnd());
  running = nullptr;
  stopping.join();
  EXPECT_EQ(server_->counts().connections, 0);
}

TEST_F(ServerTest, WhatDoesNotEndInTimeIsClosed) {
  Gate gate;
  Start({}, [&](const HttpRequest&) {
    gate.Pass();
    return BodyResponse("never seen");
  });
  WireClient running(port());
  running.Send(RequestText("/"));
  gate.AwaitWaiting(1);
  std::thread stopping([this] { server_->Stop(absl::ZeroDuration()); });
  EXPECT_EQ(running.Read().status, 0);
  gate.Open();  // a handler is waited for: what it uses is gone afterwards
  stopping.join();
}

}  // namespace
}  // namespace keyfold

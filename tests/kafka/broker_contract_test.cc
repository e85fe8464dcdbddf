// The contract of EventLog and UpdateSink on a real Kafka.
#include <memory>

#include "contract/log_sink_contract.h"
#include "kafka/broker_world.h"

namespace keyfold {
namespace {

INSTANTIATE_TEST_SUITE_P(Kafka, LogSinkContract,
                         ::testing::Values(LogSinkWorldFactory{
                             .name = "broker", .make = []() -> absl::StatusOr<std::unique_ptr<LogSinkWorld>> {
                               return BrokerWorld::Make();
                             }}));

}  // namespace
}  // namespace keyfold

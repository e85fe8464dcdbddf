// What only a real Kafka can show, beyond the contract: open transactions of others, members that fall silent,
// at_least_once, topics, plain producing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "contract/log_sink_world.h"
#include "kafka/broker_world.h"
#include "kafka/client.h"
#include "kafka/kafka_status.h"
#include "kafka/partition_list.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"

namespace keyfold {
namespace {

class BrokerTest : public LogSinkContract {
 protected:
  BrokerWorld& world() { return static_cast<BrokerWorld&>(*world_); }

  TestWorker OpenWith(const KafkaEventLogOptions& log_options, const KafkaUpdateSinkOptions& sink_options) {
    TestWorker worker = Adopt(BrokerWorld::OpenWith(log_options, sink_options));
    EXPECT_TRUE(worker.sink().Reset().ok());
    return worker;
  }
};

INSTANTIATE_TEST_SUITE_P(Kafka, BrokerTest,
                         ::testing::Values(LogSinkWorldFactory{
                             .name = "broker", .make = []() -> absl::StatusOr<std::unique_ptr<LogSinkWorld>> {
                               return BrokerWorld::Make();
                             }}));

TEST_P(BrokerTest, CommittedWaitsForTheEndOfAnOpenTransaction) {
  CreateTopics(1);
  AppendCounted(0, 5);
  KafkaEventLogOptions options = world().LogOptions();
  options.stable_wait_max = absl::Seconds(1);
  TestWorker worker = OpenWith(options, world().SinkOptions("w"));
  AwaitAssignment(worker, 1);

  auto producer = KafkaProducer::Create(world().connection(), {{"transactional.id", UniqueName("other")}});
  ASSERT_TRUE(producer.ok()) << producer.status();
  rd_kafka_t* const client = (*producer)->client();
  ASSERT_EQ(rd_kafka_init_transactions(client, 10'000), nullptr);
  ASSERT_EQ(rd_kafka_begin_transaction(client), nullptr);
  auto& log = static_cast<KafkaEventLog&>(worker.log());
  const std::vector<OffsetCommit> offsets = {{0, 3, "open"}};
  const absl::StatusOr<GroupMetadataHandle> metadata = log.MetadataToCommit(offsets);
  ASSERT_TRUE(metadata.ok()) << metadata.status();
  const PartitionListHandle list = PartitionListOf(client, log.topic(), offsets);
  ASSERT_EQ(rd_kafka_send_offsets_to_transaction(client, list.get(), metadata->get(), 10'000), nullptr);

  const absl::Status open = log.Committed(0).status();
  EXPECT_TRUE(absl::IsUnavailable(open) || absl::IsDeadlineExceeded(open)) << open;
  ASSERT_EQ(rd_kafka_commit_transaction(client, 10'000), nullptr);
  EXPECT_EQ(Committed(worker, 0), (CommittedOffset{3, "open"}));
}

TEST_P(BrokerTest, EndOfTheRangeIsTheLastStableOffset) {
  CreateTopics(1);
  AppendCounted(0, 2);
  TestWorker worker = Open("w");
  auto producer = KafkaProducer::Create(world().connection(), {{"transactional.id", UniqueName("other")}});
  ASSERT_TRUE(producer.ok()) << producer.status();
  ASSERT_EQ(rd_kafka_init_transactions((*producer)->client(), 10'000), nullptr);
  ASSERT_EQ(rd_kafka_begin_transaction((*producer)->client()), nullptr);
  ASSERT_TRUE((*producer)->Produce(world().input(), {.partition = 0, .key = {}, .value = "open"}).ok());
  ASSERT_TRUE((*producer)->Flush(kPatience).ok());
  EXPECT_EQ(worker.log().Range(0)->end, 2);
  ASSERT_EQ(rd_kafka_abort_transaction((*producer)->client(), 10'000), nullptr);
  // The aborted record and the marker.
  PollUntil({&worker}, [&] { return worker.log().Range(0)->end == 4; });
}

// Nothing is sent before the commit, so the brokers' patience is not needed for what comes before.
TEST_P(BrokerTest, ATransactionMayBeOpenForLongerThanItsTimeout) {
  CreateTopics(1);
  AppendCounted(0, 5);
  KafkaUpdateSinkOptions options = world().SinkOptions("w");
  options.transaction_timeout = absl::Seconds(1);
  TestWorker worker = OpenWith(world().LogOptions(), options);
  AwaitAssignment(worker, 1);
  BeginAndPublish(worker, {"late"});
  absl::SleepFor(absl::Seconds(3.5));  // the coordinator looks once a second
  const CommitResult result = worker.sink().Commit({{0, 2, "late"}});
  EXPECT_EQ(result.outcome, CommitOutcome::kCommitted) << result.status;
  EXPECT_EQ(Committed(worker, 0), (CommittedOffset{2, "late"}));
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("late"));
}

TEST_P(BrokerTest, MemberThatFellSilentCannotCommitAndIsToldOfItsLoss) {
  CreateTopics(1);
  AppendCounted(0, 5);
  KafkaEventLogOptions options = world().LogOptions();
  options.connection.properties = {{"session.timeout.ms", "1000"}, {"max.poll.interval.ms", "1000"}};
  TestWorker silent = OpenWith(options, world().SinkOptions("silent"));
  AwaitAssignment(silent, 1);
  BeginAndPublish(silent, {"of the silent one"});

  TestWorker successor = Open("successor");
  AwaitAssignment(successor, 1);
  const CommitResult result = silent.sink().Commit({{0, 5, "silent"}});
  EXPECT_EQ(result.outcome, CommitOutcome::kAborted) << result.status;
  EXPECT_TRUE(absl::IsAborted(result.status)) << result.status;
  BeginAndPublish(successor, {"of the successor"});
  Commit(successor, {{0, 5, "successor"}});
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("of the successor"));
  PollUntil({&silent}, [&] { return silent.owned.empty(); });
}

TEST_P(BrokerTest, RecordsLostUnderTheReaderAreAnErrorAndNotSkipped) {
  CreateTopics(1);
  // One by one: a batch is fetched as a whole.
  for (int i = 0; i < 200; ++i) Append({{0, "k", std::string(100, 'x')}});
  KafkaEventLogOptions options = world().LogOptions();
  options.connection.properties = {{"queued.min.messages", "1"},
                                   {"queued.max.messages.kbytes", "1"},
                                   {"fetch.message.max.bytes", "1000"},
                                   {"fetch.max.bytes", "1000"},
                                   {"message.max.bytes", "1000"}};
  TestWorker worker = OpenWith(options, world().SinkOptions("w"));
  AwaitAssignment(worker, 1);
  Fetch(worker, 0, 0);
  PollUntil({}, [&] {
    Poll(worker, {.records_max = 1});
    return !worker.records.empty();
  });
  ASSERT_TRUE(world().DeleteBefore(0, 199).ok());

  int64_t next = worker.offsets.back() + 1;
  absl::StatusOr<PollResult> result;
  const absl::Time deadline = absl::Now() + kPatience;
  do {
    result = worker.log().Poll({});
    if (!result.ok()) break;
    for (const Record& record : result->records) ASSERT_EQ(record.offset, next++) << "skipped what was lost";
  } while (absl::Now() < deadline);
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status())) << result.status();
  EXPECT_THAT(std::string(result.status().message()), ::testing::HasSubstr("starts at 199"));
  EXPECT_TRUE(absl::IsFailedPrecondition(worker.log().Poll({}).status())) << "it stays an error";
}

TEST_P(BrokerTest, AtLeastOncePublishesAndCommitsOffsetsWithMetadata) {
  CreateTopics(1);
  AppendCounted(0, 5);
  KafkaUpdateSinkOptions options = world().SinkOptions("w");
  options.guarantee = Guarantee::kAtLeastOnce;
  TestWorker worker = OpenWith(world().LogOptions(), options);
  AwaitAssignment(worker, 1);
  BeginAndPublish(worker, {"a", "b"});
  Commit(worker, {{0, 2, "sweep=1"}});
  EXPECT_EQ(Committed(worker, 0), (CommittedOffset{2, "sweep=1"}));
  BeginAndPublish(worker, {"c"});
  ASSERT_TRUE(worker.sink().Abort().ok());
  BeginAndPublish(worker, {"d"});
  const CommitResult refused = worker.sink().Commit({{7, 1, ""}});
  EXPECT_EQ(refused.outcome, CommitOutcome::kUnknown);
  EXPECT_FALSE(worker.sink().Begin().ok());
  ASSERT_TRUE(worker.sink().Reset().ok());
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("a", "b", "d"));
  EXPECT_EQ(Committed(worker, 0).offset, 2);
}

TEST_P(BrokerTest, ARecordThatCannotBeDeliveredAbortsTheTransaction) {
  CreateTopics(1);
  AppendCounted(0, 5);
  KafkaUpdateSinkOptions options = world().SinkOptions("w");
  options.dead_letters_topic = UniqueName("no-such-topic");
  TestWorker worker = OpenWith(world().LogOptions(), options);
  AwaitAssignment(worker, 1);
  BeginAndPublish(worker, {"a"});
  OutputRecord stray = Output("k", "v");
  stray.topic = OutputTopic::kDeadLetters;
  const absl::Status published = worker.sink().Publish(std::move(stray));
  const CommitResult result = worker.sink().Commit({{0, 1, ""}});
  EXPECT_EQ(result.outcome, CommitOutcome::kAborted) << published << result.status;
  EXPECT_FALSE(result.status.ok());
  EXPECT_THAT(OutputValues(), ::testing::IsEmpty());
  EXPECT_EQ(Committed(worker, 0), CommittedOffset{});
}

TEST_P(BrokerTest, RecordsWithOneRoutingKeyMeetWhereAPlainRecordWithThatKeyGoes) {
  CreateTopics(1);
  KafkaUpdateSinkOptions options = world().SinkOptions("w");
  options.partials_topic = UniqueName("partials");
  ASSERT_TRUE(keyfold::CreateTopics(world().connection(), {{.name = options.partials_topic, .partitions = 10}}).ok());
  TestWorker worker = OpenWith(world().LogOptions(), options);
  ASSERT_TRUE(worker.sink().Begin().ok());
  std::map<std::string, std::string> groups;  // by the key of what is published
  for (const std::string group : {"21", "foobar", "region=EMEA", "manager=m-7", "all", ""}) {
    for (const char* const suffix : {"", "-0", "-1", "-2"}) {
      OutputRecord record = Output(absl::StrCat(group, suffix), "v");
      record.topic = OutputTopic::kPartials;
      if (*suffix != '\0') record.routing_key = group;
      groups[*record.key] = group;
      ASSERT_TRUE(worker.sink().Publish(std::move(record)).ok());
    }
  }
  Commit(worker, {});
  // A commit is answered before the markers that make it visible are written in every partition.
  std::map<std::string, int32_t> partitions;
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (partitions.size() < groups.size() && absl::Now() < deadline) {
    ASSERT_TRUE(ReadTopic(world().connection(), options.partials_topic, [&](const Record& record) {
                  partitions[std::string(*record.key)] = record.partition;
                }).ok());
  }
  ASSERT_EQ(partitions.size(), groups.size());
  for (const auto& [key, group] : groups) EXPECT_EQ(partitions[key], partitions[group]) << key;
  // Kafka's own test vectors of murmur2 (UtilsTest).
  EXPECT_EQ(partitions["21-0"], (-973932308 & 0x7fffffff) % 10);
  EXPECT_EQ(partitions["foobar-0"], (-790332482 & 0x7fffffff) % 10);
}

TEST_P(BrokerTest, ARoutingKeyForATopicThatIsNotThereIsRefusedAtOnce) {
  auto producer = KafkaProducer::Create(world().connection());
  ASSERT_TRUE(producer.ok()) << producer.status();
  const std::string missing = UniqueName("missing");
  const absl::Status status =
      (*producer)->Produce(missing, {.partition = {}, .key = "k", .value = "v", .routing_key = "g"});
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(missing));
  ASSERT_TRUE(keyfold::CreateTopics(world().connection(), {{.name = missing, .partitions = 2}}).ok());
  const absl::Time deadline = absl::Now() + kPatience;
  absl::Status now_there = status;
  while (!now_there.ok() && absl::Now() < deadline) {
    now_there = (*producer)->Produce(missing, {.partition = {}, .key = "k", .value = "v", .routing_key = "g"});
  }
  EXPECT_TRUE(now_there.ok()) << now_there;
}

TEST_P(BrokerTest, TopicsAreCreatedAndDescribed) {
  const std::string name = UniqueName("topic");
  const std::vector<TopicSpecification> specification = {
      {.name = name, .partitions = 3, .replication_factor = 1, .config = {{"cleanup.policy", "compact"}}}};
  const absl::Status created = keyfold::CreateTopics(world().connection(), specification);
  ASSERT_TRUE(created.ok()) << created;
  EXPECT_TRUE(absl::IsAlreadyExists(keyfold::CreateTopics(world().connection(), specification)));
  EXPECT_TRUE(absl::IsInvalidArgument(
      keyfold::CreateTopics(world().connection(), {{.name = UniqueName("t"), .config = {{"no.such.entry", "1"}}}})));

  const std::string missing = UniqueName("missing");
  const auto describe = [&](const std::vector<std::string>& names) {
    return DescribeTopics(world().connection(), names, kPatience, /*missing_for=*/absl::ZeroDuration());
  };
  const auto descriptions = describe({missing, name});
  ASSERT_TRUE(descriptions.ok()) << descriptions.status();
  ASSERT_EQ(descriptions->size(), 2u);
  EXPECT_FALSE((*descriptions)[0].exists);
  EXPECT_TRUE((*descriptions)[1].exists);
  EXPECT_EQ((*descriptions)[1].partitions, 3);
  EXPECT_EQ((*descriptions)[1].replication_factor, 1);
  EXPECT_EQ((*descriptions)[1].config.at("cleanup.policy"), "compact");
  EXPECT_FALSE((*describe({missing}))[0].exists) << "asking must not create";
}

// A broker names itself leader of a new partition a moment before it answers for it.
TEST_P(BrokerTest, OffsetsOfATopicThatWasJustCreatedAreKnown) {
  const std::string name = UniqueName("topic");
  constexpr int32_t kPartitions = 100;
  ASSERT_TRUE(keyfold::CreateTopics(world().connection(), {{.name = name, .partitions = kPartitions}}).ok());
  const auto ranges = ReadRanges(world().connection(), name, kPartitions);
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  EXPECT_EQ(ranges->size(), static_cast<size_t>(kPartitions));
}

TEST_P(BrokerTest, ProducerSpreadsByKeyAsJavaDoesAndCountsFailures) {
  const std::string name = UniqueName("topic");
  ASSERT_TRUE(keyfold::CreateTopics(world().connection(), {{.name = name, .partitions = 10}}).ok());
  auto producer = KafkaProducer::Create(world().connection());
  ASSERT_TRUE(producer.ok()) << producer.status();
  // Kafka's own test vectors of murmur2 (UtilsTest): "21" -> -973932308, "foobar" -> -790332482.
  ASSERT_TRUE((*producer)->Produce(name, {.partition = {}, .key = "21", .value = "1"}).ok());
  ASSERT_TRUE((*producer)->Produce(name, {.partition = {}, .key = "foobar", .value = "2"}).ok());
  ASSERT_TRUE((*producer)->Flush(kPatience).ok());
  EXPECT_EQ((*producer)->failures().count, 0);
  std::map<std::string, int32_t> partitions;
  const absl::Status read = ReadTopic(world().connection(), name, [&](const Record& record) {
    partitions[std::string(*record.key)] = record.partition;
  });
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_EQ(partitions["21"], (-973932308 & 0x7fffffff) % 10);
  EXPECT_EQ(partitions["foobar"], (-790332482 & 0x7fffffff) % 10);

  for (int i = 0; i < 3; ++i) {
    const absl::Status status = (*producer)->Produce(name, {.partition = 99, .key = "k", .value = "v"});
    ASSERT_TRUE(status.ok() || absl::IsNotFound(status)) << status;
    if (!status.ok()) return;  // refused at once
  }
  ASSERT_TRUE((*producer)->Flush(kPatience).ok());
  EXPECT_EQ((*producer)->failures().count, 3);
  EXPECT_TRUE(absl::IsNotFound((*producer)->failures().first)) << (*producer)->failures().first;
}

TEST_P(BrokerTest, ReadingATopicThatIsNotThereIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadTopic(world().connection(), UniqueName("missing"), [](const Record&) {})));
}

}  // namespace
}  // namespace keyfold

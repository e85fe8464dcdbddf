// keyfold produce: JSON lines into the input topic.
#include "cli/produce.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "kafka/producer.h"
#include "lines/line_files.h"
#include "lines/rejected_lines.h"
#include "mapped/map_flags.h"
#include "mapped/produce_mapped.h"
#include "report/progress.h"
#include "run/from_config.h"
#include "run/stop_signal.h"
#include "run/topics.h"

namespace keyfold {
namespace {

constexpr char kContentType[] = "content-type";
constexpr absl::Duration kFlushSlice = absl::Milliseconds(200);

struct ProduceFlags {
  ConfigFlags config;
  std::vector<std::string> files;
  std::string as = "protobuf";
  std::string timestamps = "now";
  int64_t rate = 0;  // records a second; 0: as fast as it goes
  bool partitions_check = false;
  bool send_invalid = false;
  bool allow_unknown_fields = false;
  std::string dead_letters_file;
  MapFlags map;
};

struct ProduceCounts {
  int64_t sent = 0;  // handed to the producer; a control event once a partition
  int64_t lines = 0;
  int64_t rejected = 0;
};

// The size of all files in bytes; 0 if one of them is a stream.
int64_t BytesOf(const std::vector<std::string>& files) {
  int64_t bytes = 0;
  for (const std::string& file : files) {
    struct stat status {};
    if (file == "-" || stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    bytes += status.st_size;
  }
  return bytes;
}

// Milliseconds since the epoch; nullopt: this is no instant.
std::optional<int64_t> ParseInstant(const std::string& text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  return absl::ToUnixMillis(time);
}

// Sends the lines, one by one and in order.
class LineProducer {
 public:
  LineProducer(const ProduceFlags& flags, const Config& config, Currency reporting_currency, int32_t partitions,
               KafkaProducer& producer, RejectedLines& rejected)
      : flags_(flags),
        topic_(config.events_topic),
        partitions_(partitions),
        decoder_(reporting_currency),
        format_(flags.as == "json" ? WireFormat::kJson : WireFormat::kProtobuf),
        time_(flags.timestamps == "occurred_at" ? RecordTime::kOccurredAt : RecordTime::kNow),
        instant_ms_(ParseInstant(flags.timestamps)),
        producer_(producer),
        rejected_(rejected),
        begin_(absl::Now()) {}

  // Cancelled: Ctrl-C.
  absl::Status Send(int64_t number, std::string_view line) {
    if (interrupted_) return absl::CancelledError("interrupted");
    ++counts_.lines;
    number_ = number;
    const UnknownFields unknown = flags_.allow_unknown_fields ? UnknownFields::kIgnored : UnknownFields::kRejected;
    const DecodedRecord decoded = DecodeLine(decoder_, unknown, number, line, rejected_);
    if (const auto* const rejection = std::get_if<Rejection>(&decoded)) {
      ++counts_.rejected;
      rejected_.Add(number, *rejection, line);
      return flags_.send_invalid ? Send(RecordOfInvalidLine(line)) : absl::OkStatus();
    }
    OutgoingRecord outgoing = RecordToSend(decoded, line, format_, time_);
    // An erasure says not when it happens: when what stands before it does.
    if (time_ == RecordTime::kOccurredAt) {
      if (!outgoing.value.has_value()) outgoing.timestamp_ms = latest_ms_;
      latest_ms_ = std::max(latest_ms_, outgoing.timestamp_ms);
    }
    if (instant_ms_.has_value()) outgoing.timestamp_ms = *instant_ms_;
    return Send(outgoing);
  }

  const ProduceCounts& counts() const { return counts_; }

 private:
  absl::Status Send(const OutgoingRecord& record) {
    ProducerRecord produced;
    produced.tag = number_;
    produced.key = record.key;
    produced.value = record.value;
    produced.headers = &record.headers;
    produced.timestamp_ms = record.timestamp_ms;
    if (!record.every_partition) return Send(produced);
    for (int32_t partition = 0; partition < partitions_; ++partition) {
      produced.partition = partition;
      KEYFOLD_RETURN_IF_ERROR(Send(produced));
    }
    return absl::OkStatus();
  }

  absl::Status Send(const ProducerRecord& record) {
    KEYFOLD_RETURN_IF_ERROR(WaitForTurn());
    // Short waits, so that Ctrl-C is heard while the brokers do not answer.
    while (true) {
      const absl::Status status = producer_.Produce(topic_, record, kFlushSlice);
      if (status.ok()) {
        ++counts_.sent;
        return status;
      }
      if (!absl::IsResourceExhausted(status)) {
        return absl::Status(status.code(), absl::StrCat("line ", number_, ": ", status.message()));
      }
      if (interrupted_) return absl::CancelledError("interrupted");
      // Where deliveries fail for good, the queue will not empty.
      if (producer_.failures().count > 0) return producer_.failures().first;
    }
  }

  absl::Status WaitForTurn() const {
    if (flags_.rate == 0) return absl::OkStatus();
    const absl::Time turn =
        begin_ + absl::Seconds(static_cast<double>(counts_.sent) / static_cast<double>(flags_.rate));
    for (absl::Time now = absl::Now(); now < turn; now = absl::Now()) {
      if (interrupted_) return absl::CancelledError("interrupted");
      absl::SleepFor(std::min(turn - now, kFlushSlice));
    }
    return absl::OkStatus();
  }

  const ProduceFlags& flags_;
  const std::string topic_;
  const int32_t partitions_;
  const Decoder decoder_;
  const WireFormat format_;
  const RecordTime time_;
  const std::optional<int64_t> instant_ms_;  // for all records
  int64_t latest_ms_ = -1;                   // the greatest occurred_at so far
  KafkaProducer& producer_;
  RejectedLines& rejected_;
  int64_t number_ = 0;  // of the line that is sent
  const std::atomic<bool>& interrupted_ = StopOnSignals();
  const absl::Time begin_;
  ProduceCounts counts_;
};

// The number of partitions of the input topic, of which every one gets the control events.
absl::StatusOr<int32_t> InspectTopic(const KafkaConnection& connection, const std::string& topic, bool check) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TopicDescription> described, DescribeTopics(connection, {topic}));
  if (!described[0].exists) return NoTopic(topic);
  if (!check) return described[0].partitions;
  std::cerr << "topic " << topic << " has " << described[0].partitions << " partitions\n";
  bool wrong = false;
  for (const TopicDeviation& deviation : FindDeviations(TopicRole::kEvents, described[0], connection.bootstrap)) {
    wrong |= deviation.fatal;
    std::cerr << (deviation.fatal ? "wrong: " : "warning: ") << topic << ": " << deviation.what << '\n';
  }
  if (wrong) return absl::FailedPreconditionError(absl::StrCat(topic, " would lose events: keyfold topics says more"));
  return described[0].partitions;
}

// An export, by its mapping.
absl::StatusOr<int> ProduceExport(const ProduceFlags& flags, const Config& config) {
  if (flags.timestamps != "now" && flags.timestamps != "occurred_at") {
    return absl::InvalidArgumentError("--timestamps with --map: now or occurred_at");
  }
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  EventSending sending;
  sending.topic = config.events_topic;
  KEYFOLD_ASSIGN_OR_RETURN(sending.partitions, InspectTopic(connection, sending.topic, flags.partitions_check));
  sending.stamp_occurred_at = flags.timestamps == "occurred_at";
  sending.stopped = [&interrupted = StopOnSignals()] { return interrupted.load(); };
  KEYFOLD_ASSIGN_OR_RETURN(const bool all, ProduceMapped(flags.map, flags.files, config, connection, sending));
  return all ? kExitOk : kExitFailed;
}

absl::StatusOr<int> Produce(const ProduceFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  if (flags.map.given()) return ProduceExport(flags, config);
  const std::optional<Currency> reporting_currency = Currency::Parse(config.kpi.reporting_currency);
  if (!reporting_currency.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("'", config.kpi.reporting_currency, "' is no currency"));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  RejectedLines rejected;
  KEYFOLD_RETURN_IF_ERROR(rejected.Open(flags.dead_letters_file, flags.files));
  KEYFOLD_ASSIGN_OR_RETURN(const int32_t partitions,
                           InspectTopic(connection, config.events_topic, flags.partitions_check));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection));
  LineProducer lines(flags, config, *reporting_currency, partitions, *producer, rejected);
  absl::Status status;
  {
    Progress progress("bytes");
    progress.SetTotal(BytesOf(flags.files));
    status = ForEachLine(flags.files, [&](int64_t number, std::string_view line) {
      const absl::Status sent = lines.Send(number, line);
      progress.Advance(static_cast<int64_t>(line.size()) + 1);
      return sent;
    });
  }
  const absl::Status delivered = producer->Flush(absl::Minutes(6));  // librdkafka itself gives up after five
  const absl::Status written = rejected.Finish();
  const ProduceCounts& counts = lines.counts();
  const DeliveryFailures& failures = producer->failures();
  std::cerr << "sent " << counts.sent - failures.count << " records from " << counts.lines << " lines to "
            << config.events_topic << ", " << counts.rejected << " lines rejected" << rejected.CountsByCode() << ", "
            << failures.count << " not delivered\n";
  if (failures.count > 0) {
    std::cerr << "not delivered: line " << failures.first_tag << ": " << failures.first.message() << '\n';
  }
  if (!status.ok() && !absl::IsCancelled(status)) return status;
  KEYFOLD_RETURN_IF_ERROR(written);
  KEYFOLD_RETURN_IF_ERROR(delivered);
  if (absl::IsCancelled(status)) std::cerr << "stopped: " << status.message() << '\n';
  const bool all_sent = counts.rejected == 0 || flags.send_invalid;
  return status.ok() && failures.count == 0 && all_sent ? kExitOk : kExitFailed;
}

}  // namespace

OutgoingRecord RecordToSend(const DecodedRecord& record, std::string_view line, WireFormat format, RecordTime time) {
  OutgoingRecord outgoing;
  if (const auto* const erasure = std::get_if<Erasure>(&record)) {
    outgoing.key = erasure->account_id;
    return outgoing;
  }
  const v1::AccountEvent& event = *std::get<ValidEvent>(record);
  outgoing.every_partition = event.account_id().empty();
  if (!outgoing.every_partition) outgoing.key = event.account_id();
  if (format == WireFormat::kJson) {
    outgoing.value = std::string(line);
    outgoing.headers = {{kContentType, "application/json"}};
  } else {
    outgoing.value = event.SerializeAsString();
    outgoing.headers = {{kContentType, "application/protobuf"}};
  }
  if (time == RecordTime::kOccurredAt) {
    outgoing.timestamp_ms = event.occurred_at().seconds() * 1000 + event.occurred_at().nanos() / 1'000'000;
  }
  return outgoing;
}

OutgoingRecord RecordOfInvalidLine(std::string_view line) {
  OutgoingRecord outgoing;
  outgoing.value = std::string(line);
  outgoing.headers = {{kContentType, "application/json"}};
  const nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return outgoing;
  for (const char* name : {"account_id", "accountId"}) {
    const auto found = json.find(name);
    if (found != json.end() && found->is_string()) outgoing.key = found->get<std::string>();
  }
  return outgoing;
}

void AddProduce(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<ProduceFlags>();
  CLI::App* verb = app.add_subcommand(
      "produce", "Send JSON lines, or an export by its mapping, to the input topic, after checking them");
  verb->add_option("FILE", flags->files, "Events, one a line, or an export; - is standard input")->required();
  verb->add_option("--as", flags->as, "protobuf or json")
      ->check(CLI::IsMember({"protobuf", "json"}))
      ->capture_default_str();
  verb->add_option("--timestamps", flags->timestamps,
                   "Of records: now, occurred_at, or an instant (2026-07-01T12:00:00Z)")
      ->check([](const std::string& text) {
        const bool known = text == "now" || text == "occurred_at" || ParseInstant(text).has_value();
        return known ? "" : "'" + text + "' is neither now nor occurred_at nor an instant";
      })
      ->capture_default_str();
  verb->add_option("--rate", flags->rate, "Records a second; 0: as fast as possible")
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}))
      ->capture_default_str();
  verb->add_flag("--partitions-check", flags->partitions_check,
                 "First check the topic's settings, and refuse bad ones");
  verb->add_flag("--send-invalid", flags->send_invalid, "Send rejected lines too, unchanged, as JSON");
  verb->add_flag("--allow-unknown-fields", flags->allow_unknown_fields,
                 "Take events with fields that there are not, as `run` does");
  verb->add_option("--dead-letters", flags->dead_letters_file,
                   "Write rejected lines to this file; - is standard output");
  CLI::Option* const map = flags->map.AddTo(*verb);
  for (const char* const other : {"--as", "--rate", "--send-invalid", "--allow-unknown-fields", "--dead-letters"}) {
    map->excludes(verb->get_option(other));
  }
  verb->add_option("--sent", flags->map.sent_directory,
                   "With --map: where it is kept what was sent (<state_directory>/imports/<name of the mapping>)")
      ->needs(map);
  verb->footer(
      "Ends with 1 if a line was rejected and not sent, or was not delivered.\n"
      "With --map sending a file twice changes nothing, and a newer export sends only what differs.");
  flags->config.AddTo(*verb, {"reporting_currency", "topics.events", "state_directory", "kafka"});
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Produce(*flags)); });
}

}  // namespace keyfold

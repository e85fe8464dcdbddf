// The engine within another program: account events from any source, KPI updates to any sink, no Kafka.
//
//   const auto engine = keyfold::Engine::Open({.state_directory = "kpis"});
//   source.Seek((*engine)->next_offset());
//   (*engine)->Fold(source.Read(), [](const keyfold::OutputRecord& record) { return sink.Write(record); });
//
// docs/embedding.cc is a whole program. record.h and update_sink.h say what goes in and comes out.
#ifndef KEYFOLD_ENGINE_H_
#define KEYFOLD_ENGINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyfold/record.h"
#include "keyfold/update_sink.h"

namespace keyfold {

struct EngineOptions {
  std::string state_directory = {};  // empty: the state is in memory, and gone with the engine
  std::string log_name = "events";   // what the offsets count: a state of another log is refused
  std::string catalog_yaml = {};     // empty: the built-in catalogue (deploy/catalog.yaml)
  std::map<std::string, double> parameters = {};
  std::string time_zone = "Europe/Berlin";
  std::string reporting_currency = "EUR";
  int fiscal_year_start_month = 1;
  int64_t memory_bytes_max = 64 << 20;  // accounts used lately, and what is gathered to be written, about
  bool json = false;                    // updates as JSON instead of Protobuf
};

// Not thread-safe. After an error open it anew.
class Engine {
 public:
  // Gets what becomes of the records: updates of accounts and groups (v1.KpiUpdate by the id of each; no value: it is
  // gone) and rejected records as dead letters. Never a partial.
  using Publish = std::function<absl::Status(const OutputRecord& record)>;

  // InvalidArgument: something is wrong with the catalogue or a setting. FailedPrecondition: the state is of another
  // log, or of other definitions. Others: of the disk.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const EngineOptions& options);

  virtual ~Engine() = default;

  // The first record that is not folded yet: where a source goes on.
  virtual int64_t next_offset() const = 0;

  // Folds records whose offsets rise from next_offset() on (there may be gaps), and publishes what changed. When a
  // record moves the evaluation date (its timestamp is of a later day), every account is brought up to date. The state
  // is kept after `publish` has taken everything; after a crash, or an error of `publish`, the records since the last
  // Flush() are to be folded again, and what was published of them comes again.
  virtual absl::Status Fold(std::span<const Record> records, const Publish& publish) = 0;

  // What was folded outlives the process from now on.
  virtual absl::Status Flush() = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_H_

// What an import found, for people: what became events, what did not and why, what was rounded and looked up in vain.
#ifndef KEYFOLD_IMPORTING_SUMMARY_H_
#define KEYFOLD_IMPORTING_SUMMARY_H_

#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "keyfold/v1/account_event.pb.h"
#include "mapping/mapping.h"

namespace keyfold {

// "invoice_issued"
const std::string& TypeNameOf(const v1::AccountEvent& event);

// An event as a line of JSON, as `produce` reads it.
std::string EventAsJson(const v1::AccountEvent& event);

// Not thread-safe. Of accounts it keeps eight bytes each.
class ImportSummary {
 public:
  // Makes the file for rejected rows anew; empty: there is none. InvalidArgument: it is one of the files that are read.
  absl::Status Open(const std::string& rejected_file, const std::vector<std::string>& read);

  void AddRow() { ++rows_; }
  void AddSkipped(const std::string& reason) { ++skipped_[reason]; }

  // `files` are the names that the rejection's file is one of.
  void AddRejected(const MappingRejection& rejection, const std::vector<std::string>& files);

  void AddEvent(const v1::AccountEvent& event);

  int64_t rejected_rows() const { return rejected_rows_; }
  int64_t events() const { return events_; }

  // All of it, to be read from top to bottom.
  void Print(const MappingContext& context, std::ostream& out) const;

  // An error if not all rejected rows could be written.
  absl::Status Finish();

 private:
  struct Rejected {
    int64_t rows = 0;
    std::vector<std::string> examples;
  };

  void PrintRejected(std::ostream& out) const;

  std::string rejected_file_name_;
  std::ofstream rejected_file_;
  int64_t rows_ = 0;
  int64_t rejected_rows_ = 0;
  int64_t events_ = 0;
  std::map<std::string, int64_t> skipped_;
  std::map<std::string, Rejected> rejected_;  // by column and reason
  std::map<std::string, int64_t> types_;
  std::vector<v1::AccountEvent> first_events_;
  absl::flat_hash_set<uint64_t> accounts_;  // hashes of their ids
  std::vector<std::string> first_accounts_;
  std::optional<absl::Time> earliest_;
  absl::Time latest_;
};

}  // namespace keyfold

#endif  // KEYFOLD_IMPORTING_SUMMARY_H_

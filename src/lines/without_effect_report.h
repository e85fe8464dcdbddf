// Events without effect, counted for people and listed for programs.
#ifndef KEYFOLD_LINES_WITHOUT_EFFECT_REPORT_H_
#define KEYFOLD_LINES_WITHOUT_EFFECT_REPORT_H_

#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "fold/offline_fold.h"

namespace keyfold {

// Not thread-safe.
class WithoutEffectReport {
 public:
  // Makes the file anew; empty: there is none. InvalidArgument: it is one of the files that will be read.
  absl::Status Open(const std::string& file_name, const std::vector<std::string>& read);

  // Writes a line of JSON for each such event into the file, {"account_id":"A1","entity_kind":"quote","entity_id":"Q1",
  // "event_id":"e7","type":"quote_rejected","reason":"after_expiry","occurred_at":"2026-05-04T10:00:00Z"}, and into
  // `summary` how many there are of each type and reason, if there are any.
  absl::Status Write(const OfflineFold& fold, std::ostream& summary);

 private:
  std::string file_name_;
  std::ofstream file_;
};

}  // namespace keyfold

#endif  // KEYFOLD_LINES_WITHOUT_EFFECT_REPORT_H_

// Alerts, the newest first: what a list of them is made of without reading any.
#ifndef KEYFOLD_ROWS_ALERT_ORDER_H_
#define KEYFOLD_ROWS_ALERT_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "keyfold/v1/alert.pb.h"
#include "keyfold/v1/latest_values.pb.h"
#include "rows/latest_topic.h"

namespace keyfold {

struct AlertFacts {
  bool raised = false;
  v1::KpiAlert::Severity severity = v1::KpiAlert::SEVERITY_UNSPECIFIED;
  int64_t recorded_ms = 0;
};

// By estimate 60 bytes for each alert. Not thread-safe; may be read by many threads while nobody changes it.
class AlertOrder {
 public:
  // Where an alert stands: by when its latest record was caused, the newest first, and among those of one moment by
  // key.
  struct Place {
    int64_t recorded_ms = 0;
    std::string_view key;
  };
  static bool ComesBefore(const Place& a, const Place& b) {
    return a.recorded_ms != b.recorded_ms ? a.recorded_ms > b.recorded_ms : a.key < b.key;
  }

  // What the alert is from now on. `key` stays where it is until Erase(), and the same.
  void Put(RowNumber number, std::string_view key, const v1::LatestRow& latest);
  // Of one that is not there, nothing.
  void Erase(RowNumber number);

  size_t size() const { return facts_.size(); }

  // Null: there is none, or it is gone.
  const AlertFacts* Find(RowNumber number) const;

  // Visits the alerts after a place (nullopt: all) until the visitor returns false.
  void VisitAfter(const std::optional<Place>& place, absl::FunctionRef<bool(RowNumber number)> visit) const;

 private:
  struct Entry {
    Place place;
    RowNumber number = 0;
  };
  struct Less {
    using is_transparent = void;
    static const Place& Of(const Entry& entry) { return entry.place; }
    static const Place& Of(const Place& place) { return place; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return ComesBefore(Of(a), Of(b));
    }
  };
  struct Known {
    AlertFacts facts;
    std::string_view key;
  };

  absl::flat_hash_map<RowNumber, Known> facts_;
  absl::btree_set<Entry, Less> order_;
};

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_ALERT_ORDER_H_

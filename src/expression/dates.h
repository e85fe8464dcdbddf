// Dates and times as files write them.
#ifndef KEYFOLD_EXPRESSION_DATES_H_
#define KEYFOLD_EXPRESSION_DATES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace keyfold {

// One way of writing an instant. Immutable, thread-safe.
class DateFormat {
 public:
  // "iso"       2016-02-29, 2016-02-29 11:29[:30[.5]], with T instead of the space, with Z or +01:00; and what OData
  //             writes: /Date(1451606400000)/
  // "excel"     42429.478 (days since 1899-12-30)
  // "epoch_s", "epoch_ms"   seconds or milliseconds since 1970
  // "%d.%m.%Y %H:%M"        the letters of strptime: Y y m d H I p M S z b B e T F; digits may be missing ("9/2/2016")
  // InvalidArgument: something else.
  static absl::StatusOr<DateFormat> Create(std::string_view text);

  // nullopt: not written like that, or no day of the calendar. Where the text names no offset it is local time in
  // `zone`; a day alone is its first instant there. Of an hour that a zone has twice it is the first one, of one that
  // it skips the instant after it.
  std::optional<absl::Time> Parse(std::string_view text, const absl::TimeZone& zone) const;

  // As Create() was given it.
  const std::string& text() const { return text_; }

 private:
  enum class Kind { kIso, kExcel, kEpochSeconds, kEpochMilliseconds, kPattern };

  DateFormat(Kind kind, std::string_view text, std::string pattern);

  Kind kind_;
  std::string text_;
  std::string pattern_;
  bool joined_ = false;  // two parts of the pattern have nothing between them
};

// The first of the formats that fits.
std::optional<absl::Time> ParseDate(std::string_view text, const std::vector<DateFormat>& formats,
                                    const absl::TimeZone& zone);

// So many months later on the same day of the month, or on the last one if it has none, at the same local time.
absl::Time AddMonths(absl::Time time, int64_t months, const absl::TimeZone& zone);

// So many days later at the same local time.
absl::Time AddDays(absl::Time time, int64_t days, const absl::TimeZone& zone);

}  // namespace keyfold

#endif  // KEYFOLD_EXPRESSION_DATES_H_

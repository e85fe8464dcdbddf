// Why a record was not folded.
#ifndef KEYFOLD_EVENT_REJECTION_H_
#define KEYFOLD_EVENT_REJECTION_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace keyfold {

// docs/events.md, "Wrong input".
enum class RejectionCode { kTooLarge, kUndecodable, kInvalid, kConflict };
inline constexpr size_t kRejectionCodes = 4;

// "too_large", "undecodable", "invalid", "conflict": the error.code header of a dead letter.
std::string_view RejectionCodeName(RejectionCode code);

struct Rejection {
  RejectionCode code = RejectionCode::kInvalid;
  std::string message;  // of kInvalid: "<field>: <what is wrong>"

  static Rejection Invalid(std::string problem) { return {RejectionCode::kInvalid, std::move(problem)}; }
  static Rejection Undecodable(std::string problem) { return {RejectionCode::kUndecodable, std::move(problem)}; }
};

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_REJECTION_H_

#include "event/rejection.h"

namespace keyfold {

std::string_view RejectionCodeName(RejectionCode code) {
  switch (code) {
    case RejectionCode::kTooLarge:
      return "too_large";
    case RejectionCode::kUndecodable:
      return "undecodable";
    case RejectionCode::kInvalid:
      return "invalid";
    case RejectionCode::kConflict:
      return "conflict";
  }
  return "invalid";  // not reached: the cases are all there are
}

}  // namespace keyfold

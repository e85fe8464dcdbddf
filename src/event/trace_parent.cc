#include "event/trace_parent.h"

#include <cstddef>

namespace keyfold {
namespace {

constexpr std::string_view kForm = "vv-tttttttttttttttttttttttttttttttt-pppppppppppppppp-ff";
constexpr std::string_view kZeros = "00000000000000000000000000000000";
constexpr size_t kTraceId = 3;
constexpr size_t kTraceIdSize = 32;
constexpr size_t kParentId = 36;
constexpr size_t kParentIdSize = 16;

bool HasForm(std::string_view text) {
  if (text.size() != kForm.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (kForm[i] == '-' ? text[i] != '-' : !digit) return false;
  }
  return true;
}

}  // namespace

std::string_view TraceParent(std::string_view text) {
  const bool names_trace = HasForm(text) && text.substr(0, 2) != "ff" &&
                           text.substr(kTraceId, kTraceIdSize) != kZeros.substr(0, kTraceIdSize) &&
                           text.substr(kParentId, kParentIdSize) != kZeros.substr(0, kParentIdSize);
  return names_trace ? text : std::string_view();
}

}  // namespace keyfold

#include "fold/cause.h"

#include <algorithm>
#include <vector>

namespace keyfold {

std::string_view EventTypeName(v1::AccountEvent::PayloadCase type) {
  // By number: every update asks.
  static const auto* const names = [] {
    auto* const by_number = new std::vector<std::string_view>();
    const auto* const payloads = v1::AccountEvent::descriptor()->FindOneofByName("payload");
    for (int i = 0; i < payloads->field_count(); ++i) {
      const auto number = static_cast<size_t>(payloads->field(i)->number());
      by_number->resize(std::max(by_number->size(), number + 1));
      (*by_number)[number] = payloads->field(i)->name();
    }
    return by_number;
  }();
  return static_cast<size_t>(type) < names->size() ? (*names)[type] : std::string_view();
}

}  // namespace keyfold
